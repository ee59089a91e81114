package reports

import (
	"net/http"
	"slices"
	"strings"
)

// hint says how a cause is cured where more can be said than its title does: a feature that the target does not offer can
// be left out of the run; a request that should have been rejected, and a response whose title has no room for what is
// wanted, are described by their rule.
func (g *group) hint() string {
	first := &g.evidence[0]
	if g.cure != "" || first.step == nil {
		return g.cure
	}
	switch {
	case strings.HasPrefix(g.key, "authentication/refusal/"):
		return "reject each request without a valid token with 401, or claim less with `without: [authentication]`"
	case strings.HasPrefix(g.key, "api-version/refusal/"):
		return "reject each request whose api-version is missing or unknown, or claim less with `without: [api-version]`"
	case first.notOffered():
		return "offer " + first.step.Operation + ", or claim less with `without: [" + first.rule.Feature + "]`"
	case first.refusalIsDue() && first.step.Status < 300:
		return first.rule.said()
	case g.title == "" && g.first().want == "":
		return g.first().rule.said()
	}
	return ""
}

// said is the statement of a rule as part of a sentence.
func (r *Result) said() string { return strings.TrimSuffix(oneLine(r.Statement), ".") }

// blockerHint is the hint of a cause that breaks no rule, and only keeps rules from being judged.
func (g *group) blockerHint() string {
	switch {
	case g.want == takenBack:
		return "keep a deleted certificate so that it can be recovered, or claim less with `without: [soft-delete]`"
	case wantsStatus(g.want) && g.blocker.missing() && leavable(g.feature):
		return "offer " + g.blocker.Operation + ", or claim less with `without: [" + g.feature + "]`"
	}
	return ""
}

// notOffered reports whether a legal request was refused in a way that an operation which does not exist is, and whether
// the feature of the rule can be left out of a run.
func (e *evidence) notOffered() bool {
	return e.step.missing() && e.aboutStatus() && !e.refusalIsDue() && leavable(e.rule.Feature)
}

// missing reports whether the status is that of an operation that does not exist.
func (s *Step) missing() bool {
	return s.Status == http.StatusMethodNotAllowed || s.Status == http.StatusNotImplemented ||
		s.Status == http.StatusNotFound && s.Method != http.MethodGet
}

// leavable reports whether a target file can leave a feature out.
func leavable(feature string) bool {
	return feature != "" && !slices.Contains([]string{"create", "headers"}, feature)
}
