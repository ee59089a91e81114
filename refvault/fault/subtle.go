package fault

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/http"
	"net/url"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// subtle are breaches that stay unnoticed for a long time.
func subtle() []Fault {
	key := lazyRSA(2048)
	by := issuer{key: key, name: pkix.Name{CommonName: "Nobody's CA"}}
	return []Fault{
		pending("csr-key-always-default", "the csr has an RSA key of 2048 bits whatever the policy asks for",
			tamper.MapText("csr", resignedWith(func(public any) crypto.Signer {
				if wanted, isRSA := public.(*rsa.PublicKey); isRSA && wanted.N.BitLen() != 2048 {
					return key()
				}
				return nil
			})), "create-manually/csr-key"),
		edits("certificate-without-usages", "a self-signed certificate lacks the extended key usages of the policy",
			tamper.ReadBundle(),
			by.reissued(withoutExtension(oidExtendedKeyUsage), nil), "issue-next-version/self-signed-usages"),
		edits("certificate-of-an-authority", "a self-signed certificate is one of an authority",
			tamper.ReadBundle(), by.reissued(func(t *x509.Certificate) {
				withoutExtension(oidConstraints)(t)
				t.BasicConstraintsValid, t.IsCA = true, true
			}, nil), "issue-next-version/self-signed"),
		edits("merge-location-with-a-version", "the Location of a merge has a version",
			tamper.Merge(), func(a *tamper.Response) {
				if id, err := url.Parse(a.Text("id")); err == nil && a.OK() {
					tamper.MapHeader("Location", tamper.OnURL(func(u *url.URL) { u.Path = id.Path }))(a)
				}
			}, "merge-manual-request/location"),
		remembers("cancellation-without-token", "a cancellation needs no token",
			tamper.Anything(), openWithout(tamper.PatchPending()), "authentication/cancel"),
		remembers("import-without-token", "an import needs no token",
			tamper.Anything(), openWithout(tamper.Import()), "authentication/import"),
		remembers("merge-without-token", "a merge needs no token",
			tamper.Anything(), openWithout(tamper.Merge()), "authentication/merge"),
		acceptedWhen("cancellation-of-a-failed-request-accepted", "a cancellation of a request that has failed returns 200",
			tamper.PatchPending(), is("failed"),
			"read-cancelled-or-failed/failed-not-cancellable"),
	}
}

func withoutExtension(oid asn1.ObjectIdentifier) func(*x509.Certificate) {
	return func(t *x509.Certificate) {
		request := &x509.CertificateRequest{ExtraExtensions: t.ExtraExtensions}
		dropExtension(oid)(request)
		t.ExtraExtensions = request.ExtraExtensions
	}
}

// openWithout serves requests without a token.
func openWithout(on tamper.On) func(*memory, http.Handler, *http.Request) *tamper.Response {
	return func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
		m.learn(r)
		a := tamper.Pass(next, r)
		if a.Status == http.StatusUnauthorized && on(r) && tamper.Tokenless()(r) {
			return tamper.Pass(next, m.lend(r))
		}
		return a
	}
}

// acceptedWhen builds a fault that returns 200 and the operation instead of a refusal, in some states of the operation.
func acceptedWhen(id, title string, on tamper.On, when func(*tamper.Response) bool, breaks ...string) Fault {
	return acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		if a.OK() {
			return a
		}
		if now := tamper.Ask(next, r, http.MethodGet, "/pending", nil); when(now) {
			return now
		}
		return a
	}, breaks...)
}
