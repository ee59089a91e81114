package refvault

import (
	"crypto"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"
)

// A certificate is all that one name holds: its versions, its one policy, its one operation.
type certificate struct {
	name   string // as it was first written
	policy *policy
	// versions are those that were completed, oldest first. The last one is current.
	versions []*version
	// placeholder stands for the certificate until its first version is completed. It outlives its operation.
	placeholder *version
	operation   *operation
	// rsaKeys are the keys that the name has had; none is used for it twice, unless its policy says so.
	rsaKeys keySet

	phase        phase
	phaseEnds    time.Time // when a passing phase is over
	deleted      time.Time
	purgeAllowed time.Time // when the vault itself purges a deleted certificate
}

// A version is one X.509 certificate with its key, or a placeholder with neither.
type version struct {
	id                  string
	cer                 []byte // DER
	key                 crypto.Signer
	notBefore, notAfter time.Time
	created, updated    time.Time
	enabled             bool
	tags                map[string]string // nil if none were ever sent
	keepOrder           *bool             // nil if it was not sent
	kept                kept
}

func (c *certificate) current() *version {
	if len(c.versions) == 0 {
		return c.placeholder
	}
	return c.versions[len(c.versions)-1]
}

// completed reports whether any version ever was.
func (c *certificate) completed() bool { return len(c.versions) > 0 }

func (c *certificate) versionWithID(id string) *version {
	if c.placeholder != nil && c.placeholder.id == id {
		return c.placeholder
	}
	for _, candidate := range c.versions {
		if candidate.id == id {
			return candidate
		}
	}
	return nil
}

// add makes a finished version the current one.
func (c *certificate) add(added *version) {
	c.versions = append(c.versions, added)
	c.placeholder = nil
}

// bundle is the API's CertificateBundle, and DeletedCertificateBundle where the deletion's members are set.
type bundle struct {
	RecoveryID         string            `json:"recoveryId,omitempty"`
	DeletedDate        int64             `json:"deletedDate,omitempty"`
	ScheduledPurgeDate int64             `json:"scheduledPurgeDate,omitempty"`
	ID                 string            `json:"id"`
	KID                string            `json:"kid,omitempty"`
	SID                string            `json:"sid,omitempty"`
	X5T                string            `json:"x5t,omitempty"`
	CER                []byte            `json:"cer,omitempty"`
	Attributes         attributes        `json:"attributes"`
	Tags               map[string]string `json:"tags,omitzero"`
	PreserveCertOrder  *bool             `json:"preserveCertOrder,omitempty"`
	Policy             *policy           `json:"policy,omitempty"`
	Pending            *pendingLink      `json:"pending,omitempty"`
}

type attributes struct {
	Enabled         bool   `json:"enabled"`
	NotBefore       int64  `json:"nbf,omitempty"`
	Expires         int64  `json:"exp,omitempty"`
	Created         int64  `json:"created"`
	Updated         int64  `json:"updated"`
	RecoveryLevel   string `json:"recoveryLevel,omitempty"`
	RecoverableDays int    `json:"recoverableDays,omitempty"`
}

type pendingLink struct {
	ID string `json:"id"`
}

func (c *call) certificateURL(name string) string { return c.base + "/certificates/" + name }

func (c *call) pendingURL(name string) string { return c.certificateURL(name) + "/pending" }

// attributesOf are a version's attributes; with recovery, those of the vault are among them.
func (v *Vault) attributesOf(c *call, shown *version, recovery bool) attributes {
	a := attributes{
		Enabled: shown.enabled, NotBefore: shown.notBefore.Unix(), Expires: shown.notAfter.Unix(),
		Created: shown.created.Unix(), Updated: shown.updated.Unix(),
	}
	if recovery && c.apiVersion.has("2016-10-01") {
		a.RecoveryLevel = v.recoveryLevel()
	}
	if recovery && c.apiVersion.has("7.0") {
		a.RecoverableDays = v.recoverableDays
	}
	return a
}

func (v *Vault) recoveryLevel() string {
	if v.recoverableDays == 90 {
		return "Recoverable+Purgeable"
	}
	return "CustomizedRecoverable+Purgeable"
}

