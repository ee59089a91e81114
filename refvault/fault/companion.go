package fault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// companions are keys and secrets that are not those of their certificate, or do not live as it does.
func companions() []Fault {
	return slices.Concat(secretValues(), companionReads(), companionLives(), companionChanges(), takenNames())
}

// opened is the value of a secret: a key, nil if there is none, and certificates with the leaf first.
type opened struct {
	key    crypto.PrivateKey
	chain  []*x509.Certificate
	asPEM  bool
	failed bool
}

func openSecret(value string) opened {
	if strings.Contains(value, "-----BEGIN ") {
		o := opened{asPEM: true}
		for block, rest := pem.Decode([]byte(value)); block != nil; block, rest = pem.Decode(rest) {
			if block.Type == "PRIVATE KEY" {
				o.key, _ = x509.ParsePKCS8PrivateKey(block.Bytes)
			} else if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
				o.chain = append(o.chain, cert)
			}
		}
		return o
	}
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return opened{failed: true}
	}
	key, leaf, chain, err := pkcs12.DecodeChain(der, "")
	if err == nil {
		return opened{key: key, chain: append([]*x509.Certificate{leaf}, chain...)}
	}
	certs, err := pkcs12.DecodeTrustStore(der, "")
	return opened{chain: certs, failed: err != nil}
}

// file writes the value as a PKCS#12.
func (o opened) file(password string) string {
	var der []byte
	var err error
	encoder := pkcs12.LegacyDES.WithIterations(1)
	if o.key == nil {
		der, err = encoder.EncodeTrustStore(o.chain, password)
	} else {
		der, err = encoder.Encode(o.key, o.chain[0], o.chain[1:], password)
	}
	if err != nil {
		return "" // every value here was a file before
	}
	return base64.StdEncoding.EncodeToString(der)
}

// text writes the value as PEM, its key as a block of a type.
func (o opened) text(keyType string) string {
	var text strings.Builder
	if o.key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(o.key)
		if key, elliptic := o.key.(*ecdsa.PrivateKey); elliptic && keyType == "EC PRIVATE KEY" {
			der, err = x509.MarshalECPrivateKey(key)
		}
		if err == nil {
			_ = pem.Encode(&text, &pem.Block{Type: keyType, Bytes: der})
		}
	}
	for _, cert := range o.chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	}
	return text.String()
}

func (o opened) write() string {
	if o.asPEM {
		return o.text("PRIVATE KEY")
	}
	return o.file("")
}

// stranger is a key with a certificate that belongs to nobody.
func stranger() (*ecdsa.PrivateKey, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a stranger"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	cert, _ := x509.ParseCertificate(der) // it was made here
	return key, cert
}

