package match

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Certificate reads the certificate of a bundle: padded standard base64 of one DER certificate.
func Certificate(e *vault.Exchange) (*x509.Certificate, error) {
	der, err := derMember(e, "cer")
	if err != nil {
		return nil, err
	}
	certificate, err := parseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("cer is no X.509 certificate: %w", plain(err))
	}
	return certificate, nil
}

// CertificateThat wants the cer to pass a test, which gives what came where it fails.
func CertificateThat(expected string, test func(certificate *x509.Certificate) (got string, ok bool)) Test {
	return func(e *vault.Exchange) *Failure {
		certificate, err := Certificate(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/cer"}
		}
		if got, ok := test(certificate); !ok {
			return &Failure{Expected: expected, Got: got, Member: "/cer"}
		}
		return nil
	}
}

// CertificateParses wants a cer that Certificate can read.
func CertificateParses() Test {
	return CertificateThat("cer in padded standard base64, one DER X.509 certificate",
		func(*x509.Certificate) (string, bool) { return "", true })
}

// Carries wants the cer to be these bytes.
func Carries(der []byte) Test {
	return func(e *vault.Exchange) *Failure {
		expected := "cer with the certificate that was sent, " + describe(der)
		got, err := derMember(e, "cer")
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/cer"}
		}
		if !bytes.Equal(der, got) {
			return &Failure{Expected: expected, Got: "cer with another certificate, " + describe(got), Member: "/cer"}
		}
		return nil
	}
}

// CarriesNot wants a response without these bytes as cer: not found, or a bundle with another certificate or none.
func CarriesNot(der []byte) Test {
	return func(e *vault.Exchange) *Failure {
		const expected = "no certificate of that name, or one without the certificate that was sent"
		if failure := absentOrReadable(e, expected); failure != nil || !e.Succeeded() {
			return failure
		}
		if got, err := derMember(e, "cer"); err == nil && bytes.Equal(der, got) {
			return &Failure{Expected: expected, Got: "cer with the certificate that was sent, " + describe(der), Member: "/cer", Aspect: AspectIdentity}
		}
		return nil
	}
}

// NoCertificate wants a response without a whole certificate: an error, or a stub without cer.
func NoCertificate() Test {
	return func(e *vault.Exchange) *Failure {
		const expected = "no certificate, or a stub without cer"
		if e.Status() >= 500 {
			return &Failure{Expected: expected, Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectStatus}
		}
		if cer := e.Member("cer"); cer != nil {
			return &Failure{Expected: expected, Got: "cer is " + Kind(cer), Member: "/cer"}
		}
		return nil
	}
}

// NotIssued is NoCertificate, and a stub is disabled: the response is 404, or 200 with attributes.enabled false. Recordings of
// the first two api-versions have stubs that are enabled.
func NotIssued() Test {
	return func(e *vault.Exchange) *Failure {
		const expected = "no certificate of that name, or one that is disabled and has no cer"
		if failure := absentOrReadable(e, expected); failure != nil || !e.Succeeded() {
			return failure
		}
		if failure := NoCertificate()(e); failure != nil {
			return failure
		}
		version, _ := e.Request.Query("api-version")
		early := version == "2015-06-01" || version == "2016-10-01"
		if enabled, err := At(e, "attributes", "enabled"); err != nil || enabled != false && !early {
			return &Failure{Expected: expected, Got: "attributes.enabled is " + Kind(enabled), Member: "/attributes/enabled"}
		}
		return nil
	}
}

func absentOrReadable(e *vault.Exchange, expected string) *Failure {
	if e.Status() != 404 && e.Status() != 200 {
		return &Failure{Expected: expected, Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectStatus}
	}
	if _, err := e.Response.Read(); err != nil {
		return &Failure{Expected: expected, Got: err.Error()}
	}
	return nil
}

// describe tells one certificate from another, for a reader.
func describe(der []byte) string {
	certificate, err := parseCertificate(der)
	if err != nil {
		return fmt.Sprintf("%d bytes that are no certificate", len(der))
	}
	return fmt.Sprintf("%s of %s", certificate.Subject, certificate.NotBefore.UTC().Format(time.RFC3339))
}

// Thumbprint wants the x5t to be the SHA-1 of the cer beside it, in base64url without padding.
func Thumbprint() Test {
	return func(e *vault.Exchange) *Failure {
		der, err := derMember(e, "cer")
		if err != nil {
			return &Failure{Expected: "x5t with the SHA-1 of cer", Got: err.Error(), Member: "/cer"}
		}
		return ThumbprintOf(der)(e)
	}
}

// Begins wants the attribute nbf to be the start of the certificate's validity.
func Begins(certificate *x509.Certificate) Test {
	return Equal(certificate.NotBefore.Unix(), "attributes", "nbf")
}

// Ends wants the attribute exp to be the end of the certificate's validity.
func Ends(certificate *x509.Certificate) Test {
	return Equal(certificate.NotAfter.Unix(), "attributes", "exp")
}

