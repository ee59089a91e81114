package specs

import (
	"cmp"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// UnknownMember is a member of successful responses that no schema has.
type UnknownMember struct {
	// Member is its place, such as policy.x509_props.sans.uris; Operations are those whose responses have it.
	Member     string
	Operations []string
	Count      int
	// Play, Step and Index say where the first such response is.
	Play, Step string
	Index      int
}

// UnknownMembers lists the members of the responses of a run that no schema has, sorted by their place. At an api-version that
// kvconform does not know, they are what the version may have added.
func (s *Suite) UnknownMembers(facts Facts, performances []*scenarios.Performance) []UnknownMember {
	found := map[string]*UnknownMember{}
	for _, performance := range performances {
		for _, step := range performance.Steps() {
			for _, member := range s.unknownIn(step.Exchange, facts) {
				seen, ok := found[member]
				if !ok {
					seen = &UnknownMember{Member: member, Play: performance.Play.Name, Step: step.Name, Index: step.Index}
					found[member] = seen
				}
				seen.Count++
				if !slices.Contains(seen.Operations, step.Exchange.Operation) {
					seen.Operations = append(seen.Operations, step.Exchange.Operation)
				}
			}
		}
	}
	var list []UnknownMember
	for _, member := range found {
		slices.Sort(member.Operations)
		list = append(list, *member)
	}
	slices.SortFunc(list, func(a, b UnknownMember) int { return cmp.Compare(a.Member, b.Member) })
	return list
}

func (s *Suite) unknownIn(e *vault.Exchange, facts Facts) []string {
	if e.Failure != nil || e.Response == nil || e.Request.Deliberate {
		return nil
	}
	value, err := e.Response.JSON()
	if err != nil {
		return nil // that the body is no JSON is a rule's concern
	}
	kind, ok := s.Document.ResponseKind(asking(e, facts), received(e))
	if !ok {
		return nil
	}
	return s.Schemas.Unknown(kind, value)
}
