package reports

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// key names what is wrong, whichever rule says so: the thing that the response carries, the aspect, the member or the
// header, and the kind of breach. It has no name, id, time or number of the run in it.
func (e *evidence) key() string {
	if e.step == nil {
		return e.rule.ID
	}
	if whole := e.whole(); whole != "" && e.aspect != "header" && e.aspect != "refusal" && (e.aspect != "status" || e.step.Status < 300 && !e.refusalIsDue()) {
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
	if strings.HasPrefix(e.got, "a page of ") {
		return join("list", "paging") // maxresults is read in one place
	}
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
	return join(thing, "body", member, e.part(), kind)
}

// stateKey tells a state that is spelled in a way of the target's own from a known one that comes at the wrong time.
func (e *evidence) stateKey() string {
	switch state := e.state(); {
	case state == "":
		of := *e
		of.member = "/status"
		kind, _ := of.kind()
		return join(carried(e.step), "body", "status", kind)
	case slices.Contains(states(), state):
		return join(e.step.Operation, "state", state, e.context)
	default:
		return join("operation", "state", "spelling")
	}
}

// statusKey tells a wrong success, a refusal that did not come or came otherwise, and the refusal of a legal request.
func (e *evidence) statusKey() string {
	status := strconv.Itoa(e.step.Status)
	switch {
	case e.refusalIsDue():
		return e.refusalKey(status)
	case e.otherCase:
		return join("names", "case")
	case e.step.Status < 400:
		return join(e.step.Operation, "status", status)
	default:
		return join(e.step.Operation, "status", strings.TrimSpace(status+" "+e.step.code()), e.scene())
	}
}

// refusalKey tells a refusal that did not come, or came otherwise.
func (e *evidence) refusalKey(status string) string {
	accepted := e.step.Status < 300
	if accepted {
		status = "2xx"
	}
	switch {
	case e.step.unserved():
		return join(e.step.Operation, "status", strings.TrimSpace(status+" "+e.step.code()))
	case strings.HasPrefix(e.at.Play, "Authentication"), strings.HasPrefix(e.rule.ID, "authentication/"):
		return join("authentication", "refusal", status)
	case strings.HasPrefix(e.at.Play, "APIVersion"), strings.HasPrefix(e.rule.ID, "api-version/"):
		return join("api-version", "refusal", status)
	case accepted:
		return join(append([]string{e.step.Operation, "refusal", status}, e.acceptedWrongly()...)...)
	default:
		return join(e.step.Operation, "refusal", status)
	}
}

// acceptedWrongly says in stable words what was accepted that is to be refused.
func (e *evidence) acceptedWrongly() []string {
	switch {
	case e.step.query() != "" && e.context != "after DeleteCertificateOperation":
		return []string{e.step.query()}
	case e.step.Method == http.MethodGet:
		return []string{e.context}
	case e.conflictIsDue():
		return []string{"conflict", e.context}
	case slices.Equal(slices.DeleteFunc(e.rule.Accepts.all(), func(status string) bool { return status == "4xx" }), []string{"404"}):
		return []string{"nothing there"}
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
		success := strings.HasPrefix(e.rule.Expected, "status 2")
		return e.aspect == "refusal" || len(e.rule.Breaches) == 0 && e.step.Status < 300 && !success
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
