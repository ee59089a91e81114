package refvault

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"sort"
	"strings"
)

// keyUsages lists the names that a policy has for key usages; the place is the bit in the X.509 extension.
var keyUsages = [...]string{
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

func keyUsageBit(name string) int {
	for bit, known := range keyUsages {
		if strings.EqualFold(known, name) {
			return bit
		}
	}
	return -1
}

// canonicalKeyUsages sorts the names and gives them their proper case, as the service does.
func canonicalKeyUsages(names []string) ([]string, error) {
	canonical := make([]string, 0, len(names))
	for _, name := range names {
		bit := keyUsageBit(name)
		if bit < 0 {
			return nil, fmt.Errorf("%q is no key usage", name)
		}
		canonical = append(canonical, keyUsages[bit])
	}
	sort.Slice(canonical, func(i, j int) bool { return strings.ToLower(canonical[i]) < strings.ToLower(canonical[j]) })
	return canonical, nil
}

// requestedExtensions are the X.509 extensions that a policy asks for. The request and the certificate carry the same.
func requestedExtensions(p *x509Props, subjectEmpty bool) ([]pkix.Extension, error) {
	var list []pkix.Extension
	add := func(oid asn1.ObjectIdentifier, critical bool, value any) error {
		der, err := asn1.Marshal(value)
		if err != nil {
			return fmt.Errorf("encoding the extension %v: %w", oid, err)
		}
		list = append(list, pkix.Extension{Id: oid, Critical: critical, Value: der})
		return nil
	}
	if len(p.KeyUsage) > 0 {
		if err := add(asn1.ObjectIdentifier{2, 5, 29, 15}, true, keyUsageBits(p.KeyUsage)); err != nil {
			return nil, err
		}
	}
	if len(p.EKUs) > 0 {
		oids := make([]asn1.ObjectIdentifier, 0, len(p.EKUs))
		for _, text := range p.EKUs {
			oid, err := parseOID(text)
			if err != nil {
				return nil, err
			}
			oids = append(oids, oid)
		}
		if err := add(asn1.ObjectIdentifier{2, 5, 29, 37}, false, oids); err != nil {
			return nil, err
		}
	}
	if !p.SANs.empty() {
		names, err := generalNames(p.SANs)
		if err != nil {
			return nil, err
		}
		// RFC 5280 4.2.1.6: a certificate without a subject must be understood by its alternative names.
		if err := add(asn1.ObjectIdentifier{2, 5, 29, 17}, subjectEmpty, names); err != nil {
			return nil, err
		}
	}
	// An empty sequence says that it is no CA.
	list = append(list, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: false, Value: []byte{0x30, 0}})
	return list, nil
}

func keyUsageBits(names []string) asn1.BitString {
	var bits asn1.BitString
	for _, name := range names {
		bit := keyUsageBit(name)
		for len(bits.Bytes) <= bit/8 {
			bits.Bytes = append(bits.Bytes, 0)
		}
		bits.Bytes[bit/8] |= 0x80 >> (bit % 8)
		bits.BitLength = max(bits.BitLength, bit+1)
	}
	return bits
}

// keyUsageNames reads the usages back from a certificate, in alphabetical order.
func keyUsageNames(usage x509.KeyUsage) []string {
	names := []string{}
	for bit, name := range keyUsages {
		if usage&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	sorted, _ := canonicalKeyUsages(names) // the names are our own
	return sorted
}

// The choices of GeneralName (RFC 5280 4.2.1.6) that a policy can ask for.
const (
	tagOtherName = 0
	tagEmail     = 1
	tagDNS       = 2
	tagURI       = 6
	tagIP        = 7
)

type otherName struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

func upnOID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3} }

func generalNames(sans *subjectAlternativeNames) ([]asn1.RawValue, error) {
	var names []asn1.RawValue
	text := func(tag int, values []string) error {
		for _, value := range values {
			if value == "" || !isASCII(value) {
				return fmt.Errorf("the alternative name %q is not plain ASCII", value)
			}
			names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: []byte(value)})
		}
		return nil
	}
	if err := text(tagEmail, sans.Emails); err != nil {
		return nil, err
	}
	if err := text(tagDNS, sans.DNSNames); err != nil {
		return nil, err
	}
	if err := text(tagURI, sans.URIs); err != nil {
		return nil, err
	}
	for _, value := range sans.IPAddresses {
		address := net.ParseIP(value)
		if address == nil {
			return nil, fmt.Errorf("the alternative name %q is no IP address", value)
		}
		if v4 := address.To4(); v4 != nil {
			address = v4
		}
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tagIP, Bytes: address})
	}
	for _, value := range sans.UPNs {
		name, err := principalName(value)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// principalName is a Windows user principal name, which X.509 knows only as an otherName.
func principalName(value string) (asn1.RawValue, error) {
	text, err := asn1.MarshalWithParams(value, "utf8")
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding the principal name %q: %w", value, err)
	}
	der, err := asn1.Marshal(otherName{
		Type:  upnOID(),
		Value: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: text},
	})
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding the principal name %q: %w", value, err)
	}
	var sequence asn1.RawValue
	if _, err := asn1.Unmarshal(der, &sequence); err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding the principal name %q: %w", value, err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tagOtherName, IsCompound: true, Bytes: sequence.Bytes}, nil
}

// principalNames reads the principal names of a certificate, which crypto/x509 passes over.
func principalNames(cert *x509.Certificate) []string {
	var found []string
	for _, extension := range cert.Extensions {
		if !extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			continue
		}
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(extension.Value, &names); err != nil {
			continue
		}
		for _, name := range names {
			var other otherName
			if name.Class != asn1.ClassContextSpecific || name.Tag != tagOtherName {
				continue
			}
			if _, err := asn1.UnmarshalWithParams(name.FullBytes, &other, "tag:0"); err != nil || !other.Type.Equal(upnOID()) {
				continue
			}
			var text string
			if _, err := asn1.Unmarshal(other.Value.Bytes, &text); err == nil {
				found = append(found, text)
			}
		}
	}
	return found
}
