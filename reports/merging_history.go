package reports

import (
	"slices"
	"strings"
)

// histories merges what the rules of histories find into what the rules of single plays find of it: of the same response,
// then of the same status of the operation. A fault that only a sequence shows keeps a cause of its own.
func (g *grouping) histories() {
	known := g.singlePlays()
	for _, key := range g.order {
		if !slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool { return !e.historical() }) {
			g.share(key, func(e *evidence) string {
				if root := known.at(e); root != "" {
					return root
				}
				if filtered := join(e.step.Operation, "refusal", "2xx", "request_id"); e.step.query() == "request_id" && g.byKey[filtered] != nil {
					return filtered
				}
				return known.like(e)
			})
		}
	}
}

// singlePlays are the causes that the rules of single plays find.
type singlePlays struct {
	places   map[Place]string
	bodies   map[Place]bool // what is wrong there is only a member that is no reason to refuse anything
	statuses map[string]string
	members  map[string]string
}

func (g *grouping) singlePlays() singlePlays {
	known := singlePlays{map[Place]string{}, map[Place]bool{}, map[string]string{}, g.members()}
	for key, e := range g.all() {
		if e.step == nil || e.historical() || e.aspect == "header" {
			continue
		}
		if _, ok := known.places[e.at]; !ok || e.aboutStatus() {
			known.places[e.at], known.bodies[e.at] = key, !e.misleads()
		}
		if e.aboutStatus() && known.statuses[e.returned()] == "" {
			known.statuses[e.returned()] = key
		}
	}
	return known
}

// at is the cause that they find in the same response, if it can be that of the evidence.
func (s singlePlays) at(e *evidence) string {
	if e.misleads() && s.bodies[e.at] {
		return ""
	}
	return s.places[e.at]
}

// like is the cause that they find of the same status of the operation, or of the same member.
func (s singlePlays) like(e *evidence) string {
	if e.aboutStatus() {
		return s.statuses[e.returned()]
	}
	root := s.members[e.plainMember()]
	if kind, _ := e.kind(); kindOf(root) == "missing" && kind != "missing" {
		return "" // a member that is there is not wrong because another response lacks it
	}
	return root
}

// members are the causes of the members that a rule of a single play finds wrong in a certificate or an operation.
func (g *grouping) members() map[string]string {
	members := map[string]string{}
	for key, e := range g.all() {
		if e.step == nil || e.historical() || e.aspect != "body" || carried(e.step) == "list" {
			continue
		}
		if member := e.plainMember(); member != "" && members[member] == "" {
			members[member] = key
		}
	}
	return members
}

// plainMember is the member by its name in a certificate or an operation, wherever in a response that stands.
func (e *evidence) plainMember() string {
	_, member := e.thing()
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(member, "value."), "*."), "value")
}

// listed merges what a list shows otherwise than the certificates do into what is wrong with the certificates.
func (g *grouping) listed() {
	members := g.members()
	for _, key := range g.order {
		if first := &g.byKey[key].evidence[0]; first.step == nil || carried(first.step) != "list" {
			continue
		}
		g.share(key, func(e *evidence) string {
			if listsOtherThumbprint(e) {
				return members["x5t"]
			}
			if member := e.plainMember(); member != "" && carried(e.step) == "list" && e.aspect != "header" {
				return members[member]
			}
			return ""
		})
	}
}

// historical reports whether the rule is one of histories: it judges all plays, as other rules judge one.
func (e *evidence) historical() bool { return strings.HasPrefix(e.rule.ID, "history/") }

// returned says which operation returned what it should not have; a conflict that was overlooked is told from any other
// request that was to be refused.
func (e *evidence) returned() string {
	switch {
	case !e.refusalIsDue() || e.step.Status >= 400:
		return e.step.returned()
	case e.conflictIsDue():
		return e.step.Operation + " despite a conflict"
	default:
		return e.step.Operation + " wrongly"
	}
}

// conflictIsDue reports whether the rule wants the request to be refused because of what else there is of the name.
func (e *evidence) conflictIsDue() bool {
	ofCertificate := e.step.Operation == "CreateCertificate" || carried(e.step) != "operation"
	return slices.Contains(e.rule.Accepts.all(), "409") || strings.HasPrefix(e.rule.Expected, "409") || e.historical() && ofCertificate
}
