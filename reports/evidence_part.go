package reports

import (
	"encoding/json"
	"fmt"
	"reflect"
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
		if first.step == nil || first.aspect != "body" || first.part() == "" || first.misspellsSubject() {
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

// misspellsSubject reports whether a csr has the common name that was sent, in a subject that is otherwise wrong: whoever made it
// looks at the policy.
func (e *evidence) misspellsSubject() bool {
	subject, _ := below(e.step.RequestBody, "policy.x509_props.subject").(string)
	first, _, _ := strings.Cut(subject, ",")
	return first != "" && e.part() == "subject" && strings.Contains(e.got, first)
}

// requested merges what a csr, a certificate or a secret lacks of a policy into the member that the policy itself does not
// keep: what is lost with the create cannot be in what is made of it.
func (g *grouping) requested() {
	lost := map[string]string{}
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || first.aspect != "body" || first.historical() {
			continue
		}
		thing, member := first.thing()
		if thing != "policy" || g.ofImports(key) {
			continue
		}
		for _, made := range madeOf() {
			if made.is(member) && lost[made.thing+" "+made.part] == "" {
				lost[made.thing+" "+made.part] = key
			}
		}
	}
	for _, key := range g.order {
		if first := &g.byKey[key].evidence[0]; first.step == nil || first.step.Status >= 300 {
			continue
		}
		if g.shareWhole(key, func(e *evidence) string {
			if g.keptInPolicy(e) {
				return ""
			}
			return lost[e.made()]
		}) {
			g.lostWithCreate(key)
		}
	}
}

// ofImports reports whether only imports show a key: they say nothing of what is lost with a create.
func (g *grouping) ofImports(key string) bool {
	return !slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool {
		return e.step == nil || e.step.Operation != "ImportCertificate" && !e.historical()
	})
}

// keptInPolicy reports whether a policy of the same name, in the play of the evidence, has the member as the create sent it: what
// was made is then wrong for a reason of its own.
func (g *grouping) keptInPolicy(e *evidence) bool {
	i := slices.IndexFunc(g.report.Plays, func(play Play) bool { return play.Name == e.at.Play })
	if i < 0 {
		return false
	}
	var members []string
	for _, made := range madeOf() {
		if made.thing+" "+made.part == e.made() {
			members = append(members, made.member)
		}
	}
	var sent map[string]any
	sure := false
	for j := range g.report.Plays[i].Steps {
		step := &g.report.Plays[i].Steps[j]
		if named(step) != named(e.step) || step.Status >= 300 {
			continue
		}
		if step.Operation == "CreateCertificate" {
			sent, _ = below(step.RequestBody, "policy").(map[string]any)
		}
		shown := policyOf(step)
		if sent == nil || shown == nil {
			continue
		}
		for _, member := range members {
			asked := at(sent, member)
			if asked == nil {
				continue
			}
			if !reflect.DeepEqual(asked, at(shown, member)) {
				return false
			}
			sure = true
		}
	}
	return sure
}

// policyOf is the policy that a response is or has.
func policyOf(step *Step) map[string]any {
	switch carried(step) {
	case "policy":
		policy, _ := below(step.ResponseBody, "").(map[string]any)
		return policy
	case "bundle", "deleted":
		policy, _ := below(step.ResponseBody, "policy").(map[string]any)
		return policy
	}
	return nil
}

// below is a member of a JSON object, by its path with dots; the whole object for "".
func below(body, path string) any {
	var value any
	if json.Unmarshal([]byte(body), &value) != nil {
		return nil
	}
	return at(value, path)
}

func at(value any, path string) any {
	if path == "" {
		return value
	}
	for _, name := range strings.Split(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// lostWithCreate names the create in the title of a member that neither the policy nor the csr has.
func (g *grouping) lostWithCreate(key string) {
	root := g.byKey[g.find(key)]
	if g.byKey[key].evidence[0].step.Operation != "CreateCertificate" || root.operation != "" {
		return
	}
	e := &root.evidence[0]
	if _, member := e.thing(); !slices.ContainsFunc(madeOf(), func(made madeMember) bool { return made.is(member) }) {
		return // it stands under another member of the policy, which nobody sent
	}
	root.operation = "CreateCertificate"
	root.title = "CreateCertificate does not keep the policy's " + withoutIndexes(strings.TrimPrefix(e.member, "/policy")) + "; " + e.title()
}

// madeMember is a part of a thing and the member of a policy that it is made of.
type madeMember struct{ thing, part, member string }

// is reports whether a member of a policy is that one, or in it.
func (m madeMember) is(member string) bool {
	return member == m.member || strings.HasPrefix(member, m.member+".")
}

// madeOf says which part of a thing is made of which member of a policy.
func madeOf() []madeMember {
	return []madeMember{
		{"csr", "subject", "x509_props.subject"}, {"cer", "subject", "x509_props.subject"},
		{"csr", "names", "x509_props.sans"}, {"cer", "names", "x509_props.sans"},
		{"csr", "usages", "x509_props.ekus"}, {"cer", "usages", "x509_props.ekus"},
		{"csr", "usages", "x509_props.key_usage"}, {"cer", "usages", "x509_props.key_usage"},
		{"csr", "key", "key_props.kty"}, {"csr", "key", "key_props.key_size"}, {"csr", "key", "key_props.crv"},
		{"cer", "validity", "x509_props.validity_months"}, {"cer", "earlier key", "key_props.reuse_key"},
		{"secret", "private key", "key_props.exportable"}, {"secret", "content type", "secret_props.contentType"},
	}
}

// made is the thing that was made of a policy, and which part of it the evidence is about.
func (e *evidence) made() string {
	thing, member := e.thing()
	switch part := e.part(); {
	case e.aspect == "header":
		return ""
	case part != "":
		return member + " " + part
	case thing == "bundle" && strings.Contains(e.want, "the key of the version before"):
		return "cer earlier key"
	case thing == "secret" && strings.Contains(e.got, "private key"):
		return "secret private key"
	case thing == "secret" && (member == "contentType" || strings.HasPrefix(e.got, "a value that is ")):
		return "secret content type"
	}
	return ""
}
