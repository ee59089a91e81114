package specs_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// broken is one response of a play made wrong in one way, and the rule that must fail because of it. Such cases are for
// what no fault of refvault/fault makes wrong in the same place; a fault is the better proof, since the whole vault has
// it.
type broken struct {
	rule string
	step string
	edit func(*testing.T, *vault.Response)
	// borrow makes the edit, in place of edit, where it takes something from another exchange of the rehearsal.
	borrow func(*testing.T, *rehearsal) func(*testing.T, *vault.Response)
}

// brokenResponses are all such cases.
func brokenResponses() []broken {
	return slices.Concat(brokenRequests(), brokenReads(), brokenCompletions(), brokenEnds(), brokenOverwriting(),
		brokenConflicts(),
		brokenMergesOnIssuer(), brokenCancellations(), brokenDeletions(), brokenManualCreations(), brokenMerges(),
		brokenVersions(),
		brokenImports(), brokenAuthentication(), brokenAPIVersions(), brokenForms(), brokenHeaders(), brokenTruths(),
		brokenIssuers())
}

func TestARuleFailsBecauseOfOneBrokenResponse(t *testing.T) {
	t.Parallel()
	r := observedEverywhere(t)
	for _, b := range brokenResponses() {
		t.Run(b.rule+" at "+b.step, func(t *testing.T) { fails(t, r, b) })
	}
}

// Every rule is seen to fail: here by a broken response or a fault that edits one, or, if only the behaviour of a vault
// breaks it, by a fault that `kvconform prove` plays.
func TestEveryRuleIsSeenToFail(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, b := range brokenResponses() {
		seen[b.rule] = true
	}
	for _, f := range fault.All() {
		for _, rule := range f.Breaks {
			seen[rule] = true
		}
	}
	book, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range book.Catalogue.RuleIDs() {
		if !seen[rule] {
			t.Errorf("neither a fault nor a broken response makes %s fail", rule)
		}
	}
}

// fails breaks one response and sees the rule fail because of it, with a finding that says why.
func fails(t *testing.T, r *rehearsal, b broken) {
	t.Helper()
	spec, ok := r.book.Spec(b.rule)
	if !ok {
		t.Fatal("the rule has no spec")
	}
	play, step, edit := spec.Play, b.step, b.edit
	if play == "" {
		play, step, _ = strings.Cut(b.step, ".")
	}
	if b.borrow != nil {
		edit = b.borrow(t, r)
	}
	changed, err := r.edited(play, step, func(response *vault.Response) { edit(t, response) })
	if err != nil {
		t.Fatal(err)
	}
	finding := changed.judge(t, b.rule, scenarios.Either)
	if finding.Kind != specs.Broken {
		t.Fatalf("the rule is %s: %s", finding.Kind, finding.Text())
	}
	if finding.Expected == "" || finding.Got == "" || finding.Exchange == nil {
		t.Errorf("the finding does not say what was expected of which exchange and what it got: %+v", finding)
	}
}

// at is an answer at a step of the rule's play made wrong.
func at(rule, step string, edit func(*testing.T, *vault.Response)) broken {
	return broken{rule: rule, step: step, edit: edit}
}

func TestARuleIsNotReachedWhereItsPreconditionNeverHeld(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := rehearse(t, clock, reference(t, clock, refvault.Observed), readingScenarios()...)
	for _, b := range []broken{
		at("read-in-progress/filter-mismatch-status", "Read", gone()),
		at("read-in-progress/state", "Read", gone()),
		at("read-completed/target-query", "Polls", put(nil, "target")),
		at("read-completed/no-error", "Polls", put("failed", "status")),
		at("read-cancelled-or-failed/cancelled-state", "Polls", put("completed", "status")),
		at("read-cancelled-or-failed/cancelled-no-target", "Cancelled", status(http.StatusForbidden)),
		at("read-deleted-or-overwritten/deleted-status", "Read", gone()),
		at("read-deleted-or-overwritten/overwritten-filter-status", "Matched", gone()),
		at("conflict-while-in-progress/create-status", "Before", put("completed", "status")),
		at("conflict-while-in-progress/create-code", "CreatedAgain", status(http.StatusAccepted)),
		at("conflict-while-in-progress/merge-ends-it", "Merged", status(http.StatusForbidden)),
	} {
		spec, _ := r.book.Spec(b.rule)
		changed, err := r.edited(spec.Play, b.step, func(response *vault.Response) { b.edit(t, response) })
		if err != nil {
			t.Fatal(err)
		}
		finding := changed.judge(t, b.rule, scenarios.Either)
		if finding.Kind != specs.NotReached || finding.Reason == "" {
			t.Errorf("%s without its precondition: %s %q", b.rule, finding.Kind, finding.Reason)
		}
	}
}
