package schemas

import (
	"maps"
	"slices"
	"strconv"
)

// paths lists the paths of all values within value, outer ones first.
func paths(value any) [][]string {
	var found [][]string
	var walk func(prefix []string, value any)
	step := func(prefix []string, token string, child any) {
		tokens := append(slices.Clone(prefix), token)
		found = append(found, tokens)
		walk(tokens, child)
	}
	walk = func(prefix []string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for _, name := range sortedKeys(v) {
				step(prefix, name, v[name])
			}
		case []any:
			for i, item := range v {
				step(prefix, strconv.Itoa(i), item)
			}
		}
	}
	walk(nil, value)
	return found
}

func parentOf(value any, tokens []string) any {
	parent, _ := lookup(value, tokens[:len(tokens)-1])
	return parent
}

// replaced returns a copy of value with another value at tokens.
func replaced(value any, tokens []string, with any) any {
	if len(tokens) == 0 {
		return with
	}
	switch v := value.(type) {
	case map[string]any:
		changed := maps.Clone(v)
		changed[tokens[0]] = replaced(v[tokens[0]], tokens[1:], with)
		return changed
	case []any:
		changed := slices.Clone(v)
		i, err := strconv.Atoi(tokens[0])
		if err == nil && i < len(v) {
			changed[i] = replaced(v[i], tokens[1:], with)
		}
		return changed
	}
	return value
}

// without returns a copy of value without the member at tokens.
func without(value any, tokens []string) any {
	object, isObject := value.(map[string]any)
	if isObject && len(tokens) == 1 {
		changed := maps.Clone(object)
		delete(changed, tokens[0])
		return changed
	}
	if len(tokens) > 1 {
		if child, ok := lookup(value, tokens[:1]); ok {
			return replaced(value, tokens[:1], without(child, tokens[1:]))
		}
	}
	return value
}