// secretValues are values that lack something, have something of another certificate, or have a key that may not leave. No
// exchange keeps a value, so that these faults show in a vault only.
func secretValues() []Fault {
	const of = "companions/"
	value := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		edit = tamper.OnSuccess(edit)
		f := acts(id, title, tamper.ReadSecret(), func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			edit(a)
			return a
		}, breaks...)
		f.Alters = edit.Alters
		return f
	}
	rewrite := func(id, title string, change func(o opened) (string, bool), breaks ...string) Fault {
		return value(id, title, tamper.MapText("value", func(value string) string {
			o := openSecret(value)
			if o.failed || len(o.chain) == 0 {
				return value
			}
			if changed, does := change(o); does {
				return changed
			}
			return value
		}), breaks...)
	}
	return []Fault{
		value("secret-without-value", "a secret has no value", tamper.Drop("value"), of+"secret-opens", of+"pem-opens"),
		value("secret-empty", "the value of a secret is empty", tamper.Set("value", ""), of+"secret-opens", of+"pem-opens"),
		value("secret-cut-short", "the value of a secret is cut short", tamper.MapText("value", func(value string) string {
			return value[:len(value)/2]
		}), of+"secret-opens", of+"pem-opens"),
		value("secret-in-base64url", "the value of a secret is in base64url without padding", tamper.MapText("value", func(value string) string {
			return strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(value)
		}), of+"secret-opens"),
		rewrite("secret-with-a-password", "the PKCS#12 of a secret has a password", func(o opened) (string, bool) {
			return o.file("password"), !o.asPEM
		}, of+"secret-opens", of+"import-password"),
		rewrite("secret-is-pem-anyway", "every secret is PEM", func(o opened) (string, bool) {
			return o.text("PRIVATE KEY"), !o.asPEM
		}, of+"secret-opens"),
		rewrite("secret-is-pkcs-12-anyway", "every secret is a PKCS#12", func(o opened) (string, bool) {
			return o.file(""), o.asPEM
		}, of+"pem-opens"),
		rewrite("secret-of-a-stranger", "a secret has another certificate", func(o opened) (string, bool) {
			_, cert := stranger()
			o.chain = []*x509.Certificate{cert}
			return o.write(), true
		}, of+"secret-leaf", of+"pem-leaf", of+"not-exportable-leaf", of+"pem-not-exportable-leaf"),
		rewrite("secret-without-chain", "a secret has the certificate alone", func(o opened) (string, bool) {
			o.chain = o.chain[:1]
			return o.write(), true
		}, of+"secret-chain"),
		rewrite("secret-without-key", "no secret has the private key", func(o opened) (string, bool) {
			o.key = nil
			return o.write(), true
		}, of+"secret-key", of+"pem-key", of+"import-key"),
		rewrite("secret-with-a-strange-key", "a secret has another private key", func(o opened) (string, bool) {
			had := o.key != nil
			o.key, _ = stranger()
			return o.write(), had
		}, of+"secret-key", of+"pem-key", of+"import-key"),
		rewrite("secret-always-with-key", "a key that is not exportable leaves the vault", func(o opened) (string, bool) {
			had := o.key != nil
			o.key, _ = stranger()
			return o.write(), !had
		}, of+"not-exportable", of+"pem-not-exportable"),
		rewrite("pem-key-not-pkcs-8", "the key in a PEM is in the form of EC keys alone", func(o opened) (string, bool) {
			return o.text("EC PRIVATE KEY"), o.asPEM && o.key != nil
		}, of+"pem-key"),
		rewrite("pem-without-certificate", "a PEM has the key alone", func(o opened) (string, bool) {
			o.chain = nil
			return o.text("PRIVATE KEY"), o.asPEM && o.key != nil
		}, of+"pem-leaf"),
		rewrite("pem-in-base64", "a PEM is in base64", func(o opened) (string, bool) {
			return base64.StdEncoding.EncodeToString([]byte(o.text("PRIVATE KEY"))), o.asPEM
		}, of+"pem-opens"),
	}
}

// nameless reports whether a request names no version.
func nameless(r *http.Request) bool {
	return len(strings.Split(strings.Trim(r.URL.Path, "/"), "/")) == 2
}

// companionReads are reads by name and without a token.
func companionReads() []Fault {
	const of = "companions/"
	missing := func(code string) func(http.Handler, *http.Request) *tamper.Response {
		return func(_ http.Handler, r *http.Request) *tamper.Response { return refusal(r, http.StatusNotFound, code) }
	}
	open := func(id, title string, on tamper.On, breaks string) Fault {
		return remembers(id, title, on, func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			m.learn(r)
			if tamper.Tokenless()(r) {
				return tamper.Pass(next, m.lend(r))
			}
			return tamper.Pass(next, r)
		}, breaks)
	}
	// Every response has a member of the first one.
	swap := func(id, title string, on tamper.On, member string, breaks ...string) Fault {
		return remembers(id, title, on, func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			if other := m.first("", a); a.OK() && other != a {
				if value, there := other.Object()[member]; there {
					tamper.Set(member, value)(a)
				}
			}
			return a
		}, breaks...)
	}
	return []Fault{
		acts("key-not-found-by-name", "a key is found by its version only", tamper.ReadKey().And(nameless), missing("KeyNotFound"), of+"key-by-name"),
		acts("secret-not-found-by-name", "a secret is found by its version only", tamper.ReadSecret().And(nameless), missing("SecretNotFound"), of+"secret-by-name"),
		open("key-open", "a key is returned without a token", tamper.ReadKey(), of+"key-without-token"),
		open("secret-open", "a secret is returned without a token", tamper.ReadSecret(), of+"secret-without-token"),
		swap("one-key-for-all", "every key is the first that was read", tamper.ReadKey(), "key", of+"next-key"),
		swap("one-secret-for-all", "every secret has the value of the first that was read", tamper.ReadSecret(), "value", of+"next-secret"),
		edits("key-without-exponent", "the key has no exponent", tamper.ReadKey(), tamper.OnSuccess(tamper.Drop("key.e")), of+"key-public"),
		edits("key-padded", "the numbers of a key are padded standard base64", tamper.ReadKey(), tamper.OnSuccess(tamper.MapText("key.n", func(text string) string {
			number, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil {
				return text
			}
			return base64.StdEncoding.EncodeToString(number)
		})), of+"key-public"),
	}
}

