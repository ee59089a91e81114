package match

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// NameKind is a kind of subject alternative names, called as policies call it.
type NameKind string

// The kinds of names that a policy can ask for.
const (
	DNSNames    NameKind = "dns_names"
	Emails      NameKind = "emails"
	UPNs        NameKind = "upns"
	URIs        NameKind = "uris"
	IPAddresses NameKind = "ipAddresses"
)

// CSRNames wants the csr to ask for these alternative names of a kind and no others of that kind.
func CSRNames(kind NameKind, want []string) Test {
	return namesAre("csr", kind, want, func(e *vault.Exchange) ([]pkix.Extension, error) {
		request, err := CSR(e)
		if err != nil {
			return nil, err
		}
		return request.Extensions, nil
	})
}

// CertificateNames wants the certificate to have these alternative names of a kind and no others of that kind.
func CertificateNames(kind NameKind, want []string) Test {
	return namesAre("cer", kind, want, func(e *vault.Exchange) ([]pkix.Extension, error) {
		certificate, err := Certificate(e)
		if err != nil {
			return nil, err
		}
		return certificate.Extensions, nil
	})
}

func namesAre(member string, kind NameKind, want []string, read func(e *vault.Exchange) ([]pkix.Extension, error)) Test {
	want = slices.Clone(want)
	for i := range want {
		want[i] = canonicalName(kind, want[i])
	}
	return func(e *vault.Exchange) *Failure {
		expected := fmt.Sprintf("%s with the %s %s", member, kind, listed(want))
		extensions, err := read(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/" + member}
		}
		if got := alternativeNames(extensions, kind); !sameSet(want, got) {
			return &Failure{Expected: expected, Got: fmt.Sprintf("%s with the %s %s", member, kind, listed(got)), Member: "/" + member}
		}
		return nil
	}
}

// canonicalName is a name as two spellings of it are compared: an address has many.
func canonicalName(kind NameKind, text string) string {
	if address := net.ParseIP(text); kind == IPAddresses && address != nil {
		return address.String()
	}
	return text
}

// alternativeNames reads the names of a kind from the extension of alternative names (RFC 5280, section 4.2.1.6), value by
// value, so that one that cannot be read hides no other.
func alternativeNames(extensions []pkix.Extension, kind NameKind) []string {
	tag := map[NameKind]int{UPNs: 0, Emails: 1, DNSNames: 2, URIs: 6, IPAddresses: 7}[kind]
	var names []string
	for _, extension := range extensions {
		var values []asn1.RawValue
		if extension.Id.String() != "2.5.29.17" || whole(extension.Value, &values) != nil {
			continue
		}
		for _, value := range values {
			if value.Class != asn1.ClassContextSpecific || value.Tag != tag {
				continue
			}
			switch kind {
			case UPNs:
				if name, ok := principalName(value.FullBytes); ok {
					names = append(names, name)
				}
			case IPAddresses:
				names = append(names, net.IP(value.Bytes).String())
			default:
				names = append(names, string(value.Bytes))
			}
		}
	}
	return names
}

// principalName reads an otherName that is a user principal name.
func principalName(der []byte) (string, bool) {
	var other struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue // [0] EXPLICIT, a UTF8String
	}
	if rest, err := asn1.UnmarshalWithParams(der, &other, "tag:0"); err != nil || len(rest) > 0 {
		return "", false
	}
	if other.Type.String() != "1.3.6.1.4.1.311.20.2.3" {
		return "", false
	}
	var name asn1.RawValue
	if whole(other.Value.Bytes, &name) != nil {
		return "", false
	}
	return string(name.Bytes), true
}

// SameAddresses wants a list of IP addresses to have those given, in whatever spelling.
func SameAddresses(want []string, path ...string) Test {
	canonical := make([]string, len(want))
	for i := range want {
		canonical[i] = canonicalName(IPAddresses, want[i])
	}
	return Member("to be "+listed(want), func(value any) bool {
		list, _ := value.([]any)
		got, ok := stringArray(list)
		for i := range got {
			got[i] = canonicalName(IPAddresses, got[i])
		}
		return ok && sameSet(canonical, got)
	}, path...)
}
