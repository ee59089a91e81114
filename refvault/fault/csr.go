package fault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// The extensions that a request can ask for.
var (
	oidAlternativeNames = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidConstraints      = asn1.ObjectIdentifier{2, 5, 29, 19}
)

// csrs are wrong signing requests.
func csrs() []Fault {
	const encoding = "request-from-issuer/csr-encoding"
	key := lazyRSA(2048)
	// One for all csrs, so that the rules that fail do not depend on the second in which a certificate is made.
	certificate := sync.OnceValue(func() string {
		return base64.StdEncoding.EncodeToString(selfSigned(key(),
			"csr.invalid"))
	})
	csr := func(id, title string, change func(string) string, breaks ...string) Fault {
		return pending(id, title, tamper.MapText("csr", change), breaks...)
	}
	list := []Fault{
		csr("csr-in-pem", "the csr is PEM with its header and footer", func(text string) string {
			der, _ := base64.StdEncoding.DecodeString(text)
			return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
		}, encoding, "create-manually/csr", "every-answer/csr"),
		csr("csr-pem-in-base64", "the csr is the base64 of a PEM", func(text string) string {
			der, _ := base64.StdEncoding.DecodeString(text)
			return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
		}, encoding, "create-manually/csr", "every-answer/csr"),
		csr("csr-a-certificate", "the csr is a certificate",
			func(string) string { return certificate() }, encoding, "create-manually/csr", "every-answer/csr"),
		csr("csr-with-something-after", "after the csr's DER there is something more", mapDER(func(der []byte) []byte {
			return append(der, 0, 0)
		}), encoding, "create-manually/csr", "every-answer/csr"),
		csr("csr-signature-broken", "the signature of the csr does not verify", mapDER(func(der []byte) []byte {
			der[len(der)-1] ^= 1
			return der
		}), "request-from-issuer/csr-signature", "create-manually/csr-signature", "every-answer/csr"),
		csr("csr-signature-of-another-key", "the csr is signed with a key that is not in it", signedByAnother,
			"request-from-issuer/csr-signature", "create-manually/csr-signature", "every-answer/csr"),
		csr("csr-of-another-key", "the csr has another key than the certificate will have", resigned(key, nil),
			"read-completed/public-key", "issue-next-version/self-signed-key", "merge-manual-request/status"),
		rewritten("csr-of-another-subject", "the csr has another subject than the policy",
			key, func(t *x509.CertificateRequest) {
				t.RawSubject = named("another.example.com")
			}, "request-from-issuer/csr-subject", "create-manually/csr-subject", "issue-next-version/next-stored-policy",
			"issue-next-version/replace-policy-csr", "certificate-policy/next-subject"),
		rewritten("csr-without-subject", "the csr has no subject", key, func(t *x509.CertificateRequest) {
			t.RawSubject = []byte{0x30, 0}
		}, "request-from-issuer/csr-subject", "create-manually/csr-subject"),
		rewritten("csr-of-the-common-name-only", "the csr has only the common name of the policy's subject",
			key, func(t *x509.CertificateRequest) {
				var subject pkix.Name
				var sequence pkix.RDNSequence
				if _, err := asn1.Unmarshal(t.RawSubject, &sequence); err == nil {
					subject.FillFromRDNSequence(&sequence)
				}
				t.RawSubject = named(subject.CommonName)
			}, "request-from-issuer/csr-subject", "create-manually/csr-subject"),
		rewritten("csr-without-names", "the csr asks for no alternative names", key, dropExtension(oidAlternativeNames),
			"request-from-issuer/csr-subject-alternative-names", "create-manually/csr-names", "create-manually/csr-emails"),
		rewritten("csr-with-other-names", "the csr asks for other alternative names",
			key, func(t *x509.CertificateRequest) {
				dropExtension(oidAlternativeNames)(t)
				t.DNSNames = []string{"another.example.com"}
			}, "request-from-issuer/csr-subject-alternative-names", "create-manually/csr-names", "create-manually/csr-emails"),
		rewritten("csr-without-extended-key-usages", "the csr asks for no extended key usages",
			key, dropExtension(oidExtendedKeyUsage),
			"request-from-issuer/csr-extended-key-usages"),
		rewritten("csr-without-key-usage", "the csr asks for no key usages", key, dropExtension(oidKeyUsage),
			"request-from-issuer/csr-key-usage"),
		rewritten("csr-of-an-authority", "the csr asks for a certificate authority",
			key, func(t *x509.CertificateRequest) {
				dropExtension(oidConstraints)(t)
				value, _ := asn1.Marshal(struct{ IsCA bool }{true})
				t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidConstraints, Value: value})
			}, "request-from-issuer/csr-not-authority"),
		csr("csr-key-elliptic", "the csr has an elliptic key where RSA was asked for",
			resignedWith(func(public any) crypto.Signer {
				if _, isRSA := public.(*rsa.PublicKey); isRSA {
					return elliptical(elliptic.P256())
				}
				return nil
			}), "request-from-issuer/csr-default-key", "create-manually/csr-key"),
		csr("csr-curve-wrong", "the csr has a key on another curve than was asked for",
			resignedWith(func(public any) crypto.Signer {
				if _, isEC := public.(*ecdsa.PublicKey); isEC {
					return elliptical(elliptic.P521())
				}
				return nil
			}), "request-from-issuer/csr-requested-key", "create-manually/csr-ec-key"),
		csr("csr-key-of-another-kind", "the csr has an RSA key where an elliptic one was asked for",
			resignedWith(func(public any) crypto.Signer {
				if _, isEC := public.(*ecdsa.PublicKey); isEC {
					return key()
				}
				return nil
			}), "request-from-issuer/csr-requested-key", "create-manually/csr-ec-key", "create-members/key-type-csr"),
		csr("csr-the-same-for-all", "every operation has the same csr", resigned(key, func(t *x509.CertificateRequest) {
			t.RawSubject, t.ExtraExtensions = named("same.example.com"), nil
		}), "read-in-progress/own-operation"),
	}
	return append(append(list, smallKeys()), csrsOverTime(key)...)
}