// companionLives are keys and secrets that do not go the way of their certificate.
func companionLives() []Fault {
	const of = "companions/"
	everything := tamper.ReadKey().Or(tamper.ReadSecret()).Or(tamper.DeleteCertificate()).Or(tamper.Recover()).Or(tamper.Create()).
		Or(tamper.Merge()).Or(tamper.PatchPolicy()).Or(tamper.UpdateCertificate())
	name := func(r *http.Request) string { return strings.ToLower(tamper.CompanionName(r)) }
	live := func(id, title string, act func(m *memory, name string, a *tamper.Response) *tamper.Response, breaks ...string) Fault {
		f := remembers(id, title, everything, func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			return act(m, name(r), tamper.Pass(next, r))
		}, breaks...)
		f.On = tamper.ReadKey().Or(tamper.ReadSecret()) // the other requests are only remembered
		return f
	}
	outlives := func(id, title string, on tamper.On, breaks string) Fault {
		return live(id, title, func(m *memory, _ string, a *tamper.Response) *tamper.Response {
			switch {
			case !on(a.Request):
			case a.OK():
				m.keep(a.Request.URL.Path, a)
			case a.Status == http.StatusNotFound && m.kept(a.Request.URL.Path) != nil:
				return m.kept(a.Request.URL.Path)
			}
			return a
		}, breaks)
	}
	stays := func(id, title string, on tamper.On, breaks string) Fault {
		return live(id, title, func(m *memory, name string, a *tamper.Response) *tamper.Response {
			if tamper.DeleteCertificate()(a.Request) && a.OK() {
				m.mark(name)
			}
			if on(a.Request) && m.marked(name) {
				return refusal(a.Request, http.StatusNotFound, "NotFound")
			}
			return a
		}, breaks)
	}
	during := func(id, title string, on tamper.On, breaks string) Fault {
		return live(id, title, func(m *memory, name string, a *tamper.Response) *tamper.Response {
			switch {
			case tamper.Create()(a.Request) && a.OK():
				m.mark(name)
			case tamper.Merge()(a.Request) && a.OK():
				m.mark(name + " merged")
			case on(a.Request) && nameless(a.Request) && m.marked(name+" merged") && m.marked(name+" again"):
				return refusal(a.Request, http.StatusNotFound, "NotFound")
			}
			if tamper.Create()(a.Request) && m.marked(name+" merged") {
				m.mark(name + " again")
			}
			return a
		}, breaks)
	}
	return []Fault{
		outlives("key-outlives-its-certificate", "the key of a deleted certificate can still be read", tamper.ReadKey(), of+"deleted-key"),
		outlives("secret-outlives-its-certificate", "the secret of a deleted certificate can still be read", tamper.ReadSecret(), of+"deleted-secret"),
		stays("key-stays-deleted", "the key of a recovered certificate is gone", tamper.ReadKey(), of+"recovered-key"),
		stays("secret-stays-deleted", "the secret of a recovered certificate is gone", tamper.ReadSecret(), of+"recovered-secret"),
		during("key-away-while-in-progress", "there is no key while the next version is in progress", tamper.ReadKey(), of+"in-progress-key"),
		during("secret-away-while-in-progress", "there is no secret while the next version is in progress", tamper.ReadSecret(), of+"in-progress-secret"),
		disabledSecretServed(),
		live("disabled-secret-for-good", "a secret that was disabled stays so", func(m *memory, name string, a *tamper.Response) *tamper.Response {
			if tamper.ReadSecret()(a.Request) && a.Status == http.StatusForbidden {
				m.mark(name)
			}
			if tamper.ReadSecret()(a.Request) && m.marked(name) {
				return refusal(a.Request, http.StatusForbidden, "Forbidden")
			}
			return a
		}, of+"enabled-secret"),
		live("policy-changes-the-secret", "a secret has the contentType of the policy as it is now", func(m *memory, name string, a *tamper.Response) *tamper.Response {
			if tamper.PatchPolicy()(a.Request) && a.OK() {
				m.mark(name)
			}
			if tamper.ReadSecret()(a.Request) && m.marked(name) {
				tamper.OnSuccess(tamper.Set("contentType", "application/x-pem-file"))(a)
			}
			return a
		}, of+"policy-change"),
		live("previous-secret-replaced", "the secret of every version is that of the last one", func(m *memory, name string, a *tamper.Response) *tamper.Response {
			if !tamper.ReadSecret()(a.Request) || !a.OK() {
				return a
			}
			at := a.Request.URL.Path
			if !m.marked(at) {
				m.mark(at)
				m.keep(name, a)
			}
			if last := m.kept(name); last != nil {
				tamper.Set("value", last.Object()["value"])(a)
			}
			return a
		}, of+"previous-secret"),
	}
}

