package match

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// CSR reads the certificate signing request of a certificate operation: padded standard base64 of one PKCS#10 request.
func CSR(e *vault.Exchange) (*x509.CertificateRequest, error) {
	der, err := derMember(e, "csr")
	if err != nil {
		return nil, err
	}
	request, err := parseRequest(der)
	if err != nil {
		return nil, fmt.Errorf("csr is no PKCS#10 request: %w", plain(err))
	}
	return request, nil
}

// derMember decodes a top-level member in standard base64, as RFC 4648 section 4 has it: padded, no line breaks.
func derMember(e *vault.Exchange, name string) ([]byte, error) {
	value, err := At(e, name)
	if err != nil {
		return nil, err
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("%s is %s", name, Kind(value))
	}
	if strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("%s is not standard base64: it has line breaks", name)
	}
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not standard base64: %w", name, err)
	}
	return der, nil
}

// CSRThat wants the csr to pass a test, which gives what came where it fails.
func CSRThat(expected string, test func(request *x509.CertificateRequest) (got string, ok bool)) Test {
	return func(e *vault.Exchange) *Failure {
		request, err := CSR(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/csr"}
		}
		if got, ok := test(request); !ok {
			return &Failure{Expected: expected, Got: got, Member: "/csr"}
		}
		return nil
	}
}

// CSRParses wants a csr that CSR can read.
func CSRParses() Test {
	return CSRThat("csr in padded standard base64, a DER PKCS#10 request",
		func(*x509.CertificateRequest) (string, bool) { return "", true })
}

// CSRSigned wants the csr to be signed with its own key.
func CSRSigned() Test {
	const expected = "a csr signed with its own key"
	return func(e *vault.Exchange) *Failure {
		request, err := CSR(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/csr"}
		}
		return signature(expected, "/csr", request.PublicKey, request.SignatureAlgorithm, request.CheckSignature)
	}
}

// CSRSubject wants the csr to have the names of a subject in text, in whatever order.
func CSRSubject(subject string) Test {
	return CSRThat("a csr for "+subject, func(request *x509.CertificateRequest) (string, bool) {
		want, err := subjectSet(subject)
		if err != nil {
			return err.Error(), false
		}
		var got []string
		for _, name := range request.Subject.Names {
			got = append(got, fmt.Sprintf("%s=%v", name.Type, name.Value))
		}
		slices.Sort(got)
		return "a csr for " + request.Subject.String(), slices.Equal(want, got)
	})
}

// subjectSet reads a subject of plain TYPE=value pairs as sorted oid=value texts.
func subjectSet(subject string) ([]string, error) {
	labels := map[string]string{
		"CN": "2.5.4.3", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8", "S": "2.5.4.8", "O": "2.5.4.10", "OU": "2.5.4.11",
	}
	var set []string
	for pair := range strings.SplitSeq(subject, ",") {
		label, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		oid, known := labels[label]
		if !known {
			return nil, fmt.Errorf("the subject %q has the unknown label %q", subject, label)
		}
		set = append(set, oid+"="+value)
	}
	slices.Sort(set)
	return set, nil
}

// CSREmails wants the csr to have these addresses among its subject alternative names.
func CSREmails(addresses []string) Test {
	return CSRThat("a csr with the addresses "+listed(addresses), func(request *x509.CertificateRequest) (string, bool) {
		return "a csr with the addresses " + listed(request.EmailAddresses), sameSet(addresses, request.EmailAddresses)
	})
}

// CSRKey wants the csr's public key to be of a kind: "RSA 2048", "EC P-256".
func CSRKey(kind string) Test {
	return CSRThat("a csr with a key "+kind, func(request *x509.CertificateRequest) (string, bool) {
		got := KeyKind(request.PublicKey)
		return "a csr with a key " + got, got == kind
	})
}

// CSRKeyType wants the csr's public key to be of a type of the API: RSA, EC, or one of them with -HSM.
func CSRKeyType(kty string) Test {
	return CSRThat("a csr with a key of the type "+kty, func(request *x509.CertificateRequest) (string, bool) {
		got, _, _ := strings.Cut(KeyKind(request.PublicKey), " ")
		return "a csr with a key of the type " + got, got == strings.TrimSuffix(kty, "-HSM")
	})
}

