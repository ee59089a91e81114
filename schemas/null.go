package schemas

import "maps"

// withoutNulls returns value without the members that are null: the API makes no difference between null and absent. It
// returns value itself if there is none, and never changes it. A null in an array stays.
func withoutNulls(value any) any {
	if !holdsNull(value) {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		pruned := maps.Clone(v)
		for name, member := range v {
			if member == nil {
				delete(pruned, name)
				continue
			}
			pruned[name] = withoutNulls(member)
		}
		return pruned
	case []any:
		pruned := make([]any, len(v))
		for i, item := range v {
			pruned[i] = withoutNulls(item)
		}
		return pruned
	}
	return value
}

// holdsNull reports whether an object somewhere in value has a null member.
func holdsNull(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			if member == nil || holdsNull(member) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if holdsNull(item) {
				return true
			}
		}
	}
	return false
}