// versionBundle is what every bundle of a version holds.
func (v *Vault) versionBundle(c *call, cert *certificate, shown *version) *bundle {
	b := &bundle{
		ID:         c.certificateURL(cert.name) + "/" + shown.id,
		Attributes: v.attributesOf(c, shown, true),
		Tags:       shown.tags,
	}
	if shown.cer != nil {
		b.KID = c.base + "/keys/" + cert.name + "/" + shown.id
		b.SID = c.base + "/secrets/" + cert.name + "/" + shown.id
		b.CER = shown.cer
		b.X5T = thumbprint(shown.cer)
		b.PreserveCertOrder = c.order(shown.keepOrder)
	}
	return b
}

// currentBundle is the certificate as its unversioned URL shows it.
func (v *Vault) currentBundle(c *call, cert *certificate) *bundle {
	b := v.versionBundle(c, cert, cert.current())
	b.Policy = c.policyAnswer(cert)
	b.Pending = c.pendingOf(cert)
	return b
}

func (c *call) pendingOf(cert *certificate) *pendingLink {
	if cert.operation == nil {
		return nil
	}
	return &pendingLink{ID: c.pendingURL(cert.name)}
}

func thumbprint(der []byte) string {
	sum := sha1.Sum(der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// getCertificate is GetCertificate, with and without version.
func (v *Vault) getCertificate(c *call) (*response, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	if c.version == "" {
		return ok(v.currentBundle(c, cert)), nil
	}
	shown := cert.versionWithID(c.version)
	if shown == nil {
		return nil, certificateMissing(c.name + "/versions/" + c.version)
	}
	b := v.versionBundle(c, cert, shown)
	// The documentation's example has a policy here; the service leaves it out.
	if v.manner == Documented {
		b.Policy = c.policyAnswer(cert)
	}
	return ok(b), nil
}

type updateParameters struct {
	Attributes requestedAttributes `json:"attributes"`
	Tags       map[string]string   `json:"tags"`
}

// requestedAttributes are those that a client can set. Validity is the X.509's: nbf and exp are read past.
type requestedAttributes struct {
	Enabled *bool `json:"enabled"`
}

// updateCertificate is UpdateCertificate, with and without version. A policy in its body is not looked at: that is
// what UpdateCertificatePolicy is for.
func (v *Vault) updateCertificate(c *call) (*response, error) {
	var body updateParameters
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if err := checkTags(body.Tags); err != nil {
		return nil, err
	}
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	changed := cert.current()
	if c.version != "" {
		changed = cert.versionWithID(c.version)
	}
	if changed == nil {
		return nil, certificateMissing(c.name + "/versions/" + c.version)
	}
	// A placeholder has nothing to enable.
	if body.Attributes.Enabled != nil && changed.cer != nil {
		changed.enabled = *body.Attributes.Enabled
	}
	if body.Tags != nil {
		changed.tags = maps.Clone(body.Tags)
	}
	changed.updated = c.now
	if c.version == "" {
		return ok(v.currentBundle(c, cert)), nil
	}
	b := v.versionBundle(c, cert, changed)
	b.Pending = c.pendingOf(cert)
	return ok(b), nil
}

const maxTags = 15

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return badParameter("The request has %d tags; there can be %d.", len(tags), maxTags)
	}
	return nil
}

// newVersion makes a version of an X.509 certificate, from its DER.
func (v *Vault) newVersion(der []byte, key crypto.Signer, now time.Time) (*version, error) {
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the issued certificate: %w", err)
	}
	return &version{
		id: v.ids.hex(), cer: der, key: key, notBefore: parsed.NotBefore, notAfter: parsed.NotAfter,
		created: now, updated: now, enabled: true,
	}, nil
}

// named returns what is kept under a name, brought up to now; nil if nothing is.
func (v *Vault) named(name string, now time.Time) *certificate {
	cert := v.certificates[strings.ToLower(name)]
	if cert == nil {
		return nil
	}
	v.settle(cert, now)
	if cert.phase == phaseGone {
		delete(v.certificates, strings.ToLower(name))
		return nil
	}
	return cert
}

// live returns the certificate that a call names, unless it is missing or deleted.
func (v *Vault) live(c *call) (*certificate, error) {
	cert := v.named(c.name, c.now)
	if cert == nil || cert.phase != phaseLive {
		return nil, certificateMissing(c.name)
	}
	return cert, nil
}
