package match

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// At returns the value at a path of members in the response's JSON. A null counts as absent.
func At(e *vault.Exchange, path ...string) (any, error) {
	value, err := e.Response.Read()
	if err != nil {
		return nil, err
	}
	for i, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is %s", orBody(path[:i]), Kind(value))
		}
		if value, ok = object[name]; !ok || value == nil {
			return nil, fmt.Errorf("%s is missing", strings.Join(path[:i+1], "."))
		}
	}
	return value, nil
}

func orBody(path []string) string {
	if len(path) == 0 {
		return "the body"
	}
	return strings.Join(path, ".")
}

// Pointer is the JSON pointer (RFC 6901) of a path of members.
func Pointer(path ...string) string {
	var pointer strings.Builder
	for _, name := range path {
		if strings.ContainsAny(name, "~/") { // hardly ever, and every member of every response passes here
			name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
		}
		pointer.WriteString("/" + name)
	}
	return pointer.String()
}

// Kind names the JSON type of a value, for a reader.
func Kind(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("the boolean %t", value)
	case json.Number:
		return "the number " + value.String()
	case string:
		return fmt.Sprintf("the string %q", Shorten(value))
	case []any:
		return "the array " + written(value)
	default:
		return "the object " + written(value)
	}
}

// written is a value as JSON, cut for a line of a report.
func written(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("of type %T", value)
	}
	return Shorten(string(text))
}

// Shorten cuts a long text for a line of a report.
func Shorten(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// Member wants a member of the response's JSON to pass a test, which says what it wanted where it fails.
func Member(wanted string, test func(value any) bool, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		name := strings.Join(path, ".")
		value, err := At(e, path...)
		if err != nil {
			return &Failure{Expected: name + " " + wanted, Got: err.Error(), Member: Pointer(path...)}
		}
		if !test(value) {
			return &Failure{Expected: name + " " + wanted, Got: name + " is " + Kind(value), Member: Pointer(path...)}
		}
		return nil
	}
}

// Absent wants a member of the response's JSON to be missing or null.
func Absent(path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		if _, err := e.Response.Read(); err != nil {
			return &Failure{Expected: "a JSON body", Got: err.Error()}
		}
		name := strings.Join(path, ".")
		if value, err := At(e, path...); err == nil {
			return &Failure{Expected: "no " + name, Got: name + " is " + Kind(value), Member: Pointer(path...)}
		}
		return nil
	}
}

// Empty wants a member to be missing, or an empty list or object: both say that there is nothing.
func Empty(path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		value, _ := At(e, path...)
		switch value := value.(type) {
		case []any:
			if len(value) == 0 {
				return nil
			}
		case map[string]any:
			if len(value) == 0 {
				return nil
			}
		}
		return Absent(path...)(e)
	}
}

// SameMember wants a member to be the same as in an earlier exchange.
func SameMember(earlier *vault.Exchange, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		name := strings.Join(path, ".")
		before, err := At(earlier, path...)
		if err != nil {
			return &Failure{Expected: name + " in both responses", Got: "in the earlier response " + err.Error(), Member: Pointer(path...), Aspect: AspectIdentity}
		}
		now, err := At(e, path...)
		if err != nil {
			return &Failure{Expected: name + " as before: " + Kind(before), Got: err.Error(), Member: Pointer(path...)}
		}
		if fmt.Sprint(before) != fmt.Sprint(now) {
			return &Failure{Expected: name + " as before: " + Kind(before), Got: name + " is " + Kind(now), Member: Pointer(path...), Aspect: AspectIdentity}
		}
		return nil
	}
}

// NotBefore wants a member that is a time not to be earlier than in an earlier exchange.
func NotBefore(earlier *vault.Exchange, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		name := strings.Join(path, ".")
		before, err := second(earlier, path...)
		if err != nil {
			return err
		}
		now, err := second(e, path...)
		if err != nil {
			return err
		}
		if now < before {
			return &Failure{
				Expected: fmt.Sprintf("%s not before %d", name, before), Got: fmt.Sprintf("%s is %d", name, now), Member: Pointer(path...),
			}
		}
		return nil
	}
}

// Text wants a member to be a string that is not empty.
func Text(path ...string) Test {
	return Member("to be a string that is not empty", func(value any) bool {
		text, ok := value.(string)
		return ok && text != ""
	}, path...)
}

// Equal wants a member to be a given string, number or boolean.
func Equal(want any, path ...string) Test {
	return Member(fmt.Sprintf("to be %v", want), func(value any) bool {
		switch want := want.(type) {
		case string:
			text, ok := value.(string)
			return ok && text == want
		case bool:
			truth, ok := value.(bool)
			return ok && truth == want
		default:
			number, ok := value.(json.Number)
			return ok && number.String() == fmt.Sprint(want)
		}
	}, path...)
}
