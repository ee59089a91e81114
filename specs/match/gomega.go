package match

import (
	"fmt"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// That turns a test into a Gomega matcher, for Go tests that assert on exchanges with Gomega.
func That(test Test) types.GomegaMatcher { return &matcher{test: test} }

type matcher struct {
	test    Test
	failure *Failure
}

// Match applies the test.
func (m *matcher) Match(actual any) (bool, error) {
	e, ok := actual.(*vault.Exchange)
	if !ok || e == nil {
		return false, fmt.Errorf("a matcher of exchanges was given %T", actual)
	}
	m.failure = m.test(e)
	return m.failure == nil, nil
}

// FailureMessage is the failure as text.
func (m *matcher) FailureMessage(any) string { return m.failure.Error() }

// NegatedFailureMessage reports an exchange that passes the test and must not.
func (m *matcher) NegatedFailureMessage(any) string {
	return "want an exchange that fails the test, got one that passes"
}