// KeyKind names a public key: "RSA 2048", "EC P-256".
func KeyKind(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + key.Curve.Params().Name
	case OddKey:
		return key.Kind
	default:
		return fmt.Sprintf("%T", key)
	}
}

// CSRDNSNames wants the csr to ask for these DNS names and no others, in whatever order.
func CSRDNSNames(names []string) Test {
	return CSRThat("a csr asking for the DNS names "+listed(names), func(request *x509.CertificateRequest) (string, bool) {
		others := len(request.EmailAddresses) + len(request.IPAddresses) + len(request.URIs)
		return fmt.Sprintf("a csr asking for the DNS names %s and %d names of other kinds", listed(request.DNSNames), others),
			sameSet(names, request.DNSNames) && others == 0
	})
}

// CSRExtendedKeyUsages wants the csr to ask for these usages, given by their object identifiers, and no others.
func CSRExtendedKeyUsages(wanted []string) Test {
	expected := "a csr asking for the extended key usages " + listed(wanted)
	return CSRThat(expected, func(request *x509.CertificateRequest) (string, bool) {
		var usages []asn1.ObjectIdentifier
		if err := extension(request, "2.5.29.37", &usages); err != nil {
			return err.Error(), false
		}
		got := make([]string, len(usages))
		for i, usage := range usages {
			got[i] = usage.String()
		}
		return "a csr asking for the extended key usages " + listed(got), sameSet(wanted, got)
	})
}

// CSRKeyUsage wants the csr to ask for these key usages, named as policies name them, and no others.
func CSRKeyUsage(wanted []string) Test {
	expected := "a csr asking for the key usage " + listed(wanted)
	return CSRThat(expected, func(request *x509.CertificateRequest) (string, bool) {
		var bits asn1.BitString
		if err := extension(request, "2.5.29.15", &bits); err != nil {
			return err.Error(), false
		}
		var got []string
		for i, usage := range []string{
			"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
			"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
		} {
			if bits.At(i) == 1 {
				got = append(got, usage)
			}
		}
		return "a csr asking for the key usage " + listed(got), sameSet(wanted, got)
	})
}

// CSRNotAuthority wants the csr not to ask for an authority's certificate.
func CSRNotAuthority() Test {
	return CSRThat("a csr that asks for no authority", func(request *x509.CertificateRequest) (string, bool) {
		var constraints struct {
			IsCA       bool `asn1:"optional"`
			MaxPathLen int  `asn1:"optional,default:-1"`
		}
		err := extension(request, "2.5.29.19", &constraints)
		if errors.Is(err, errNoExtension) {
			return "", true
		}
		if err != nil {
			return err.Error(), false
		}
		return "a csr that asks for an authority", !constraints.IsCA
	})
}

var errNoExtension = errors.New("a csr without that extension")

// extension unmarshals what the csr asks for under an object identifier.
func extension(request *x509.CertificateRequest, oid string, into any) error {
	for _, extension := range request.Extensions {
		if extension.Id.String() != oid {
			continue
		}
		if rest, err := asn1.Unmarshal(extension.Value, into); err != nil || len(rest) > 0 {
			return fmt.Errorf("a csr whose extension %s cannot be read", oid)
		}
		return nil
	}
	return fmt.Errorf("%w, %s", errNoExtension, oid)
}

// PublicKeyOf wants the certificate in cer to have the key of an operation's csr.
func PublicKeyOf(request *x509.CertificateRequest) Test {
	return func(e *vault.Exchange) *Failure {
		expected := "a certificate for the csr's key, " + KeyKind(request.PublicKey)
		der, err := derMember(e, "cer")
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/cer"}
		}
		certificate, err := parseCertificate(der)
		if err != nil {
			return &Failure{Expected: expected, Got: "cer is no certificate: " + err.Error(), Member: "/cer"}
		}
		key, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !key.Equal(request.PublicKey) {
			return &Failure{Expected: expected, Got: "a certificate for another key, " + KeyKind(certificate.PublicKey), Member: "/cer"}
		}
		return nil
	}
}

func listed(words []string) string {
	if len(words) == 0 {
		return "(none)"
	}
	sorted := slices.Sorted(slices.Values(words))
	return strings.Join(sorted, ", ")
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func sortedKeys(maps ...map[string]any) []string {
	var keys []string
	for _, m := range maps {
		for key := range m {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
