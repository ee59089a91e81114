package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

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
		decoder := json.NewDecoder(bytes.NewReader(e.Response.Body))
		decoder.UseNumber()
		twice, _ := memberTwice(decoder, nil)
		if twice == nil {
			return nil
		}
		return &Failure{Expected: "each member once", Got: twice[len(twice)-1] + " twice", Member: Pointer(twice...)}
	}
}

// memberTwice reads one value and returns the path of the first member that its object has twice, nil if there is none.
func memberTwice(decoder *json.Decoder, path []string) ([]string, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return nil, nil
	}
	seen := map[string]bool{}
	for i := 0; decoder.More(); i++ {
		name := fmt.Sprint(i)
		if delimiter == '{' {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, _ = key.(string)
			if seen[name] {
				return append(path, name), nil
			}
			seen[name] = true
		}
		if twice, err := memberTwice(decoder, append(path[:len(path):len(path)], name)); twice != nil || err != nil {
			return twice, err
		}
	}
	_, err = decoder.Token()
	return nil, err
}
