package refvault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// standalone is a key or a secret that belongs to no certificate. No certificate can be made under its name, and that is all
// that the vault keeps it for: it has one version and no attributes of its own.
type standalone struct {
	kind string // keys or secrets
	name string
	id   string
	// value is that of a secret.
	value string
	// key is the public half of a key, whose private half nobody needs.
	key     jsonWebKey
	created int64
	deleted bool
}

// kindOf is the first segment of a call's path: keys or secrets, of deleted ones too.
func kindOf(c *call) string {
	segments, _ := pathSegments(c.request.URL) // they were split before
	return strings.TrimPrefix(strings.ToLower(segments[0]), "deleted")
}

func standaloneAt(kind, name string) string { return kind + "/" + strings.ToLower(name) }

// refuseTaken refuses a new certificate whose name a key or a secret of its own has.
func (v *Vault) refuseTaken(cert *certificate, name string) error {
	if cert != nil {
		return nil
	}
	for _, kind := range []string{"keys", "secrets"} {
		if taken := v.standalones[standaloneAt(kind, name)]; taken != nil {
			return conflict("", "The name %s is that of one of the %s, which belongs to no certificate.", name, kind)
		}
	}
	return nil
}

// ofCertificate refuses to make a key or a secret under the name of a certificate.
func (v *Vault) ofCertificate(c *call) error {
	if _, _, err := v.companion(c); err == nil {
		_, err = v.changeCompanion(c)
		return err
	}
	return nil
}

// setSecret is SetSecret.
func (v *Vault) setSecret(c *call) (*response, error) {
	if err := v.ofCertificate(c); err != nil {
		return nil, err
	}
	var body struct {
		Value string `json:"value"`
	}
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	made := &standalone{kind: "secrets", name: c.name, id: v.ids.hex(), value: body.Value, created: c.now.Unix()}
	v.standalones[standaloneAt(made.kind, c.name)] = made
	return ok(made.bundle(c)), nil
}

// createKey is CreateKey. Whatever is asked for, the key is on P-256.
func (v *Vault) createKey(c *call) (*response, error) {
	if err := v.ofCertificate(c); err != nil {
		return nil, err
	}
	made := &standalone{kind: "keys", name: c.name, id: v.ids.hex(), created: c.now.Unix()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	url, half := base64.RawURLEncoding.EncodeToString, len(point)/2
	made.key = jsonWebKey{
		KID: c.base + "/keys/" + c.name + "/" + made.id, Type: "EC", Curve: "P-256", Operations: []string{"sign", "verify"},
		X: url(point[1 : 1+half]), Y: url(point[1+half:]),
	}
	v.standalones[standaloneAt(made.kind, c.name)] = made
	return ok(made.bundle(c)), nil
}

// readStandalone returns a key or a secret of its own if the call names one.
func (v *Vault) readStandalone(c *call) (*response, bool) {
	found := v.standalones[standaloneAt(kindOf(c), c.name)]
	if found == nil || found.deleted || c.version != "" && c.version != found.id {
		return nil, false
	}
	return ok(found.bundle(c)), true
}

// deleteCompanion deletes a key or a secret of its own, and refuses to delete that of a certificate.
func (v *Vault) deleteCompanion(c *call) (*response, error) {
	found := v.standalones[standaloneAt(kindOf(c), c.name)]
	if found == nil || found.deleted {
		return v.changeCompanion(c)
	}
	found.deleted = true
	bundle := found.bundle(c)
	bundle["recoveryId"] = c.base + "/deleted" + found.kind + "/" + found.name
	return ok(bundle), nil
}

// purgeStandalone is PurgeDeletedKey and PurgeDeletedSecret.
func (v *Vault) purgeStandalone(c *call) (*response, error) {
	at := standaloneAt(kindOf(c), c.name)
	if found := v.standalones[at]; found == nil || !found.deleted {
		return nil, companionMissing(c)
	}
	delete(v.standalones, at)
	return &response{status: http.StatusNoContent}, nil
}

func (s *standalone) bundle(c *call) map[string]any {
	bundle := map[string]any{"attributes": attributes{Enabled: true, Created: s.created, Updated: s.created}}
	if s.kind == "keys" {
		bundle["key"] = s.key
		return bundle
	}
	bundle["id"], bundle["value"] = c.base+"/secrets/"+s.name+"/"+s.id, s.value
	return bundle
}
