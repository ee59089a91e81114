package match

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// State reads the status of a certificate operation, letter case aside: inProgress, or the status in lower case.
func State() Reader {
	return Reader{Name: "status", Aspect: AspectState, Member: "/status", Read: func(e *vault.Exchange) (string, error) {
		status, err := statusOf(e)
		if strings.EqualFold(status, vault.StateInProgress) {
			return "inProgress", err
		}
		return strings.ToLower(status), err
	}}
}

// StateSpelling reads the status of a certificate operation as it is spelled.
func StateSpelling() Reader {
	return Reader{Name: "status", Aspect: AspectState, Member: "/status", Read: func(e *vault.Exchange) (string, error) { return statusOf(e) }}
}

func statusOf(e *vault.Exchange) (string, error) {
	value, err := At(e, "status")
	if err != nil {
		return "", fmt.Errorf("%w (HTTP status %d)", err, e.Status())
	}
	status, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("status is %s", Kind(value))
	}
	return status, nil
}

// InState wants a certificate operation in one of some states, letter case aside.
func InState(states ...string) Test {
	return Member("to be "+strings.Join(states, " or "), func(value any) bool {
		status, ok := value.(string)
		for _, state := range states {
			if ok && strings.EqualFold(status, state) {
				return true
			}
		}
		return false
	}, "status")
}

// Uncancelled wants no claim that a cancellation was requested: cancellation_requested is false or left out.
func Uncancelled() Test {
	return func(e *vault.Exchange) *Failure {
		value, err := memberOrNil(e, "cancellation_requested")
		if err == nil && (value == nil || value == false) {
			return nil
		}
		got := "cancellation_requested is " + Kind(value)
		if err != nil {
			got = err.Error()
		}
		return &Failure{Expected: "cancellation_requested false, or left out", Got: got, Member: "/cancellation_requested"}
	}
}

// NotInProgress wants a response that shows no operation in progress: an error, or an operation in another state.
func NotInProgress() Test {
	return func(e *vault.Exchange) *Failure {
		status, _ := statusOf(e)
		if e.Status() >= 300 || !strings.EqualFold(status, vault.StateInProgress) {
			return nil
		}
		return &Failure{Expected: "no operation in progress", Got: fmt.Sprintf("status %d with an operation that is %s", e.Status(), status), Member: "/status", Aspect: AspectState}
	}
}

// StatusDetails reads how a certificate operation explains itself: absent, empty or text.
func StatusDetails() Reader {
	return Reader{Name: "status_details", Aspect: AspectBody, Member: "/status_details", Read: func(e *vault.Exchange) (string, error) {
		value, err := memberOrNil(e, "status_details")
		if err != nil {
			return "", err
		}
		text, ok := value.(string)
		switch {
		case value == nil:
			return "absent", nil
		case ok && text == "":
			return "empty", nil
		case ok:
			return "text", nil
		default:
			return "", fmt.Errorf("status_details is %s", Kind(value))
		}
	}}
}

// memberOrNil is a top-level member of a JSON object, nil where it is missing or null.
func memberOrNil(e *vault.Exchange, name string) (any, error) {
	value, err := e.Response.Read()
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("the body is " + Kind(value))
	}
	return object[name], nil
}

// SameBody wants the JSON of an earlier response again, and its status.
func SameBody(earlier *vault.Exchange) Test { return SameBodyBut(earlier) }

// SameBodyBut wants what SameBody does, but for top-level members of some names.
func SameBodyBut(earlier *vault.Exchange, ignored ...string) Test {
	return func(e *vault.Exchange) *Failure {
		expected := fmt.Sprintf("status %d and the same body as %s", earlier.Status(), earlier.Line())
		before, err := earlier.Response.Read()
		if err != nil {
			return &Failure{Expected: expected, Got: "in the earlier response " + err.Error(), Aspect: AspectIdentity}
		}
		now, err := e.Response.Read()
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error()}
		}
		if e.Status() != earlier.Status() {
			return &Failure{Expected: expected, Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectStatus}
		}
		before, now = without(before, ignored), without(now, ignored)
		if !reflect.DeepEqual(before, now) {
			got, member := difference(before, now)
			return &Failure{Expected: expected, Got: got, Member: member, Aspect: AspectIdentity}
		}
		return nil
	}
}

// without is a JSON object without members of some names; any other value is returned as it is.
func without(value any, names []string) any {
	object, ok := value.(map[string]any)
	if !ok || len(names) == 0 {
		return value
	}
	rest := maps.Clone(object)
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// difference says in which top-level member two bodies differ.
func difference(before, now any) (got, member string) {
	a, aok := before.(map[string]any)
	b, bok := now.(map[string]any)
	if !aok || !bok {
		return "another body", ""
	}
	for _, name := range sortedKeys(a, b) {
		if !reflect.DeepEqual(a[name], b[name]) {
			return fmt.Sprintf("%s is %s, was %s", name, Kind(b[name]), Kind(a[name])), Pointer(name)
		}
	}
	return "another body", ""
}

// OtherMember wants a member to be there and to differ from an earlier response's.
func OtherMember(earlier *vault.Exchange, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		name := strings.Join(path, ".")
		now, err := At(e, path...)
		if err != nil {
			return &Failure{Expected: "a " + name + " of its own", Got: err.Error(), Member: Pointer(path...)}
		}
		before, err := At(earlier, path...)
		if err == nil && reflect.DeepEqual(before, now) {
			return &Failure{Expected: "a " + name + " of its own", Got: name + " is that of " + earlier.Line() + ": " + Kind(now), Member: Pointer(path...), Aspect: AspectIdentity}
		}
		return nil
	}
}

// IssuerName wants an operation of the issuer named, letter case aside.
func IssuerName(issuer string) Test { return IssuerNameAt(issuer, "issuer", "name") }

// IssuerNameAt is IssuerName for a member elsewhere, such as in a policy.
func IssuerNameAt(issuer string, path ...string) Test {
	return Member("to be "+issuer, func(value any) bool {
		name, ok := value.(string)
		return ok && strings.EqualFold(name, issuer)
	}, path...)
}
