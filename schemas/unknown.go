package schemas

import (
	"slices"
	"strings"
)

// Unknown returns the members of a body that no schema has, sorted, such as policy.x509_props.sans.uris; the items of a list
// are []. They are information: a vault may return members that nobody documents. A null member counts as absent.
func (s *Set) Unknown(kind Kind, value any) []string {
	root, ok := s.history[string(kind)]
	if !ok {
		return nil
	}
	found := map[string]bool{}
	unknown([]*member{root}, "", value, found)
	return sortedKeys(found)
}

// isRecorded tells the members that no document has and that recordings of the service show at every api-version: they say
// nothing about a new one.
func isRecorded(place string) bool {
	return slices.ContainsFunc([]string{"org_details.zip", "x509_props.basic_constraints", "value[].subject"}, func(known string) bool {
		return place == known || strings.HasSuffix(place, "."+known)
	})
}

// unknown collects what the schemas of one value do not name. A value whose schemas name no members at all, such as the
// tags, may have any.
func unknown(members []*member, path string, value any, found map[string]bool) {
	members = flatten(members)
	switch value := value.(type) {
	case map[string]any:
		closed := slices.ContainsFunc(members, func(m *member) bool { return m.named != nil })
		for name, child := range value {
			if child == nil || !closed {
				continue
			}
			place := name
			if path != "" {
				place = path + "." + name
			}
			var next []*member
			for _, m := range members {
				if sub := m.named[name]; sub != nil {
					next = append(next, sub)
				}
			}
			if len(next) == 0 {
				if !isRecorded(place) {
					found[place] = true
				}
				continue
			}
			unknown(next, place, child, found)
		}
	case []any:
		var next []*member
		for _, m := range members {
			if m.items != nil {
				next = append(next, m.items)
			}
		}
		for _, child := range value {
			if len(next) > 0 {
				unknown(next, path+"[]", child, found)
			}
		}
	}
}
