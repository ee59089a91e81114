package reports

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// evidence is one breach of one rule, as the first response shows it that has the breach.
type evidence struct {
	rule                        *Result
	at                          Place
	step                        *Step // nil in a report without its exchanges
	aspect, member, header, got string
	want                        string
	count                       int
	// context is the last operation of the play before it that changes something.
	context string
	// otherCase says that nothing was found of a request that names what an earlier one of the play does, in another case.
	otherCase bool
	// sender is the operation whose request, earlier in the play, has the member that the response does not.
	sender string
	// legal says that the request should have been accepted, whatever the rule accepts of the response.
	legal bool
}

// evidenceOf lists the breaches of a rule that fails or warns, whether or not the baseline knows it.
func (r *Report) evidenceOf(res *Result) []evidence {
	if was := res.Was(); was != Fail && was != Warn {
		return nil
	}
	var found []evidence
	add := func(at Place, aspect, member, header, got string, count int) {
		step, _ := r.exchangeAt(at)
		legal := false
		if aspect == "" { // a report of before aspects
			aspect = "body"
			if member == "" && strings.HasPrefix(got, "status ") {
				aspect = "status"
			}
		}
		if step != nil && step.Status >= 400 && aspect != "header" && aspect != "refusal" && aspect != "way" &&
			!strings.HasPrefix(member, "/error") && (member != "" || aspect == "state") {
			aspect, member, legal = "status", "", true // a refusal has no such member; that it is one is what is wrong
		}
		found = append(found, evidence{
			rule: res, at: at, step: step, aspect: aspect, member: member, header: header, got: got, want: res.wanted(), count: count,
			context: r.before(at), legal: legal,
			otherCase: r.lostCase(step, at), sender: r.sender(at, step, aspect, member),
		})
	}
	for i := range res.Breaches {
		b := &res.Breaches[i]
		add(b.place(), b.Aspect, b.Member, b.Header, b.Got, b.Count)
	}
	if len(found) == 0 {
		add(res.place(), res.Aspect, res.Member, res.Header, cmp.Or(res.Got, res.Reason), 1)
	}
	return found
}

// before is the last operation of a play before an exchange that changes something.
func (r *Report) before(at Place) string {
	last := ""
	earlier, _ := r.upTo(at)
	for i := range earlier {
		if step := &earlier[i]; step.Method != http.MethodGet && step.Status < 300 {
			last = "after " + step.Operation
		}
	}
	return last
}

// lostCase reports whether nothing was found at a path that is that of an earlier request of the play but for the case of its letters.
func (r *Report) lostCase(step *Step, at Place) bool {
	if step == nil || step.Status != http.StatusNotFound {
		return false
	}
	earlier, _ := r.upTo(at)
	return slices.ContainsFunc(earlier, func(other Step) bool {
		return other.path() != step.path() && strings.EqualFold(other.path(), step.path())
	})
}

// sender is the operation that sent a member of a policy, or the tags, which a response does not have as it was sent, "" where
// that is the operation of the response.
func (r *Report) sender(at Place, step *Step, aspect, member string) string {
	if step == nil || aspect != "body" || step.Status >= 300 {
		return ""
	}
	name, found := named(step), ""
	earlier, _ := r.upTo(at)
	for i := range earlier {
		e := evidence{step: &earlier[i], member: member}
		if named(e.step) != name || e.step.Method == http.MethodGet {
			continue
		}
		e.member = "/policy" + strings.TrimPrefix(member, "/policy")
		if whole := (&evidence{step: e.step, member: member}); ofRequest(member) && whole.wasSent() || member != "" && e.wasSent() {
			found = e.step.Operation
		}
	}
	if found == step.Operation {
		return ""
	}
	return found
}

// ofRequest reports whether a member of a certificate is sent under the same name.
func ofRequest(member string) bool {
	return member == "/tags" || member == "/preserveCertOrder" || strings.HasPrefix(member, "/attributes/")
}

// path is the URL without its query.
func (s *Step) path() string {
	path, _, _ := strings.Cut(s.URL, "?")
	return path
}

// wanted is what the rule wants in place of what came, "" where that takes many words.
func (r *Result) wanted() string {
	if accepted := r.Accepts.all(); len(accepted) > 0 {
		return strings.Join(accepted, " or ")
	}
	if len(r.Breaches) > 1 || len([]rune(r.Expected)) > mostWanted {
		return ""
	}
	return oneLine(r.Expected)
}

// mostWanted is how many characters a title has at most for what is wanted.
const mostWanted = 60

// Was is the verdict of the rule without the baseline.
func (r *Result) Was() Verdict {
	if r.Known != nil && r.Known.Was != "" {
		return r.Known.Was
	}
	return r.Verdict
}

