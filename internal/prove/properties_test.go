package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// owned is a member of one response, with the rule that has to fail whatever else stands in its place. Where that rule
// asks only that the member be there, the schema of every such answer owns its type.
type owned struct {
	play, step string
	path       string
	owner      string
	schema     string
	// other is the step of another certificate's answer whose member may be put in its place; "" where that would be
	// as right.
	otherPlay, otherStep string
}

func ownedMembers() []owned {
	merged := func(path, rule string) owned {
		return owned{play: "MergeManualRequest", step: "Merged", path: path, owner: "merge-manual-request/" + rule, otherPlay: "MergeChain", otherStep: "Merged"}
	}
	requested := func(path, rule string) owned {
		return owned{play: "RequestFromIssuer", step: "Created", path: path, owner: "request-from-issuer/" + rule}
	}
	read := func(path, rule string) owned {
		return owned{play: "ReadInProgress", step: "Read", path: path, owner: "read-in-progress/" + rule, otherPlay: "ReadInProgress", otherStep: "OtherRead"}
	}
	deleted := func(path, rule string) owned {
		return owned{play: "DeletePending", step: "Deleted", path: path, owner: "delete-pending/" + rule, otherPlay: "DeleteByRequestID", otherStep: "Deleted"}
	}
	group := func(path string) owned {
		return owned{play: "MergeManualRequest", step: "Merged", path: path, owner: "merge-manual-request/policy", schema: "every-answer/certificate-bundle"}
	}
	of := func(play, step, path, owner string) owned {
		return owned{play: play, step: step, path: path, owner: owner}
	}
	list := []owned{
		merged("id", "id"), merged("kid", "kid"), merged("sid", "sid"), merged("x5t", "x5t"), merged("cer", "cer"), merged("pending.id", "pending"),
		of("MergeManualRequest", "Merged", "attributes.nbf", "merge-manual-request/nbf"),
		of("MergeManualRequest", "Merged", "attributes.exp", "merge-manual-request/exp"),
		of("MergeManualRequest", "Merged", "attributes.enabled", "merge-manual-request/enabled"),
		of("MergeManualRequest", "Merged", "attributes.created", "merge-manual-request/times"),
		of("MergeManualRequest", "Merged", "attributes.updated", "merge-manual-request/times"),
		group("policy.key_props"),
		group("policy.secret_props"),
		group("policy.x509_props"),
		group("policy.issuer"),
		of("MergeManualRequest", "Merged", "policy.issuer.name", "merge-manual-request/policy-issuer"),
		of("MergeManualRequest", "Merged", "policy.x509_props.subject", "merge-manual-request/policy-subject"),
		requested("id", "operation-id"), requested("csr", "csr-encoding"), requested("status", "state"), requested("request_id", "request-id"),
		requested("issuer.name", "issuer-name"), requested("cancellation_requested", "cancellation-not-requested"), requested("status_details", "status-details"),
		read("id", "id-unchanged"), read("csr", "csr-unchanged"), read("request_id", "request-id-unchanged"),
		of("ReadInProgress", "Read", "issuer.name", "read-in-progress/issuer-unchanged"),
		of("ReadInProgress", "Read", "status", "read-in-progress/state"),
		deleted("id", "id"), deleted("csr", "csr"), deleted("request_id", "request-id"),
		of("DeletePending", "Deleted", "issuer.name", "delete-pending/issuer"),
		of("DeletePending", "Deleted", "status", "delete-pending/state"),
		of("ReadCompleted", "Polls", "target", "read-completed/target-present"),
		of("FailedRequest", "Polls", "error", "read-cancelled-or-failed/failed-error"),
		of("FailedRequest", "Polls", "error.code", "read-cancelled-or-failed/failed-error-code"),
		of("FailedRequest", "Polls", "error.message", "read-cancelled-or-failed/failed-error-message"),
		{play: "ImportPFX", step: "Imported", path: "x5t", owner: "import-certificate/x5t", otherPlay: "ImportPEM", otherStep: "Imported"},
		{play: "ImportPFX", step: "Imported", path: "cer", owner: "import-certificate/cer", otherPlay: "ImportPEM", otherStep: "Imported"},
		{play: "ImportPFX", step: "Imported", path: "kid", owner: "import-certificate/identifiers", otherPlay: "ImportPEM", otherStep: "Imported"},
		{play: "ImportPFX", step: "Imported", path: "sid", owner: "import-certificate/identifiers", otherPlay: "ImportPEM", otherStep: "Imported"},
		{play: "ImportPFX", step: "Imported", path: "id", owner: "import-certificate/identifiers", otherPlay: "ImportPEM", otherStep: "Imported"},
		of("ConflictWhileInProgress", "CreatedAgain", "error.code", "conflict-while-in-progress/create-code"),
		of("ReadInProgress", "Mismatched", "error.code", "read-in-progress/filter-mismatch-code"),
	}
	return list
}