// MirrorsValidity wants the attributes nbf and exp to be the dates of the cer beside them.
func MirrorsValidity() Test {
	return func(e *vault.Exchange) *Failure {
		certificate, err := Certificate(e)
		if err != nil {
			return &Failure{Expected: "nbf and exp with the dates of cer", Got: err.Error(), Member: "/cer"}
		}
		if failure := Begins(certificate)(e); failure != nil {
			return failure
		}
		return Ends(certificate)(e)
	}
}

// SelfSigned wants a certificate whose issuer is its subject and whose signature is made by its own key.
func SelfSigned() Test {
	const expected = "a certificate signed with its own key"
	return func(e *vault.Exchange) *Failure {
		certificate, err := Certificate(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/cer"}
		}
		if !bytes.Equal(certificate.RawIssuer, certificate.RawSubject) {
			got := fmt.Sprintf("a certificate of %s, issued by %s", certificate.Subject, certificate.Issuer)
			return &Failure{Expected: expected, Got: got, Member: "/cer"}
		}
		return signature(expected, "/cer", certificate.PublicKey, certificate.SignatureAlgorithm, func() error {
			return certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature)
		})
	}
}

// CertificateSubject wants the certificate to have the names of a subject in text, in whatever order.
func CertificateSubject(subject string) Test {
	return CertificateThat("a certificate for "+subject, func(certificate *x509.Certificate) (string, bool) {
		want, err := subjectSet(subject)
		if err != nil {
			return err.Error(), false
		}
		return "a certificate for " + certificate.Subject.String(), slices.Equal(want, namesOf(certificate))
	})
}

// namesOf are the parts of a certificate's subject as sorted oid=value texts.
func namesOf(certificate *x509.Certificate) []string {
	var names []string
	for _, part := range certificate.Subject.Names {
		names = append(names, fmt.Sprintf("%s=%v", part.Type, part.Value))
	}
	slices.Sort(names)
	return names
}

// CertificateDNSNames wants the certificate to be for these DNS names and no others, in whatever order.
func CertificateDNSNames(names []string) Test {
	return CertificateThat("a certificate for the names "+listed(names), func(certificate *x509.Certificate) (string, bool) {
		return "a certificate for the names " + listed(certificate.DNSNames), sameSet(names, certificate.DNSNames)
	})
}

// ValidFor wants the certificate to be valid for a number of calendar months, give or take some time.
func ValidFor(months int, tolerance time.Duration) Test {
	expected := fmt.Sprintf("a certificate that is valid for %d months", months)
	return CertificateThat(expected, func(certificate *x509.Certificate) (string, bool) {
		difference := certificate.NotAfter.Sub(certificate.NotBefore.AddDate(0, months, 0)).Abs()
		return fmt.Sprintf("a certificate that is valid from %s to %s",
			certificate.NotBefore.UTC().Format(time.RFC3339), certificate.NotAfter.UTC().Format(time.RFC3339)), difference <= tolerance
	})
}

// KeyUsages are the usages of a certificate's key as policies name them.
func KeyUsages(certificate *x509.Certificate) []string {
	names := map[x509.KeyUsage]string{
		x509.KeyUsageDigitalSignature: "digitalSignature", x509.KeyUsageContentCommitment: "nonRepudiation",
		x509.KeyUsageKeyEncipherment: "keyEncipherment", x509.KeyUsageDataEncipherment: "dataEncipherment",
		x509.KeyUsageKeyAgreement: "keyAgreement", x509.KeyUsageCertSign: "keyCertSign", x509.KeyUsageCRLSign: "cRLSign",
		x509.KeyUsageEncipherOnly: "encipherOnly", x509.KeyUsageDecipherOnly: "decipherOnly",
	}
	var usages []string
	for usage, name := range names {
		if certificate.KeyUsage&usage != 0 {
			usages = append(usages, name)
		}
	}
	slices.Sort(usages)
	return usages
}

// CertificateKeyUsages wants the certificate to have these key usages and no others, named as policies name them.
func CertificateKeyUsages(wanted []string) Test {
	return CertificateThat("a certificate with the key usages "+listed(wanted), func(certificate *x509.Certificate) (string, bool) {
		got := KeyUsages(certificate)
		return "a certificate with the key usages " + listed(got), sameSet(wanted, got)
	})
}

// ExtendedKeyUsages are the extended usages of a certificate's key by their object identifiers.
func ExtendedKeyUsages(certificate *x509.Certificate) []string {
	var usages []asn1.ObjectIdentifier
	for _, extension := range certificate.Extensions {
		if extension.Id.String() == "2.5.29.37" {
			if _, err := asn1.Unmarshal(extension.Value, &usages); err != nil {
				return nil
			}
		}
	}
	texts := make([]string, len(usages))
	for i, usage := range usages {
		texts[i] = usage.String()
	}
	return texts
}

