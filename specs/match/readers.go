package match

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// ClientError is what StatusClass reads of any refusal that is the client's fault.
const ClientError = "4xx"

// Success is the class of the statuses that accept a request.
const Success = "2xx"

// StatusClass reads "4xx" of a refusal for what was asked, and the status itself of any other response. A status among
// the exact ones is always itself. A 401, a 405, a 408 and a 429 refuse something other than what was asked.
func StatusClass(exact ...int) Reader {
	return Reader{Name: "status", Aspect: AspectRefusal, Read: func(e *vault.Exchange) (string, error) {
		status := e.Status()
		if slices.Contains(exact, status) || !forWhatWasAsked(status) {
			return strconv.Itoa(status), nil
		}
		return ClientError, nil
	}}
}

// Accepted reads whether a request was accepted: Success for any 2xx with a JSON object, or the status.
func Accepted() Reader {
	return Reader{Name: "status", Aspect: AspectStatus, Read: func(e *vault.Exchange) (string, error) {
		if !e.Succeeded() {
			return strconv.Itoa(e.Status()), nil
		}
		value, err := e.Response.Read()
		if err != nil {
			return "", fmt.Errorf("status %d, but %w", e.Status(), err)
		}
		if _, ok := value.(map[string]any); !ok {
			return "", fmt.Errorf("status %d, but the body is %s", e.Status(), Kind(value))
		}
		return Success, nil
	}}
}

func forWhatWasAsked(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return status >= 400 && status < 500
	}
}

// TextAt reads a member that is a string.
func TextAt(path ...string) Reader {
	name := strings.Join(path, ".")
	return Reader{Name: name, Aspect: AspectBody, Member: Pointer(path...), Read: func(e *vault.Exchange) (string, error) {
		value, err := At(e, path...)
		if err != nil {
			return "", err
		}
		text, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("%s is %s", name, Kind(value))
		}
		return text, nil
	}}
}

// IssuerAt reads the name of an issuer. Letter case does not count, so the names that every vault knows are read in the
// spelling of the documentation.
func IssuerAt(path ...string) Reader {
	reader := TextAt(path...)
	text := reader.Read
	reader.Read = func(e *vault.Exchange) (string, error) {
		name, err := text(e)
		for _, known := range []string{"Self", "Unknown"} {
			if strings.EqualFold(name, known) {
				return known, err
			}
		}
		return name, err
	}
	return reader
}

// NumberAt reads a member that is a number, as it is written.
func NumberAt(path ...string) Reader {
	name := strings.Join(path, ".")
	return Reader{Name: name, Aspect: AspectBody, Member: Pointer(path...), Read: func(e *vault.Exchange) (string, error) {
		value, err := At(e, path...)
		if err != nil {
			return "", err
		}
		number, ok := value.(interface{ String() string })
		if !ok {
			return "", fmt.Errorf("%s is %s", name, Kind(value))
		}
		return number.String(), nil
	}}
}

// HeaderAt reads a header of the response, in lower case where that is all the same.
func HeaderAt(name string) Reader {
	return Reader{Name: name, Header: name, Aspect: AspectHeader, Read: func(e *vault.Exchange) (string, error) {
		value := e.Response.Header.Get(name)
		if value == "" {
			return "", fmt.Errorf("no %s", name)
		}
		return strings.ToLower(value), nil
	}}
}

// Present wants a member to be there and not null.
func Present(path ...string) Test {
	return Member("to be there", func(any) bool { return true }, path...)
}

// NoHeader wants a header not to be there.
func NoHeader(name string) Test {
	return func(e *vault.Exchange) *Failure {
		if value := e.Response.Header.Get(name); value != "" {
			return &Failure{Expected: "no " + name, Got: name + " " + Shorten(value), Header: name}
		}
		return nil
	}
}

// Set wants a member to be an array of these strings, in whatever order.
func Set(want []string, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		name := strings.Join(path, ".")
		expected := name + " with " + listed(want)
		value, err := At(e, path...)
		if err != nil && len(want) == 0 {
			return nil
		}
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: Pointer(path...)}
		}
		got, ok := stringArray(value)
		if !ok {
			return &Failure{Expected: expected, Got: name + " is " + Kind(value), Member: Pointer(path...)}
		}
		if !sameSet(want, got) {
			return &Failure{Expected: expected, Got: name + " with " + listed(got), Member: Pointer(path...)}
		}
		return nil
	}
}

func stringArray(value any) ([]string, bool) {
	array, ok := value.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(array))
	for i, element := range array {
		if texts[i], ok = element.(string); !ok {
			return nil, false
		}
	}
	return texts, true
}

// Tags wants the tags of a certificate to be these and no others.
func Tags(want map[string]string) Test {
	return Member("to be "+literal(want), func(value any) bool {
		got, ok := value.(map[string]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for name, text := range want {
			if got[name] != text {
				return false
			}
		}
		return true
	}, "tags")
}

// literal is a value as JSON writes it, as a reader of responses knows it.
func literal(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// NoTags wants a certificate to have no tags: none at all, or an empty object.
func NoTags() Test {
	return func(e *vault.Exchange) *Failure {
		value := e.Member("tags")
		if tags, ok := value.(map[string]any); value == nil || ok && len(tags) == 0 {
			return nil
		}
		return &Failure{Expected: "no tags", Got: "the tags " + literal(value), Member: "/tags"}
	}
}

// NotLess wants a member that is a number not to be less than in an earlier response.
func NotLess(earlier *vault.Exchange, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		before, failure := second(earlier, path...)
		if failure != nil {
			return failure
		}
		now, failure := second(e, path...)
		if failure != nil {
			return failure
		}
		if now >= before {
			return nil
		}
		name := strings.Join(path, ".")
		return &Failure{
			Expected: fmt.Sprintf("%s of %d or later", name, before), Got: fmt.Sprintf("%s %d", name, now), Member: Pointer(path...),
		}
	}
}