// query lists the parameters of the request beside the api-version.
func (s *Step) query() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	var names []string
	for name := range u.Query() {
		if name != "api-version" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// version reports whether the request is for a version of a certificate.
func (s *Step) version() bool {
	u, err := url.Parse(s.URL)
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(u.Path, "/certificates/")
	return strings.Count(rest, "/") == 1
}

// whole says how the body is no JSON object at all, "" where it is one.
func (e *evidence) whole() string {
	if e.step.ResponseMore > 0 {
		return "" // what the report has of the body does not show that
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(e.step.ResponseBody))
	switch err := decoder.Decode(&value); {
	case strings.TrimSpace(e.step.ResponseBody) == "":
		if e.step.Status >= 400 {
			return "empty"
		}
		return "empty/" + e.step.Operation
	case err != nil, decoder.More():
		return "no JSON"
	}
	if _, ok := value.(map[string]any); ok {
		return ""
	}
	return "no object"
}

// side is what headers are looked up by: a response that refuses, one that challenges, or any other.
func (e *evidence) side() string {
	switch {
	case e.step.Status == http.StatusUnauthorized:
		return "challenge"
	case e.step.Status >= 400:
		return "error"
	default:
		return "response"
	}
}

// thing is what the body carries, and the member within it. A policy is the same wherever it stands.
func (e *evidence) thing() (thing, member string) {
	member = withoutIndexes(e.member)
	thing = carried(e.step)
	if thing == "bundle" || thing == "deleted" {
		if rest, ok := strings.CutPrefix(member, "policy"); ok && (rest == "" || rest[0] == '.') {
			return "policy", orWhole(strings.TrimPrefix(rest, "."))
		}
	}
	return thing, member
}

func orWhole(member string) string {
	if member == "" {
		return "whole"
	}
	return member
}

// carried says what the response to an operation carries.
func carried(step *Step) string {
	if step.Status == http.StatusUnauthorized {
		return "challenge"
	}
	if step.Status >= 400 {
		return "error"
	}
	switch step.Operation {
	case "CreateCertificate", "GetCertificateOperation", "UpdateCertificateOperation", "DeleteCertificateOperation":
		return "operation"
	case "GetCertificate", "UpdateCertificate", "ImportCertificate", "MergeCertificate", "RecoverDeletedCertificate",
		"RestoreCertificate":
		return "bundle"
	case "DeleteCertificate", "GetDeletedCertificate":
		return "deleted"
	case "GetCertificatePolicy", "UpdateCertificatePolicy":
		return "policy"
	case "GetCertificates", "GetCertificateVersions", "GetDeletedCertificates":
		return "list"
	case "SetCertificateIssuer", "GetCertificateIssuer", "DeleteCertificateIssuer", "UpdateCertificateIssuer":
		return "issuer"
	case "GetKey":
		return "key"
	case "GetSecret":
		return "secret"
	default:
		return step.Operation
	}
}

// withoutIndexes writes a JSON pointer as names parted by dots, with * for the place in a list.
func withoutIndexes(pointer string) string {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, name := range names {
		if _, err := strconv.Atoi(name); err == nil {
			names[i] = "*"
		}
	}
	return strings.Join(names, ".")
}

// kind says whether the member is missing, null or wrong, and points at the outermost member that is.
func (e *evidence) kind() (kind, at string) {
	var value any
	if json.Unmarshal([]byte(e.step.ResponseBody), &value) != nil {
		return "wrong", e.member
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(e.member, "/"), "/") {
		if value == nil {
			return "null", at
		}
		at += "/" + name
		switch in := value.(type) {
		case map[string]any:
			member, ok := in[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
			if !ok {
				return "missing", at
			}
			value = member
		case []any:
			index, err := strconv.Atoi(name)
			if err != nil || index < 0 || index >= len(in) {
				return "missing", at
			}
			value = in[index]
		default:
			return "wrong", strings.TrimSuffix(at, "/"+name) // it is no object
		}
	}
	if value == nil {
		return "null", at
	}
	return "wrong", at
}

func presence(header http.Header, name string) string {
	if slices.Contains([]string{"", " "}, header.Get(name)) {
		return "missing"
	}
	return "wrong"
}

// state is that of the certificate operation which the response shows.
func (e *evidence) state() string { return member(e.step, "status") }

func member(step *Step, name string) string {
	var body map[string]any
	if json.Unmarshal([]byte(step.ResponseBody), &body) != nil {
		return ""
	}
	text, _ := body[name].(string)
	return text
}

// code is the error.code of a response, "" if it is no plain word.
func (s *Step) code() string {
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(s.ResponseBody), &body) != nil {
		return ""
	}
	if strings.ContainsFunc(body.Error.Code, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return ""
	}
	return body.Error.Code[:min(len(body.Error.Code), 40)]
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "/")
}