// Whatever stands in the place of a member, the rule that owns the member fails, and none that has nothing to do with
// it: whatever else fails is named by some fault that breaks the same rule, or judges the same member of every response.
func TestTheRuleThatOwnsAMemberFallsAndNoUnrelatedOneDoes(t *testing.T) {
	long.Test(t, "judges a hundred plays")
	p := newProver(t)
	performances, err := p.stand.performAll(t.Context(), p.chosen.Plays, trial{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	faults := fault.All()
	members := ownedMembers()
	rapid.Check(t, func(t *rapid.T) {
		member := rapid.SampledFrom(members).Draw(t, "member")
		performance := of(performances, member.play)
		step := lastStep(t, performance, member.step)
		names := strings.Split(member.path, ".")
		body := decoded(t, step.Exchange)
		mutate(t, member, performances, body, names)
		mutated := withBody(performance, step, encoded(t, body))

		var failed []string
		for _, finding := range p.judge(context.Background(), []*scenarios.Performance{mutated}) {
			if finding.Panicked {
				t.Fatalf("judging %s panicked: %s", finding.Rule, finding.Reason)
			}
			if finding.Kind == specs.Broken && p.clean[finding.Rule].Kind == specs.Held {
				failed = append(failed, finding.Rule)
			}
		}
		if !slices.Contains(failed, member.owner) && !slices.Contains(failed, member.schema) {
			t.Fatalf("%s does not fail; %v fail; the body is %s", member.owner, failed, encoded(t, body))
		}
		for _, id := range failed {
			if rule, _ := p.book.Catalogue.Rule(id); rule.Level != scenarios.May && !judgesAll(p.book, id) && !related(faults, member.owner, id) && !slices.Contains(wholeBodies(), id) {
				t.Fatalf("%s fails, which has nothing to do with %s of %s.%s; the body is %s", id, member.path, member.play, member.step, encoded(t, body))
			}
		}
	})
}

// judgesAll tells whether a rule is judged on every answer, and so on every member of its kind.
func judgesAll(book *specs.Suite, id string) bool {
	spec, ok := book.Spec(id)
	return ok && spec.Play == ""
}

// wholeBodies are the rules that compare whole bodies, or all by which a request is known, and so own every such member.
func wholeBodies() []string {
	return []string{
		"read-in-progress/repeatable", "read-in-progress/filter-match-body", "read-in-progress/filter-mismatch-keeps",
		"read-completed/filter-match", "read-completed/state-lasts",
		"read-cancelled-or-failed/failed-lasts", "read-cancelled-or-failed/cancelled-lasts",
	}
}

// mutate drops a member, gives it another type or null, or puts another certificate's in its place.
func mutate(t *rapid.T, member owned, performances []*scenarios.Performance, body map[string]any, names []string) {
	in := body
	for _, name := range names[:len(names)-1] {
		inner, ok := in[name].(map[string]any)
		if !ok {
			t.Fatalf("there is no %s in the answer", member.path)
		}
		in = inner
	}
	last := names[len(names)-1]
	now, there := in[last]
	if !there {
		t.Fatalf("there is no %s in the answer", member.path)
	}
	ways := []string{"drop", "null"}
	if member.otherPlay != "" {
		ways = append(ways, "another's")
	}
	for way, value := range otherTypes(now) {
		if fmt.Sprintf("%T", value) != fmt.Sprintf("%T", now) {
			ways = append(ways, way)
		}
	}
	slices.Sort(ways)
	switch way := rapid.SampledFrom(ways).Draw(t, "way"); way {
	case "drop":
		delete(in, last)
	case "null":
		in[last] = nil
	case "another's":
		other := decoded(t, lastStep(t, of(performances, member.otherPlay), member.otherStep).Exchange)
		var value any = other
		for _, name := range names {
			object, _ := value.(map[string]any)
			value = object[name]
		}
		if value == nil || value == now {
			t.Fatalf("another certificate has no other %s", member.path)
		}
		in[last] = value
	default:
		in[last] = otherTypes(now)[way]
	}
}

// otherTypes are a value of each JSON type, made of a value where that can be.
func otherTypes(now any) map[string]any {
	return map[string]any{
		"number": json.Number("17"), "string": fmt.Sprint(now), "boolean": true, "array": []any{now}, "object": map[string]any{"value": now},
	}
}

// related tells whether some fault that breaks the owner breaks the other rule as well, or may.
func related(faults []fault.Fault, owner, id string) bool {
	return slices.ContainsFunc(faults, func(f fault.Fault) bool {
		return slices.Contains(f.Breaks, owner) && (slices.Contains(f.Breaks, id) || slices.Contains(f.AlsoFails, id)) ||
			slices.Contains(f.AlsoFails, owner) && slices.Contains(f.Breaks, id)
	})
}

func of(performances []*scenarios.Performance, play string) *scenarios.Performance {
	return performances[slices.IndexFunc(performances, func(p *scenarios.Performance) bool { return p.Play.Name == play })]
}

func lastStep(t *rapid.T, performance *scenarios.Performance, name string) scenarios.Step {
	var found *scenarios.Step
	for _, step := range scenarios.Steps(performance.Script) {
		if step.Name == name {
			found = &step
		}
	}
	if found == nil {
		t.Fatalf("the play %s has no step %s", performance.Play.Name, name)
	}
	return *found
}

func decoded(t *rapid.T, e *vault.Exchange) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(e.Response.Body))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func encoded(t *rapid.T, body map[string]any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// withBody is a performance in which one answer has another body.
func withBody(performance *scenarios.Performance, changed scenarios.Step, body []byte) *scenarios.Performance {
	steps := scenarios.Steps(performance.Script)
	for i, step := range steps {
		if step.Exchange == changed.Exchange {
			e := *step.Exchange
			e.Response = &vault.Response{Status: e.Response.Status, Header: e.Response.Header, Body: body}
			steps[i].Exchange = &e
		}
	}
	play := performance.Play.New()
	if err := scenarios.Restore(play, steps); err != nil {
		panic(err) // the steps are the play's own
	}
	return &scenarios.Performance{Play: performance.Play, Script: play, Err: performance.Err, Started: performance.Started, Took: performance.Took}
}
