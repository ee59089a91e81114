package reports

import (
	"fmt"
	"slices"
	"strings"
)

// part says which part of a signing request or of a certificate the evidence is about: subject, key, names, usages or
// validity. It is "" where the whole is wrong, such as a csr that cannot be read, and for every other member. One member
// holds all of them, and each has a cause of its own.
func (e *evidence) part() string {
	if _, member := e.thing(); member != "csr" && member != "cer" {
		return ""
	}
	// The words are those of the matchers; the longer ones come first.
	for _, words := range [][2]string{
		{"a csr asking for the extended key usages ", "usages"}, {"a csr asking for the key usage ", "usages"},
		{"a csr asking for the DNS names ", "names"}, {"a csr with the addresses ", "names"}, {"a csr with a key ", "key"},
		{"a csr for ", "subject"}, {"csr with the ", "names"},
		{"a csr without that extension", "usages"},
		{"a certificate for the names ", "names"}, {"a certificate for the usages ", "usages"}, {"a certificate with the key usages ", "usages"}, {"a certificate for another key", ""},
		{"a certificate for ", "subject"}, {"a certificate that is valid ", "validity"}, {"a certificate with a key ", "key"},
		{"cer with the certificate", ""}, {"cer with the ", "names"},
	} {
		if strings.HasPrefix(e.got, words[0]) {
			return words[1]
		}
	}
	return ""
}

// parts merges the parts of a csr, and of a certificate, if three or more are wrong: whoever makes it does not look at the
// policy, and that is one cause.
func (g *grouping) parts() {
	found := map[string][]string{}
	names := map[string][]string{}
	for _, key := range g.order {
		if g.parent[key] != "" {
			continue
		}
		first := &g.byKey[key].evidence[0]
		if first.step == nil || first.aspect != "body" || first.part() == "" {
			continue
		}
		_, member := first.thing()
		found[member] = append(found[member], key)
		names[member] = append(names[member], first.part())
	}
	for member, keys := range found {
		if len(keys) < manyUnkept {
			continue
		}
		for _, key := range keys[1:] {
			g.into(key, keys[0])
		}
		slices.Sort(names[member])
		last := len(names[member]) - 1
		g.byKey[keys[0]].title = fmt.Sprintf("%s: %s does not follow the policy in its %s and %s", g.byKey[keys[0]].evidence[0].step.Operation, member,
			strings.Join(names[member][:last], ", "), names[member][last])
	}
}