func smallKeys() Fault {
	small := lazyRSA(1024)
	return pending("csr-key-small", "the csr has an RSA key of 1024 bits",
		tamper.MapText("csr", resignedWith(func(public any) crypto.Signer {
			if _, isRSA := public.(*rsa.PublicKey); isRSA {
				return small()
			}
			return nil
		})), "request-from-issuer/csr-default-key", "create-manually/csr-key")
}

// csrsOverTime are signing requests that change.
func csrsOverTime(key func() crypto.Signer) []Fault {
	other := tamper.MapText("csr", resigned(key, nil))
	return []Fault{
		read("csr-new-at-every-read", "every read shows a csr that was just made",
			tamper.MapText("csr", resignedWith(func(any) crypto.Signer {
				return elliptical(elliptic.P256())
			})), "read-in-progress/csr-unchanged", "read-in-progress/repeatable", "create-manually/csr-kept"),
		read("csr-changed-at-the-end", "an operation gets another csr when it ends", ended(other),
			"read-completed/csr-unchanged", "read-completed/same-request-throughout", "read-cancelled-or-failed/failed-csr-unchanged",
			"read-cancelled-or-failed/cancelled-csr-unchanged"),
		edits("csr-lost-in-deletion", "a deletion returns another csr",
			tamper.DeletePending(), tamper.OnSuccess(other), "delete-pending/csr"),
		edits("csr-lost-in-cancellation", "a cancellation returns another csr",
			tamper.PatchPending(), tamper.OnSuccess(other), "cancel-in-progress/csr"),
		remembers("csr-kept-for-the-name", "a later request of a name has the csr of the first",
			tamper.Pending(), func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && a.Text("csr") != "" {
					first := m.first(tamper.Name(r), &tamper.Response{Header: http.Header{}, Body: a.Body})
					tamper.Set("csr", first.Text("csr"))(a)
				}
				return a
			}, "read-deleted-or-overwritten/overwrite-csr", "issue-next-version/replace-policy-csr"),
	}
}

// lazyRSA makes a key when it is first needed, because that takes a while.
func lazyRSA(bits int) func() crypto.Signer {
	return sync.OnceValue(func() crypto.Signer {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic("making an RSA key: " + err.Error()) // the system has no randomness
		}
		return key
	})
}

func elliptical(curve elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic("making an elliptic key: " + err.Error()) // the system has no randomness
	}
	return key
}