// OtherKey wants the certificate to have another key than that of an earlier response.
func OtherKey(earlier *vault.Exchange) Test {
	return keyComparedTo(earlier, false, "a certificate with a key of its own", "the key of the version before")
}

// SameKey wants the certificate to have the key of that of an earlier response.
func SameKey(earlier *vault.Exchange) Test {
	return keyComparedTo(earlier, true, "a certificate with the key of the version before", "another key")
}

func keyComparedTo(earlier *vault.Exchange, same bool, expected, otherwise string) Test {
	return func(e *vault.Exchange) *Failure {
		before, err := Certificate(earlier)
		if err != nil {
			return &Failure{Expected: expected, Got: "in the earlier response " + err.Error(), Member: "/cer", Aspect: AspectIdentity}
		}
		now, err := Certificate(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/cer"}
		}
		if key, ok := now.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && key.Equal(before.PublicKey) != same {
			return &Failure{Expected: expected, Got: otherwise, Member: "/cer"}
		}
		return nil
	}
}

// TimesInOrder wants attributes whose created and updated are whole seconds, created not after updated.
func TimesInOrder(path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		created, failure := second(e, append(slices.Clone(path), "created")...)
		if failure != nil {
			return failure
		}
		updated, failure := second(e, append(slices.Clone(path), "updated")...)
		if failure != nil {
			return failure
		}
		if created > updated {
			return &Failure{
				Expected: "created not after updated", Got: fmt.Sprintf("created %d, updated %d", created, updated),
				Member: Pointer(append(slices.Clone(path), "created")...),
			}
		}
		return nil
	}
}

// latestSecond is in the year 5138; a time in milliseconds is beyond it since 1973.
const latestSecond = 100_000_000_000

// second reads a time in whole seconds since 1970.
func second(e *vault.Exchange, path ...string) (int64, *Failure) {
	expected := path[len(path)-1] + " in whole seconds since 1970"
	value, err := At(e, path...)
	if err != nil {
		return 0, &Failure{Expected: expected, Got: err.Error(), Member: Pointer(path...)}
	}
	number, ok := value.(json.Number)
	if !ok {
		return 0, &Failure{Expected: expected, Got: path[len(path)-1] + " is " + Kind(value), Member: Pointer(path...)}
	}
	seconds, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || seconds < 0 || seconds >= latestSecond {
		return 0, &Failure{Expected: expected, Got: path[len(path)-1] + " is " + Kind(value), Member: Pointer(path...)}
	}
	return seconds, nil
}

// Seconds wants those of some times that are there to be whole seconds, not milliseconds and not text.
func Seconds(path []string, times ...string) Test {
	return func(e *vault.Exchange) *Failure {
		for _, time := range times {
			whole := append(slices.Clone(path), time)
			if _, err := At(e, whole...); err != nil {
				continue
			}
			if _, failure := second(e, whole...); failure != nil {
				return failure
			}
		}
		return nil
	}
}

// Dated wants times that are there to lie between the first version of the API and the day after the response, by the clock here or
// by the Date of the response, whichever is later: one of the two machines may have the wrong time.
func Dated(path []string, times ...string) Test {
	first := time.Date(2015, time.June, 1, 0, 0, 0, 0, time.UTC)
	return func(e *vault.Exchange) *Failure {
		for _, name := range times {
			whole := append(slices.Clone(path), name)
			at, failure := second(e, whole...)
			if failure != nil || e.Started.IsZero() {
				continue
			}
			if when := time.Unix(at, 0); when.Before(first) || when.After(answeredAt(e).AddDate(0, 0, 1)) {
				return &Failure{
					Expected: strings.Join(whole, ".") + " between 2015-06-01 and a day after the response",
					Got:      strings.Join(whole, ".") + " is " + when.UTC().Format(time.RFC3339), Member: Pointer(whole...),
				}
			}
		}
		return nil
	}
}

// answeredAt is when a response came, by the clock here or by its Date, whichever is later.
func answeredAt(e *vault.Exchange) time.Time {
	if date, err := http.ParseTime(e.Response.Header.Get("Date")); err == nil && date.After(e.Started) {
		return date
	}
	return e.Started
}

// CertificateExtendedKeyUsages wants the certificate to have these usages, given by their object identifiers, and no
// others.
func CertificateExtendedKeyUsages(wanted []string) Test {
	return CertificateThat("a certificate for the usages "+listed(wanted), func(certificate *x509.Certificate) (string, bool) {
		got := ExtendedKeyUsages(certificate)
		return "a certificate for the usages " + listed(got), sameSet(wanted, got)
	})
}

// ThumbprintOf wants the x5t to be the SHA-1 of a certificate, in base64url without padding.
func ThumbprintOf(der []byte) Test {
	sum := sha1.Sum(der)
	return Equal(base64.RawURLEncoding.EncodeToString(sum[:]), "x5t")
}