// disabledSecretServed enables the certificate of a disabled secret for as long as it takes to read it.
func disabledSecretServed() Fault {
	return acts("disabled-secret-returned", "the secret of a disabled certificate is returned", tamper.ReadSecret(),
		func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			if a.Status != http.StatusForbidden || nameless(r) {
				return a
			}
			path := strings.Replace(r.URL.Path, "/secrets/", "/certificates/", 1)
			set := func(enabled bool) {
				tamper.AskPath(next, r, http.MethodPatch, path, map[string]any{"attributes": map[string]any{"enabled": enabled}})
			}
			set(true)
			a = tamper.Pass(next, r)
			set(false)
			return a
		}, "companions/disabled-secret")
}

// companionChanges are changes of a key or a secret that are carried out, or only seem to be.
func companionChanges() []Fault {
	const of = "companions/"
	accepted := func(id, title string, on tamper.On, breaks string) Fault {
		return edits(id, title, on, tamper.OnStatus(http.StatusForbidden, tamper.Status(http.StatusOK), func(a *tamper.Response) {
			a.SetObject(map[string]any{"attributes": map[string]any{"enabled": true}})
		}), breaks)
	}
	secret := tamper.Operation("", "/secrets/[^/]+")
	put, gone := tamper.On(func(r *http.Request) bool { return r.Method == http.MethodPut }), tamper.On(func(r *http.Request) bool { return r.Method == http.MethodDelete })
	refusedAndDone := func(id, title string, on tamper.On) Fault {
		return remembers(id, title, on.Or(tamper.ReadKey()).Or(tamper.ReadSecret()), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, r)
			name := strings.ToLower(tamper.CompanionName(r))
			kind := strings.Contains(r.URL.Path, "/keys/")
			key := map[bool]string{true: "key ", false: "secret "}[kind] + name
			if r.Method == http.MethodDelete && a.Status == http.StatusForbidden {
				m.mark(key)
			}
			if r.Method == http.MethodGet && m.marked(key) {
				return refusal(r, http.StatusNotFound, "NotFound")
			}
			return a
		}, of+"changes-nothing")
	}
	key := tamper.Operation("", "/keys/[^/]+")
	return []Fault{
		accepted("secret-set-by-hand", "the secret of a certificate can be set", secret.And(put), of+"set-secret"),
		accepted("secret-deleted-by-hand", "the secret of a certificate can be deleted", secret.And(gone), of+"delete-secret"),
		accepted("key-deleted-by-hand", "the key of a certificate can be deleted", key.And(gone), of+"delete-key"),
		refusedAndDone("secret-deletion-refused-and-done", "the deletion of a secret is refused and carried out anyway", secret.And(gone)),
		refusedAndDone("key-deletion-refused-and-done", "the deletion of a key is refused and carried out anyway", key.And(gone)),
	}
}