// named is the DER of a subject with a common name.
func named(commonName string) []byte {
	der, err := asn1.Marshal(pkix.Name{CommonName: commonName}.ToRDNSequence())
	if err != nil {
		return nil
	}
	return der
}

func dropExtension(oid asn1.ObjectIdentifier) func(*x509.CertificateRequest) {
	return func(t *x509.CertificateRequest) {
		var kept []pkix.Extension
		for _, extension := range t.ExtraExtensions {
			if !extension.Id.Equal(oid) {
				kept = append(kept, extension)
			}
		}
		t.ExtraExtensions = kept
	}
}

// resigned makes a csr again with a key of our own, after a change.
func resigned(key func() crypto.Signer, change func(*x509.CertificateRequest)) func(string) string {
	return resignedAs(func(any) crypto.Signer { return key() }, change)
}

// resignedWith makes a csr again with a key that depends on the one in it; nil leaves the csr alone.
func resignedWith(choose func(public any) crypto.Signer) func(string) string {
	return resignedAs(choose, nil)
}

// keyHolder is a vault that lets a fault sign with its keys.
type keyHolder interface {
	Signer(public crypto.PublicKey) crypto.Signer
}

// rewritten builds a fault that writes every csr anew, changed, and signs it with the key that is in it, if the vault lets
// the fault have that, or else with another of its kind.
func rewritten(id, title string, key func() crypto.Signer, change func(*x509.CertificateRequest), breaks ...string) Fault {
	signer := func(vault http.Handler) func(public any) crypto.Signer {
		holder, _ := vault.(keyHolder)
		return func(public any) crypto.Signer {
			if holder != nil {
				if own := holder.Signer(public); own != nil {
					return own
				}
			}
			if public, isEC := public.(*ecdsa.PublicKey); isEC {
				return elliptical(public.Curve)
			}
			return key()
		}
	}
	f := pending(id, title, tamper.MapText("csr", resignedAs(signer(nil), change)), breaks...)
	f.Wrap = func(next http.Handler) http.Handler {
		return tamper.Handler(next, f.On, tamper.OnSuccess(tamper.MapText("csr", resignedAs(signer(next), change))))
	}
	return f
}

func resignedAs(choose func(public any) crypto.Signer, change func(*x509.CertificateRequest)) func(string) string {
	return mapDER(func(der []byte) []byte {
		parsed, err := x509.ParseCertificateRequest(der)
		if err != nil {
			return der
		}
		key := choose(parsed.PublicKey)
		if key == nil {
			return der
		}
		template := &x509.CertificateRequest{RawSubject: parsed.RawSubject, ExtraExtensions: parsed.Extensions}
		if change != nil {
			change(template)
		}
		made, err := x509.CreateCertificateRequest(rand.Reader, template, key)
		if err != nil {
			return der
		}
		return made
	})
}

func mapDER(change func([]byte) []byte) func(string) string {
	return func(text string) string {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(der) == 0 {
			return text
		}
		return base64.StdEncoding.EncodeToString(change(der))
	}
}

func inLines(text string) string {
	const length = 64
	var lines strings.Builder
	for len(text) > length {
		lines.WriteString(text[:length] + "\r\n")
		text = text[length:]
	}
	lines.WriteString(text)
	return lines.String()
}

// signedByAnother replaces the signature of a csr by one of another key.
func signedByAnother(text string) string {
	return mapDER(func(der []byte) []byte {
		type request struct {
			Info      asn1.RawValue
			Algorithm pkix.AlgorithmIdentifier
			Signature asn1.BitString
		}
		var parsed request
		if _, err := asn1.Unmarshal(der, &parsed); err != nil {
			return der
		}
		for i := range parsed.Signature.Bytes {
			parsed.Signature.Bytes[i] ^= 0x55
		}
		parsed.Signature.Bytes[0] &= 0x7f
		changed, err := asn1.Marshal(parsed)
		if err != nil {
			return der
		}
		return changed
	})(text)
}

// selfSigned is the DER of a certificate for a year.
func selfSigned(key crypto.Signer, commonName string) []byte {
	now := time.Now().UTC().Truncate(time.Second)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: commonName},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic("making a certificate: " + err.Error()) // the template is ours
	}
	return der
}
