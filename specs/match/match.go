// Package match holds the matchers of the specs. A matcher is a Gomega matcher of an *vault.Exchange; a Reader takes
// out of an exchange what a rule lists the accepted answers of. Neither knows of rules or of tests.
package match

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Reader takes one thing out of an exchange.
type Reader struct {
	// Name says what it is, in a report: "status", "error.code".
	Name string
	// Member points at it in the body, "" where it is elsewhere.
	Member string
	// Read returns a string, an int or a bool; the error says in words what stood there instead.
	Read func(e *vault.Exchange) (any, error)
}

// Failure is a mismatch in three parts.
type Failure struct{ Expected, Got, Member string }

// message writes a mismatch as text, as Gomega carries it.
func (f Failure) message() string {
	return f.Expected + fieldMark + f.Got + fieldMark + f.Member
}

// fieldMark parts the fields of a message; it is no character of any text.
const fieldMark = "\x00"

// ReadFailure takes a matcher's message apart. The message of a matcher that is not of this package is its Got.
func ReadFailure(message string) Failure {
	parts := strings.Split(message, fieldMark)
	if len(parts) != 3 {
		return Failure{Expected: "a matching answer", Got: strings.Join(strings.Fields(message), " ")}
	}
	return Failure{Expected: parts[0], Got: parts[1], Member: parts[2]}
}

// Test says of an exchange whether it is as expected; nil where it is.
type Test func(e *vault.Exchange) *Failure

// matcher makes a Gomega matcher of a test.
type matcher struct {
	test    Test
	failure *Failure
}

// That is the Gomega matcher of a test of an exchange.
func That(test Test) types.GomegaMatcher { return &matcher{test: test} }

// Match applies the test.
func (m *matcher) Match(actual any) (bool, error) {
	e, ok := actual.(*vault.Exchange)
	if !ok || e == nil {
		return false, fmt.Errorf("a matcher of exchanges was given %T", actual)
	}
	m.failure = m.test(e)
	return m.failure == nil, nil
}

// FailureMessage is the mismatch.
func (m *matcher) FailureMessage(any) string { return m.failure.message() }

// NegatedFailureMessage is for a match that was not wanted.
func (m *matcher) NegatedFailureMessage(any) string {
	return Failure{Expected: "another answer", Got: "the answer that must not come"}.message()
}

// Status reads the status.
func Status() Reader {
	return Reader{Name: "status", Read: func(e *vault.Exchange) (any, error) { return e.Status(), nil }}
}

// ErrorCode reads error.code.
func ErrorCode() Reader {
	return Reader{Name: "error.code", Member: "/error/code", Read: func(e *vault.Exchange) (any, error) {
		value, err := At(e, "error", "code")
		if err != nil {
			return nil, err
		}
		code, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("error.code is %s", Kind(value))
		}
		return code, nil
	}}
}

// HasStatus wants one of the statuses given.
func HasStatus(statuses ...int) types.GomegaMatcher {
	return That(func(e *vault.Exchange) *Failure {
		for _, status := range statuses {
			if e.Status() == status {
				return nil
			}
		}
		return &Failure{Expected: "status " + anyOf(statuses), Got: fmt.Sprintf("status %d", e.Status())}
	})
}

func anyOf(statuses []int) string {
	words := make([]string, len(statuses))
	for i, status := range statuses {
		words[i] = fmt.Sprint(status)
	}
	return strings.Join(words, " or ")
}
