package fault

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" // x5t is defined as one
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// chainOf is the x5c of a merge.
func chainOf(a *tamper.Response) []any {
	chain, _ := a.SentObject()["x5c"].([]any)
	return chain
}

// firstCertificate is the first of a merge's x5c, "" where there is none.
func firstCertificate(a *tamper.Response) string {
	chain := chainOf(a)
	if len(chain) == 0 {
		return ""
	}
	first, _ := chain[0].(string)
	return first
}

// parsed reads a certificate in base64, nil where it is none.
func parsed(text string) *x509.Certificate {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return certificate
}

// thumbprint is the x5t of a certificate in base64.
func thumbprint(cer string) []byte {
	der, err := base64.StdEncoding.DecodeString(cer)
	if err != nil {
		return nil
	}
	sum := sha1.Sum(der)
	return sum[:]
}

// withCertificate puts another certificate into a bundle, with its thumbprint and validity.
func withCertificate(cer string) tamper.Edit {
	return func(a *tamper.Response) {
		certificate := parsed(cer)
		if certificate == nil {
			return
		}
		tamper.All(
			tamper.Set("cer", cer),
			tamper.Set("x5t", base64.RawURLEncoding.EncodeToString(thumbprint(cer))),
			tamper.Set("attributes.nbf", certificate.NotBefore.Unix()),
			tamper.Set("attributes.exp", certificate.NotAfter.Unix()),
		)(a)
	}
}

// issuer signs certificates again, with the key of an authority of its own.
type issuer struct {
	key  func() crypto.Signer
	name pkix.Name
}

// reissued replaces the certificate of a bundle by a changed one that the issuer signs; choose may give it another key.
func (i issuer) reissued(change func(*x509.Certificate), choose func() crypto.Signer) tamper.Edit {
	return func(a *tamper.Response) {
		original := parsed(a.Text("cer"))
		if original == nil || !a.OK() {
			return
		}
		template := &x509.Certificate{
			SerialNumber: original.SerialNumber, RawSubject: original.RawSubject,
			NotBefore: original.NotBefore, NotAfter: original.NotAfter,
		}
		for _, extension := range original.Extensions {
			// The key identifiers are made anew.
			if !extension.Id.Equal([]int{2, 5, 29, 14}) && !extension.Id.Equal([]int{2, 5, 29, 35}) {
				template.ExtraExtensions = append(template.ExtraExtensions, extension)
			}
		}
		if change != nil {
			change(template)
		}
		parent := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: i.name}
		signer, public := i.key(), original.PublicKey
		if choose != nil {
			own := choose()
			signer, public, parent = own, own.Public(), template
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
		if err != nil {
			return
		}
		withCertificate(base64.StdEncoding.EncodeToString(der))(a)
	}
}

// issuedAnyhow puts a certificate into a bundle that has none.
func issuedAnyhow(key func() crypto.Signer) tamper.Edit {
	return func(a *tamper.Response) {
		if a.Text("cer") != "" || !a.OK() {
			return
		}
		id := a.Text("id")
		tamper.All(
			tamper.Set("kid", strings.Replace(id, "/certificates/", "/keys/", 1)),
			tamper.Set("sid", strings.Replace(id, "/certificates/", "/secrets/", 1)),
			tamper.Set("attributes.enabled", true),
			withCertificate(base64.StdEncoding.EncodeToString(selfSigned(key(), "issued.invalid"))),
		)(a)
	}
}

// certificates are X.509 certificates that differ from the policy.
func certificates() []Fault {
	key := lazyRSA(2048)
	by := issuer{key: key, name: pkix.Name{CommonName: "Nobody's CA"}}
	current := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.ReadBundle(), edit, breaks...)
	}
	return []Fault{
		current("self-signed-by-another", "a certificate of the issuer Self is signed by an authority", by.reissued(nil, nil),
			"issue-next-version/self-signed"),
		current("certificate-of-another-key", "the certificate has another key than the csr", by.reissued(nil, key),
			"read-completed/public-key", "issue-next-version/self-signed-key"),
		current("certificate-of-another-subject", "the certificate has another subject than the policy",
			by.reissued(func(t *x509.Certificate) { t.RawSubject = named("another.example.com") }, nil),
			"issue-next-version/self-signed-subject"),
		current("certificate-without-names", "the certificate lacks the alternative names of the policy",
			by.reissued(func(t *x509.Certificate) {
				request := &x509.CertificateRequest{ExtraExtensions: t.ExtraExtensions}
				dropExtension(oidAlternativeNames)(request)
				t.ExtraExtensions = request.ExtraExtensions
			}, nil), "issue-next-version/self-signed-names"),
		current("certificate-valid-for-a-year", "every certificate is valid for a year, whatever the policy asks for",
			by.reissued(func(t *x509.Certificate) { t.NotAfter = t.NotBefore.AddDate(1, 0, 0) }, nil),
			"issue-next-version/self-signed-validity"),
		current("certificate-valid-for-ever", "every certificate is valid forever",
			by.reissued(func(t *x509.Certificate) { t.NotAfter = time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC) }, nil),
			"issue-next-version/self-signed-validity"),
		current("certificate-changes-at-every-read", "every read shows a certificate that was just made",
			by.reissued(func(t *x509.Certificate) { t.SerialNumber = big.NewInt(time.Now().UnixNano()) }, nil),
			"every-answer/version-kept", "merge-manual-request/readable-version", "import-certificate/again-earlier",
			"issue-next-version/earlier-readable"),
		edits("merged-certificate-replaced", "a merge returns another certificate than was merged", tamper.Merge(),
			tamper.OnSuccess(by.reissued(nil, nil)), "merge-manual-request/cer", "merge-manual-request/chain-cer"),
		edits("merged-certificate-of-the-authority", "a merge of a chain returns the authority's certificate",
			tamper.Merge(),
			tamper.OnSuccess(func(a *tamper.Response) {
				if chain := chainOf(a); len(chain) > 1 {
					last, _ := chain[len(chain)-1].(string)
					withCertificate(last)(a)
				}
			}), "merge-manual-request/chain-cer"),
		edits("imported-certificate-replaced", "an import returns another certificate than was imported",
			tamper.Import(),
			tamper.OnSuccess(by.reissued(nil, nil)), "import-certificate/cer", "import-certificate/pem-cer",
			"import-certificate/ec-cer", "import-certificate/chain-cer"),
	}
}
