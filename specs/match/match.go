// Package match compares exchanges with expectations. A Test returns nil, or the Failure that says what was expected,
// what the vault returned, and where in the body; a Reader reads one value out of an exchange, for rules whose catalogue
// entry lists the accepted values. Neither knows of rules, of test frameworks or of reports:
//
//	if failure := match.HasStatus(http.StatusAccepted)(created); failure != nil {
//		fmt.Println(failure) // want status 202, got status 200
//	}
//
// A Test may call others. That makes a Gomega matcher of one.
package match

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Reader takes one thing out of an exchange.
type Reader struct {
	// Name says what it is, in a report: "status", "error.code".
	Name string
	// Member points at it in the body, "" where it is elsewhere.
	Member string
	// Header names the header that it is in, "" where it is elsewhere.
	Header string
	// Aspect says what of the response it is.
	Aspect Aspect
	// Read returns the value as text, as the catalogue lists it; the error says what the response has instead.
	Read func(e *vault.Exchange) (string, error)
}

// Failure is a mismatch: the response that was expected, the one that the vault returned, and what of it differs.
type Failure struct {
	Expected, Got string
	// Member points (RFC 6901) at the member of the body that differs, "" outside the body.
	Member string
	// Header names the header that differs, "" where none does.
	Header string
	// Aspect is what of the response differs; "" means the header named, or else the body. See [Failure.Of].
	Aspect Aspect
	// Unreadable is true if the response may be right, and this build of kvconform cannot read it to say so.
	Unreadable bool
}

// Aspect is what of a response differs from the one expected. Failures of one aspect and one thing have one cause.
type Aspect string

// The aspects.
const (
	AspectStatus   Aspect = "status"
	AspectHeader   Aspect = "header"
	AspectBody     Aspect = "body"
	AspectState    Aspect = "state"    // of the certificate operation that the response shows
	AspectIdentity Aspect = "identity" // what has to stay the same, or to differ, from one response to the next
	AspectRefusal  Aspect = "refusal"  // that a request is refused, and for what
	AspectWay      Aspect = "way"      // a link that cannot be followed
)

// Of is the aspect of the failure.
func (f *Failure) Of() Aspect {
	switch {
	case f.Aspect != "":
		return f.Aspect
	case f.Header != "":
		return AspectHeader
	default:
		return AspectBody
	}
}

// Error is the mismatch on one line.
func (f *Failure) Error() string { return "want " + f.Expected + ", got " + f.Got }

// Test compares an exchange with an expectation; nil if the exchange meets it.
type Test func(e *vault.Exchange) *Failure

// Status reads the status.
func Status() Reader {
	return Reader{Name: "status", Aspect: AspectStatus, Read: func(e *vault.Exchange) (string, error) {
		return strconv.Itoa(e.Status()), nil
	}}
}

// ErrorCode reads error.code.
func ErrorCode() Reader {
	return Reader{Name: "error.code", Aspect: AspectBody, Member: "/error/code", Read: func(e *vault.Exchange) (string, error) {
		value, err := At(e, "error", "code")
		if err != nil {
			return "", err
		}
		code, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("error.code is %s", Kind(value))
		}
		return code, nil
	}}
}

// HasStatus wants one of the statuses given.
func HasStatus(statuses ...int) Test {
	return func(e *vault.Exchange) *Failure {
		for _, status := range statuses {
			if e.Status() == status {
				return nil
			}
		}
		return &Failure{Expected: "status " + anyOf(statuses), Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectStatus}
	}
}

func anyOf(statuses []int) string {
	words := make([]string, len(statuses))
	for i, status := range statuses {
		words[i] = fmt.Sprint(status)
	}
	return strings.Join(words, " or ")
}
