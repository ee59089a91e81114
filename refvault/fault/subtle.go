package fault

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// subtle are breaches that a vault can have for long before anybody sees them.
func subtle() []Fault {
	key := lazyRSA(2048)
	by := issuer{key: key, name: pkix.Name{CommonName: "Nobody's CA"}}
	shifted := func(id, title string, seconds int64, breaks ...string) Fault {
		shift := func(n int64) any { return n + seconds }
		return bundle(id, title, tamper.All(tamper.MapNumber("attributes.created", shift), tamper.MapNumber("attributes.updated", shift)), breaks...)
	}
	return []Fault{
		pending("csr-key-always-default", "the csr has an RSA key of 2048 bits whatever the policy asks for", tamper.MapText("csr", resignedWith(func(public any) crypto.Signer {
			if wanted, isRSA := public.(*rsa.PublicKey); isRSA && wanted.N.BitLen() != 2048 {
				return key()
			}
			return nil
		})), "create-manually/csr-key"),
		edits("certificate-without-usages", "a self-signed certificate lacks the extended key usages of the policy", tamper.ReadBundle(),
			by.reissued(withoutExtension(oidExtendedKeyUsage), nil), "issue-next-version/self-signed-usages"),
		edits("certificate-of-an-authority", "a self-signed certificate is one of an authority", tamper.ReadBundle(), by.reissued(func(t *x509.Certificate) {
			withoutExtension(oidConstraints)(t)
			t.BasicConstraintsValid, t.IsCA = true, true
		}, nil), "issue-next-version/self-signed"),
		shifted("times-of-another-century", "created and updated are a hundred years early", -100*365*86400, "every-answer/times"),
		shifted("times-to-come", "created and updated are a year late", 365*86400, "every-answer/times"),
		bundle("times-zero", "created and updated are 0", tamper.All(tamper.Set("attributes.created", 0), tamper.Set("attributes.updated", 0)), "every-answer/times"),
		edits("ids-without-port", "ids and links lack the port", tamper.Anything(), tamper.All(
			tamper.MapHeader("Location", tamper.OnURL(withoutPort)), tamper.EditURL("id", withoutPort), tamper.EditURL("target", withoutPort),
			tamper.EditURL("kid", withoutPort), tamper.EditURL("sid", withoutPort)), "request-from-issuer/location-path", "request-from-issuer/operation-id"),
		edits("ids-with-two-slashes", "ids have two slashes after the host", tamper.Anything(), tamper.MapText("id", func(id string) string {
			return strings.Replace(id, "/certificates/", "//certificates/", 1)
		}), "request-from-issuer/operation-id", "every-answer/certificate-id"),
		edits("versions-of-another-name", "the list of versions has another certificate's", tamper.ListVersions(),
			tamper.OnSuccess(tamper.EditURL("value.*.id", otherName)), "read-completed/version-listed", "every-answer/list-id"),
		edits("versions-without-attributes", "the items of a list have no attributes", tamper.ListVersions(), tamper.OnSuccess(tamper.Drop("value.*.attributes")),
			"every-answer/certificate-list"),
		remembers("cancellation-without-token", "a cancellation needs no token", tamper.Anything(), openWithout(tamper.PatchPending()), "authentication/cancel"),
		remembers("import-without-token", "an import needs no token", tamper.Anything(), openWithout(tamper.Import()), "authentication/import"),
		remembers("merge-without-token", "a merge needs no token", tamper.Anything(), openWithout(tamper.Merge()), "authentication/merge"),
		acceptedWhen("cancellation-of-a-failed-request-accepted", "a cancellation of a request that has failed answers 200", tamper.PatchPending(), is("failed"),
			"read-cancelled-or-failed/failed-not-cancellable"),
		edits("version-ids-shared", "all certificates have the same version", tamper.Bundle(), tamper.OnSuccess(tamper.Where(func(a *tamper.Answer) bool {
			return a.Text("cer") != ""
		}, otherVersion)), "issue-next-version/next-current"),
	}
}

func withoutExtension(oid asn1.ObjectIdentifier) func(*x509.Certificate) {
	return func(t *x509.Certificate) {
		request := &x509.CertificateRequest{ExtraExtensions: t.ExtraExtensions}
		dropExtension(oid)(request)
		t.ExtraExtensions = request.ExtraExtensions
	}
}

func withoutPort(u *url.URL) { u.Host = u.Hostname() }

// openWithout serves requests without a token.
func openWithout(on tamper.On) func(*memory, http.Handler, *http.Request) *tamper.Answer {
	return func(m *memory, next http.Handler, r *http.Request) *tamper.Answer {
		m.learn(r)
		a := tamper.Pass(next, r)
		if a.Status == http.StatusUnauthorized && on(r) && tamper.Tokenless()(r) {
			return tamper.Pass(next, m.lend(r))
		}
		return a
	}
}

// acceptedWhen accepts what is refused, by how the name's request stands, and answers with that.
func acceptedWhen(id, title string, on tamper.On, when func(*tamper.Answer) bool, breaks ...string) Fault {
	return acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Answer {
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
