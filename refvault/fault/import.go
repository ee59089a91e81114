package fault

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"net/http"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// imports are imports that are refused or accepted wrongly, and imports that do not do what they say.
func imports() []Fault {
	on := tamper.Import()
	list := []Fault{
		remembers("import-leaves-a-request", "an import leaves a completed request behind", on.Or(tamper.ReadPending()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				imported := m.kept(tamper.Name(r))
				switch {
				case on(r) && a.OK():
					m.keep(tamper.Name(r), a)
				case tamper.ReadPending()(r) && a.Status == http.StatusNotFound && imported != nil:
					a.Status = http.StatusOK
					a.SetObject(map[string]any{
						"id": base(imported.Text("id")) + "/pending", "issuer": map[string]any{"name": "Unknown"}, "csr": "",
						"cancellation_requested": false, "status": "completed", "target": base(imported.Text("id")),
						"request_id": strings.Repeat("1", 32),
					})
				}
				return a
			}, "import-certificate/no-pending-object"),
		edits("import-names-a-request", "the bundle of an import names a pending object",
			on, tamper.OnSuccess(func(a *tamper.Response) {
				tamper.Set("pending", map[string]any{"id": base(a.Text("id")) + "/pending"})(a)
			}), "import-certificate/no-pending-member"),
		{
			ID: "import-not-stored", Title: "an import gets the right response; the certificate stays what it was",
			Breaks: []string{"import-certificate/current"}, On: on.Or(tamper.ReadCertificate()), Wrap: stale(on),
		},
		{
			ID: "refused-import-stored", Title: "an import that is refused makes a version anyway",
			Breaks: []string{"import-certificate/refused-unchanged"}, On: on.Or(tamper.ReadCertificate()),
			Wrap: shadowing(on, http.StatusBadRequest, tamper.ReadCertificate(), otherVersion),
		},
		thenOn("refused-import-deletes", "an import that is refused deletes the certificate", on, http.StatusBadRequest,
			func(next http.Handler, a *tamper.Response) { tamper.Ask(next, a.Request, http.MethodDelete, "", nil) },
			"import-certificate/refused-unchanged"),
		acts("import-only-new-names", "an import under an existing name is refused",
			on, func(next http.Handler, r *http.Request) *tamper.Response {
				if now := tamper.Ask(next, r, http.MethodGet, "", nil); now.OK() && now.Text("cer") != "" {
					return refusal(r, http.StatusConflict, "Conflict")
				}
				return tamper.Pass(next, r)
			}, "import-certificate/again"),
		edits("import-answers-an-operation", "an import returns a certificate operation",
			on, tamper.OnSuccess(func(a *tamper.Response) {
				a.SetObject(map[string]any{"id": base(a.Text("id")) + "/pending", "status": "completed",
					"request_id": strings.Repeat("1", 32)})
			}), "import-certificate/complete", "import-certificate/cer", "import-certificate/identifiers"),
	}
	for _, wrongly := range []struct {
		id, title, rule string
		when            func(a *tamper.Response) bool
	}{
		{"import-of-pkcs1-accepted", "an import of PEM with a PKCS#1 key is accepted", "pkcs1-refused",
			sentHas("RSA PRIVATE KEY")},
		{"import-of-an-encrypted-key-accepted", "an import of PEM with an encrypted key is accepted", "encrypted-refused",
			sentHas("ENCRYPTED PRIVATE KEY")},
		{"import-of-nothing-accepted", "an import without a value is accepted", "value-missing", func(a *tamper.Response) bool {
			value, _ := a.SentObject()["value"].(string)
			return value == ""
		}},
		{"import-without-key-accepted", "an import of a certificate without its key is accepted", "private-key-missing",
			func(a *tamper.Response) bool {
				return sentHas("BEGIN CERTIFICATE")(a) && !sentHas("PRIVATE KEY")(a)
			}},
		{"import-of-garbage-accepted", "every import that would be refused is accepted", "garbage",
			func(*tamper.Response) bool { return true }},
	} {
		rules := []string{"import-certificate/" + wrongly.rule}
		if wrongly.rule == "garbage" {
			rules = append(rules, "import-certificate/password-wrong", "import-certificate/expired", "import-certificate/password-length")
		}
		list = append(list, edits(wrongly.id, wrongly.title, on, tamper.OnStatus(http.StatusBadRequest,
			tamper.Where(wrongly.when, func(a *tamper.Response) {
				a.Status = http.StatusOK
				a.SetObject(map[string]any{"attributes": map[string]any{"enabled": true}})
			})), rules...))
	}
	return list
}

func sentHas(text string) func(*tamper.Response) bool {
	return func(a *tamper.Response) bool { return bytes.Contains(a.Sent, []byte(text)) }
}

// pfx is what a fault knows of a PFX that was sent.
type pfx struct {
	certificates     int
	elliptic, modern bool
	key              any
}

// sentPFX reads the PFX of an import; there is nothing in it where another format was sent.
func sentPFX(a *tamper.Response) pfx {
	value, _ := a.SentObject()["value"].(string)
	password, _ := a.SentObject()["pwd"].(string)
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return pfx{}
	}
	key, _, chain, err := pkcs12.DecodeChain(der, password)
	if err != nil {
		return pfx{}
	}
	_, elliptic := key.(*ecdsa.PrivateKey)
	pbes2 := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d} // 1.2.840.113549.1.5.13
	return pfx{key: key, certificates: 1 + len(chain), elliptic: elliptic, modern: bytes.Contains(der, pbes2)}
}

func isPEM(a *tamper.Response) bool { return a.OK() && sentHas("BEGIN")(a) }

// base is the URL of a certificate without its version.
func base(id string) string {
	if i := strings.LastIndex(id, "/"); i > 0 {
		return id[:i]
	}
	return id
}
