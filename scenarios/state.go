package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// endStates are the states in which a certificate operation has ended, in lower case, in both spellings of one.
func endStates() []string {
	return []string{vault.StateCompleted, vault.StateCancelled, vault.StateCanceled, vault.StateFailed}
}

// State is the state that a response shows, in lower case and without anything but letters, so that "in progress" and
// "InProgress" are one: which spelling is right is for a rule to say. It is "" if there is no status. The HTTP status is
// another matter: an operation that failed may come with a 500.
func State(e *vault.Exchange) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(e.Text("status")))
}

// InProgress reports whether a response shows a certificate operation in progress.
func InProgress(e *vault.Exchange) bool { return State(e) == "inprogress" }

// Ended reports whether a response shows a certificate operation that has ended: by its status, or, if the status is none
// of the documented ones, by a target or an error.
func Ended(e *vault.Exchange) bool {
	if InState(e, endStates()...) {
		return true
	}
	return e.Succeeded() && !InProgress(e) && (e.Text("target") != "" || e.Member("error") != nil)
}

// ShowsOperation reports whether the body of a success is a certificate operation, as far as that can be told without
// judging it: an object that has a member of one.
func ShowsOperation(e *vault.Exchange) bool {
	if !e.Succeeded() {
		return false
	}
	return slices.ContainsFunc([]string{"id", "status", "csr", "request_id", "issuer"}, func(member string) bool {
		return e.Member(member) != nil
	})
}

// InState reports whether a response shows an operation in one of some states, however the states are spelled.
func InState(e *vault.Exchange, states ...string) bool {
	return slices.ContainsFunc(states, func(state string) bool { return strings.EqualFold(state, State(e)) })
}

// RequestID is the request_id of the first of some responses that has one, under any spelling of the member's name: which
// is right is for a rule to say. It is "" if none has.
func RequestID(responses ...*vault.Exchange) string { return loose("requestid", responses...) }

// loose is a text member of the first of some responses that has it; the name is compared in lower case and without
// underscores.
func loose(name string, responses ...*vault.Exchange) string {
	for _, e := range responses {
		if !e.Succeeded() {
			continue
		}
		value, err := e.Response.Read()
		object, ok := value.(map[string]any)
		if err != nil || !ok {
			continue
		}
		for _, member := range slices.Sorted(maps.Keys(object)) {
			text, isText := object[member].(string)
			if isText && text != "" && strings.ReplaceAll(strings.ToLower(member), "_", "") == name {
				return text
			}
		}
	}
	return ""
}
