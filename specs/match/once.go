package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// FieldsOnce wants each of some headers, none of which is a list, to be there once or not at all.
func FieldsOnce(names ...string) Test {
	return func(e *vault.Exchange) *Failure {
		for _, name := range names {
			if values := e.Response.Header[http.CanonicalHeaderKey(name)]; len(values) > 1 {
				return &Failure{Expected: name + " once", Got: fmt.Sprintf("%s %d times", name, len(values)), Header: name}
			}
		}
		return nil
	}
}

// MembersOnce wants no object of the body to have a member twice: readers differ in which of the two they take. A body that
// is no JSON is a failure of another rule.
func MembersOnce() Test {
	return func(e *vault.Exchange) *Failure {
		if e.Response.MembersOnce() {
			return nil
		}
		value, err := e.Response.JSON()
		if err != nil || colons(e.Response.Body) == membersIn(value) {
			return nil //nolint:nilerr // another rule's failure
		}
		decoder := json.NewDecoder(bytes.NewReader(e.Response.Body))
		twice, _ := memberTwice(decoder)
		if twice == nil {
			return nil
		}
		slices.Reverse(twice)
		return &Failure{Expected: "each member once", Got: twice[len(twice)-1] + " twice", Member: Pointer(twice...)}
	}
}

// colons counts the colons of a JSON text outside of its strings: one for each member, however often its name comes.
func colons(text []byte) int {
	count, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ':' && !quoted:
			count++
		}
	}
	return count
}

// membersIn counts the members of the objects in a decoded value: one for each name.
func membersIn(value any) int {
	count := 0
	switch value := value.(type) {
	case map[string]any:
		count = len(value)
		for _, member := range value {
			count += membersIn(member)
		}
	case []any:
		for _, item := range value {
			count += membersIn(item)
		}
	}
	return count
}

// memberTwice reads one value and returns the path of the first member that its object has twice, from the member up to the
// root, nil if there is none. The path is put together on the way back only: a body may be thousands of levels deep.
func memberTwice(decoder *json.Decoder) ([]string, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return nil, nil
	}
	var seen map[string]bool
	for i := 0; decoder.More(); i++ {
		name := ""
		if delimiter == '{' {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, _ = key.(string)
			if seen[name] {
				return []string{name}, nil
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[name] = true
		}
		twice, err := memberTwice(decoder)
		switch {
		case err != nil:
			return nil, err
		case twice != nil && delimiter == '{':
			return append(twice, name), nil
		case twice != nil:
			return append(twice, strconv.Itoa(i)), nil
		}
	}
	_, err = decoder.Token()
	return nil, err
}
