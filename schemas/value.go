package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
)

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

// foreignType names the type of a value that Decode cannot have returned, if there is one in value. gojsonschema lets such
// values pass whatever the schema says: a number that was decoded as float64 would be checked by nothing.
func foreignType(value any) (name string, found bool) {
	switch v := value.(type) {
	case nil, bool, string, json.Number:
		return "", false
	case map[string]any:
		for _, member := range v {
			if name, found = foreignType(member); found {
				return name, true
			}
		}
		return "", false
	case []any:
		for _, item := range v {
			if name, found = foreignType(item); found {
				return name, true
			}
		}
		return "", false
	}
	return fmt.Sprintf("%T", value), true
}
