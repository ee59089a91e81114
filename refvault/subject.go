package refvault

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxSubject is the documented limit, in characters.
const maxSubject = 200

// attributeLabels lists what may stand left of the equals sign. Of several labels for one type the first is the one
// that the vault writes: the service calls a state S and a mail address E.
var attributeLabels = [...]struct {
	label string
	oid   string
}{
	{"CN", "2.5.4.3"},
	{"SN", "2.5.4.4"},
	{"SERIALNUMBER", "2.5.4.5"},
	{"C", "2.5.4.6"},
	{"L", "2.5.4.7"},
	{"S", "2.5.4.8"},
	{"ST", "2.5.4.8"},
	{"STREET", "2.5.4.9"},
	{"O", "2.5.4.10"},
	{"OU", "2.5.4.11"},
	{"T", "2.5.4.12"},
	{"TITLE", "2.5.4.12"},
	{"G", "2.5.4.42"},
	{"GN", "2.5.4.42"},
	{"I", "2.5.4.43"},
	{"DC", "0.9.2342.19200300.100.1.25"},
	{"UID", "0.9.2342.19200300.100.1.1"},
	{"E", "1.2.840.113549.1.9.1"},
	{"EMAIL", "1.2.840.113549.1.9.1"},
	{"EMAILADDRESS", "1.2.840.113549.1.9.1"},
}

// encodeSubject turns the text of an X.500 name (RFC 4514) into DER, whose order is the reverse of the text's.
func encodeSubject(text string) ([]byte, error) {
	if len([]rune(text)) > maxSubject {
		return nil, fmt.Errorf("the name is longer than %d characters", maxSubject)
	}
	name, err := parseSubject(text)
	if err != nil {
		return nil, err
	}
	slices.Reverse(name)
	der, err := asn1.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("encoding the name: %w", err)
	}
	return der, nil
}

// parseSubject returns the parts of a name in the order of the text. No text is an empty name.
func parseSubject(text string) (pkix.RDNSequence, error) {
	name := pkix.RDNSequence{}
	if strings.TrimSpace(text) == "" {
		return name, nil
	}
	for _, part := range splitUnquoted(text, ",;") {
		var set pkix.RelativeDistinguishedNameSET
		for _, pair := range splitUnquoted(part, "+") {
			attribute, err := parseAttribute(pair)
			if err != nil {
				return nil, err
			}
			set = append(set, attribute)
		}
		name = append(name, set)
	}
	return name, nil
}

// splitUnquoted cuts text at each of the separators that is neither escaped nor within quotes.
func splitUnquoted(text, separators string) []string {
	var parts []string
	start, quoted, escaped := 0, false, false
	for i, r := range text {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case !quoted && strings.ContainsRune(separators, r):
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func parseAttribute(pair string) (pkix.AttributeTypeAndValue, error) {
	var none pkix.AttributeTypeAndValue
	label, raw, found := strings.Cut(pair, "=")
	if !found {
		return none, fmt.Errorf("%q is not of the form type=value", strings.TrimSpace(pair))
	}
	oid, err := attributeType(strings.TrimSpace(label))
	if err != nil {
		return none, err
	}
	value, err := unescape(trimValue(raw))
	if err != nil {
		return none, err
	}
	if value == "" {
		return none, fmt.Errorf("%s has no value", strings.TrimSpace(label))
	}
	return pkix.AttributeTypeAndValue{Type: oid, Value: asn1Text(oid, value)}, nil
}

func attributeType(label string) (asn1.ObjectIdentifier, error) {
	for _, known := range attributeLabels {
		if strings.EqualFold(known.label, label) {
			return parseOID(known.oid)
		}
	}
	oid, err := parseOID(strings.TrimPrefix(strings.ToUpper(label), "OID."))
	if err != nil {
		return nil, fmt.Errorf("%q is no attribute type", label)
	}
	return oid, nil
}

// asn1Text chooses the string type: IA5 where the attribute asks for it, else what encoding/asn1 chooses, which is
// PrintableString where it will do and UTF8String otherwise.
func asn1Text(oid asn1.ObjectIdentifier, value string) any {
	switch oid.String() {
	case "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25":
		if isASCII(value) {
			return asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(value)}
		}
	}
	return value
}

// trimValue cuts blanks around a value, but not one that is escaped at the end.
func trimValue(raw string) string {
	trimmed := strings.TrimSpace(raw)
	if strings.HasSuffix(trimmed, `\`) && !strings.HasSuffix(trimmed, `\\`) && strings.HasSuffix(raw, " ") {
		trimmed += " "
	}
	return trimmed
}

// unescape resolves quotes, backslashes and hex pairs.
func unescape(value string) (string, error) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if i+2 < len(value) {
				if pair, err := hex.DecodeString(value[i+1 : i+3]); err == nil {
					b.Write(pair)
					i += 2
					continue
				}
			}
			if i+1 == len(value) {
				return "", fmt.Errorf("%q ends in the middle of an escape", value)
			}
			i++
			b.WriteByte(value[i])
		default:
			b.WriteByte(value[i])
		}
	}
	if quoted {
		return "", fmt.Errorf("a quote in %q is not closed", value)
	}
	return b.String(), nil
}

// subjectText writes a DER name as the service does for imported certificates: the most specific part first.
func subjectText(der []byte) (string, error) {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return "", fmt.Errorf("the certificate's subject is not a name: %w", err)
	}
	slices.Reverse(name)
	var parts []string
	for _, set := range name {
		var pairs []string
		for _, attribute := range set {
			pairs = append(pairs, labelOf(attribute.Type)+"="+quote(fmt.Sprint(attribute.Value)))
		}
		parts = append(parts, strings.Join(pairs, " + "))
	}
	return strings.Join(parts, ", "), nil
}

func labelOf(oid asn1.ObjectIdentifier) string {
	for _, known := range attributeLabels {
		if known.oid == oid.String() {
			return known.label
		}
	}
	return "OID." + oid.String()
}

// quote puts a value in quotes where it would be misread without them.
func quote(value string) string {
	if strings.ContainsAny(value, `,;+"\=<>#`) || value != strings.TrimSpace(value) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	return value
}

func parseOID(text string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is no object identifier", text)
		}
		oid = append(oid, n)
	}
	if len(oid) < 2 || oid[0] > 2 || (oid[0] < 2 && oid[1] > 39) {
		return nil, fmt.Errorf("%q is no object identifier", text)
	}
	return oid, nil
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
