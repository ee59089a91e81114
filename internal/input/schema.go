package input

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/schemas"
)

// Check holds the file against the schema of its kind and reports the mistake that is first in it.
func (d *Document) Check(files *schemas.Files) error {
	problems := files.CheckNamed(d.kind.Schema, d.Tree)
	if len(problems) == 0 {
		return nil
	}
	unknownFirst := map[string]int{"additionalProperties": -1} // a mistyped key is most often the one that is missing
	slices.SortStableFunc(problems, func(a, b schemas.Problem) int {
		return cmp.Or(d.Line(a.Pointer)-d.Line(b.Pointer), unknownFirst[a.Keyword]-unknownFirst[b.Keyword])
	})
	more := ""
	if len(problems) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(problems)-1)
	}
	return Usagef("%s: %s%s", d.At(problems[0].Pointer), d.kind.phrase(files, problems[0]), more)
}

// phrase says what is wrong and what to do, in the words of a file's writer.
func (k Kind) phrase(files *schemas.Files, problem schemas.Problem) string {
	tokens := tokensOf(problem.Pointer)
	hint := files.Hint(k.Schema, tokens)
	write := "; " + k.suchAs("write it", tokens, hint)
	switch problem.Keyword {
	case "additionalProperties":
		last := len(tokens) - 1
		return "unknown key; " + nearestKey(tokens[last], files.Hint(k.Schema, tokens[:last]).Keys)
	case "maxProperties":
		return "more than one is given; keep exactly one of " + strings.Join(hint.Keys, ", ")
	case "minProperties":
		return "nothing is given; give one of " + strings.Join(hint.Keys, ", ")
	case "required":
		return "missing; " + k.suchAs("add it", tokens, hint)
	case "type":
		return inYAML(problem.Type) + ", must be " + inYAML(strings.Split(problem.Limit, ",")...) + write
	case "pattern":
		return "not " + problem.Limit + write
	case "enum":
		return "none of " + problem.Limit + write
	case "minLength", "minItems":
		if problem.Limit == "1" {
			return "empty" + write
		}
		return "shorter than " + problem.Limit + write
	case "minimum":
		return "less than " + problem.Limit + write
	case "maximum":
		return "more than " + problem.Limit + write
	default:
		return problem.Message + write
	}
}

// inYAML calls types of JSON Schema what they are called in YAML.
func inYAML(types ...string) string {
	names := map[string]string{
		"object": "a mapping", "array": "a list", "null": "nothing", "integer": "an integer",
	}
	called := make([]string, len(types))
	for i, name := range types {
		if called[i] = names[name]; called[i] == "" {
			called[i] = "a " + name
		}
	}
	return strings.Join(called, " or ")
}

// suchAs ends a message with a right value, or with the keys that there are.
func (k Kind) suchAs(what string, tokens []string, hint schemas.Hint) string {
	switch {
	case hint.Example != "" && len(tokens) > 0:
		last := tokens[len(tokens)-1]
		if _, err := strconv.Atoi(last); err == nil {
			return what + " as " + hint.Example
		}
		return fmt.Sprintf("%s as %s: %s", what, last, hint.Example)
	case len(hint.Keys) > 0:
		return "give keys among " + strings.Join(hint.Keys, ", ")
	default:
		return k.Advice
	}
}

// nearestKey names the key that was meant, or all that there are.
func nearestKey(name string, keys []string) string {
	for _, key := range keys {
		if Distance(strings.ToLower(name), strings.ToLower(key)) <= max(1, len(name)/3) {
			return "did you mean " + key + "?"
		}
	}
	return "the keys here are " + strings.Join(keys, ", ")
}
