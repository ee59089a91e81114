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
	count                       int
	// context is the last operation of the play before it that changes something.
	context string
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
		found = append(found, evidence{res, at, step, aspect, member, header, got, count, r.before(at), legal})
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
	for i := range r.Plays {
		if r.Plays[i].Name != at.Play {
			continue
		}
		for j := range r.Plays[i].Steps {
			step := &r.Plays[i].Steps[j]
			if step.Name == at.Step && step.Index == at.Index {
				break
			}
			if step.Method != http.MethodGet && step.Status < 300 {
				last = "after " + step.Operation
			}
		}
	}
	return last
}

// Was is the verdict of the rule without the baseline.
func (r *Result) Was() Verdict {
	if r.Known != nil && r.Known.Was != "" {
		return r.Known.Was
	}
	return r.Verdict
}

// key names what is wrong, whichever rule says so: the thing that the response carries, the aspect, the member or the
// header, and the kind of breach. It has no name, id, time or number of the run in it.
func (e *evidence) key() string {
	if e.step == nil {
		return e.rule.ID
	}
	if whole := e.whole(); whole != "" && e.aspect != "header" && e.aspect != "refusal" && (e.aspect != "status" || e.step.Status < 300) {
		return join(e.side(), "body", "whole", whole)
	}
	switch e.aspect {
	case "status", "refusal":
		return e.statusKey()
	case "header":
		return join(e.side(), "header", strings.ToLower(e.header), presence(e.step.ResponseHeader, e.header))
	case "way":
		return join(e.step.Operation, "way", e.step.Name)
	case "state":
		return e.stateKey()
	}
	if e.header != "" {
		return join(e.side(), e.aspect, strings.ToLower(e.header))
	}
	return e.memberKey()
}

func (e *evidence) memberKey() string {
	thing, member := e.thing()
	if thing == "list" && (member == "" || strings.HasPrefix(member, "value")) {
		return join(e.step.Operation, "body", "items")
	}
	if member == "" {
		return join(thing, e.aspect, e.rule.ID)
	}
	if e.aspect == "identity" {
		return join(thing, "identity", member)
	}
	kind, outermost := e.kind()
	if outermost != "" && len(outermost) < len(e.member) {
		// A member is missing because the object that it belongs to is, or is none.
		outer := *e
		outer.member = outermost
		thing, member = outer.thing()
	}
	if thing == "operation" && member == "status" && kind == "wrong" {
		return e.stateKey()
	}
	return join(thing, "body", member, kind)
}

// stateKey tells a state that is spelled in a way of the target's own from a known one that comes at the wrong time.
func (e *evidence) stateKey() string {
	switch state := e.state(); state {
	case "":
		return join(carried(e.step), "body", "status", "missing")
	case "inProgress", "completed", "cancelled", "canceled", "failed":
		return join(e.step.Operation, "state", state, e.context)
	default:
		return join("operation", "state", "spelling")
	}
}

// statusKey tells a wrong success, a refusal that did not come or came otherwise, and the refusal of a legal request.
func (e *evidence) statusKey() string {
	status := strconv.Itoa(e.step.Status)
	due := e.refusalIsDue()
	if due && e.step.Status < 300 {
		status = "2xx"
	}
	switch {
	case due && e.step.unserved():
		return join(e.step.Operation, "status", strings.TrimSpace(status+" "+e.step.code()))
	case due && strings.HasPrefix(e.at.Play, "Authentication"):
		return join("authentication", "refusal", status)
	case due && strings.HasPrefix(e.at.Play, "APIVersion"):
		return join("api-version", "refusal", status)
	case due && e.step.Status < 300:
		return join(append([]string{e.step.Operation, "refusal", status}, e.acceptedWrongly()...)...)
	case due:
		return join(e.step.Operation, "refusal", status)
	case e.step.Status < 400:
		return join(e.step.Operation, "status", status)
	default:
		return join(e.step.Operation, "status", strings.TrimSpace(status+" "+e.step.code()), e.scene())
	}
}

// acceptedWrongly says in stable words what was accepted that is to be refused.
func (e *evidence) acceptedWrongly() []string {
	switch {
	case e.step.query() != "" && e.context != "after DeleteCertificateOperation":
		return []string{e.step.query()}
	case e.step.Method == http.MethodGet:
		return []string{e.context}
	case slices.Contains(e.rule.Accepts.all(), "409"):
		return []string{"conflict", e.context}
	default:
		return []string{e.at.Play + "." + e.at.Step}
	}
}

// refusalIsDue reports whether the rule accepts refusals only.
func (e *evidence) refusalIsDue() bool {
	accepted := e.rule.Accepts.all()
	switch {
	case e.legal:
		return false
	case e.aspect != "status" && e.aspect != "refusal":
		return false
	case len(accepted) == 0:
		return e.aspect == "refusal" || len(e.rule.Breaches) == 0 && e.step.Status < 300
	}
	return !slices.ContainsFunc(accepted, func(status string) bool { return strings.HasPrefix(status, "2") })
}

// all lists the accepted responses, each once.
func (a Accepts) all() []string {
	all := slices.Concat(a.Documented, a.Observed, a.Inferred)
	slices.Sort(all)
	return slices.Compact(all)
}

// scene says in stable words what was asked that was refused: a read of a version, a query, what happened before, or of a
// request with a body that could be at fault the play and step.
func (e *evidence) scene() string {
	switch {
	case e.step.query() != "":
		return e.step.query()
	case e.step.Operation == "GetCertificate" && e.step.version():
		return "version"
	case e.step.Method == http.MethodGet:
		return e.context
	case slices.Contains([]int{http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, e.step.Status):
		return e.at.Play + "." + e.at.Step
	default:
		return ""
	}
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
