package variant

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// companions are keys and secrets that say more, are written otherwise, or are refused otherwise.
func companions() []Variant {
	key, secret := tamper.ReadKey(), tamper.ReadSecret()
	value := func(id, title string, to func(value string) string) Variant {
		return edits(id, title, secret, tamper.OnSuccess(tamper.MapText("value", to)))
	}
	disabled := func(a *tamper.Response) bool {
		attributes, _ := a.Object()["attributes"].(map[string]any)
		return a.OK() && attributes["enabled"] == false
	}
	return []Variant{
		edits("companion-key-in-hardware", "the type of a key says that it is in a hardware module", key,
			tamper.OnSuccess(tamper.MapText("key.kty", func(kind string) string { return kind + "-HSM" }))),
		edits("companion-key-does-more", "a key has operations beyond those of its usage", key,
			tamper.OnSuccess(tamper.Map("key.key_ops", func(value any) any {
				operations, _ := value.([]any)
				return append(operations, "import")
			}))),
		edits("companion-says-more", "keys and secrets have members that nobody knows", key.Or(secret),
			tamper.OnSuccess(tamper.Set("hsmPlatform", "1"), tamper.Set("tags", map[string]any{}), tamper.Set("attributes.exportable", false))),
		edits("companion-key-of-disabled-refused", "the key of a disabled certificate is refused", key,
			tamper.Where(disabled, refused(http.StatusForbidden, "Forbidden"))),
		edits("companion-changes-not-allowed", "a change of a key or a secret is a method that is not allowed", tamper.ChangeCompanion(),
			tamper.OnStatus(http.StatusForbidden, refused(http.StatusMethodNotAllowed, "MethodNotAllowed"))).
			warns("companions/changes-status", "companions/changes-code"),
		edits("companion-deleted-gone", "the key and the secret of a deleted certificate are gone", key.Or(secret),
			tamper.OnStatus(http.StatusNotFound, tamper.Status(http.StatusGone))),
		value("companion-pkcs12-newer", "a PKCS#12 has the newer ciphers", func(value string) string { return encoded(value, pkcs12.Modern2023) }),
		value("companion-pkcs12-plain", "a PKCS#12 is not encrypted", func(value string) string { return encoded(value, pkcs12.Passwordless) }),
		value("companion-pem-certificate-first", "the key is the last block of a PEM, and lines end as on Windows", func(value string) string {
			first, rest := pem.Decode([]byte(value))
			if first == nil || first.Type != "PRIVATE KEY" {
				return value
			}
			return strings.ReplaceAll(string(rest)+string(pem.EncodeToMemory(first)), "\n", "\r\n")
		}),
	}
}

// refused makes a response a refusal.
func refused(status int, code string) tamper.Edit {
	return func(a *tamper.Response) {
		a.Status = status
		a.SetObject(map[string]any{"error": map[string]any{"code": code, "message": "It is not allowed."}})
	}
}

// encoded writes a PKCS#12 anew; a value that is none stays.
func encoded(value string, encoder *pkcs12.Encoder) string {
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return value
	}
	var file []byte
	if key, leaf, chain, err := pkcs12.DecodeChain(der, ""); err == nil {
		file, err = encoder.Encode(key, leaf, chain, "")
		if err != nil {
			return value
		}
		return base64.StdEncoding.EncodeToString(file)
	}
	var certificates []*x509.Certificate
	if certificates, err = pkcs12.DecodeTrustStore(der, ""); err != nil {
		return value
	}
	if file, err = encoder.EncodeTrustStore(certificates, ""); err != nil {
		return value
	}
	return base64.StdEncoding.EncodeToString(file)
}
