package prove

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// The whole matrix is what `make prove` plays; a few of it show that the parts fit, and the race detector what goroutines share.
func TestAFewFaultsAndVariantsAreProven(t *testing.T) {
	const share = 400
	var options Options
	for i, f := range fault.All() {
		if i%share == 0 {
			options.Faults = append(options.Faults, f.ID)
		}
	}
	for i, v := range variant.All() {
		if i%share == 0 {
			options.Variants = append(options.Variants, v.ID)
		}
	}
	proof, err := Run(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range proof.Problems {
		t.Error(problem)
	}
	if len(proof.Faults) != len(options.Faults) || len(proof.Variants) != len(options.Variants) {
		t.Errorf("%d faults and %d variants were tried, want %d and %d",
			len(proof.Faults), len(proof.Variants), len(options.Faults), len(options.Variants))
	}
}

func TestProvingWhatIsNotThereIsAMistakeInUsage(t *testing.T) {
	for name, options := range map[string]Options{
		`there is no fault "create-answers-20"; did you mean create-answers-200?`: {Faults: []string{"create-answers-20"}},
		`there is no variant "slow"; `:                                            {Variants: []string{"slow"}},
	} {
		if _, err := Run(t.Context(), options); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("the error is %v, want %q", err, name)
		}
	}
}

func TestAProofFailsForEveryKindOfProblem(t *testing.T) {
	rules := []RuleProof{{ID: "a/b", Level: scenarios.Must, Clean: specs.Held, Faults: []string{"f"}}}
	failed := []RuleFailure{{Rule: "a/b"}}
	for _, test := range []struct {
		name    string
		proof   Proof
		problem string
	}{
		{"nothing is wrong", Proof{Complete: true, Rules: rules}, ""},
		{"a must that no fault makes fail", Proof{Complete: true, Rules: []RuleProof{{ID: "a/b", Level: scenarios.Must, Clean: specs.Held}}}, "the rule a/b is silent"},
		{"a should that no fault makes fail", Proof{Complete: true, Rules: []RuleProof{{ID: "a/b", Level: scenarios.Should, Clean: specs.Held}}}, "the rule a/b is silent"},
		{"a may that no fault makes fail", Proof{Complete: true, Rules: []RuleProof{{ID: "a/b", Level: scenarios.May, Clean: specs.Held}}}, ""},
		{"a rule that was not asked for", Proof{Rules: []RuleProof{{ID: "a/b", Level: scenarios.Must, Clean: specs.Held}}}, ""},
		{"a rule that does not hold", Proof{Rules: []RuleProof{{ID: "a/b", Level: scenarios.Must, Clean: specs.Broken}}}, "the rule a/b does not hold"},
		{"a target that is wrong itself", Proof{Target: "https://vault.example", Rules: []RuleProof{
			{ID: "a/b", Level: scenarios.Must, Clean: specs.Broken}, {ID: "c/d", Level: scenarios.Should, Clean: specs.CouldNotRun},
		}}, "2 rules fail on https://vault.example as it is"},
		{"a fault that nobody catches", Proof{Faults: []FaultProof{{ID: "f"}}}, "the fault f is caught by no rule"},
		{"a fault that misses a rule", Proof{Faults: []FaultProof{{ID: "f", Failed: failed, Missing: []string{"c/d"}}}}, "the fault f does not make c/d fail"},
		{"a fault that makes too much fail", Proof{Faults: []FaultProof{{ID: "f", Failed: failed, Unexpected: []string{"c/d"}}}}, "unexpected failure: beside the fault f fails c/d"},
		{"a rule that could not be judged", Proof{Faults: []FaultProof{{ID: "f", Failed: failed, WrongReason: []RuleFailure{{Rule: "c/d"}}}}}, "the fault f keeps c/d from being judged"},
		{"a variant that breaks a rule", Proof{Variants: []VariantProof{{ID: "v", Broke: failed}}}, "the variant v is legal and breaks a/b"},
		{"a variant that alters nothing", Proof{Variants: []VariantProof{{ID: "v", Idle: true}}}, "the variant v alters no response"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.proof.conclude()
			switch {
			case test.problem == "" && !test.proof.Holds():
				t.Errorf("the proof has the problems %q, want none", test.proof.Problems)
			case test.problem != "" && (len(test.proof.Problems) != 1 || !strings.HasPrefix(test.proof.Problems[0], test.problem)):
				t.Errorf("the proof has the problems %q, want %q", test.proof.Problems, test.problem)
			}
		})
	}
}

func TestOnlyFaultsWithoutAProblemUpdateTheGoldenFile(t *testing.T) {
	both := []RuleFailure{{Rule: "a/b"}, {Rule: "c/d"}}
	proof := Proof{Faults: []FaultProof{
		{ID: "good", Breaks: []string{"a/b"}, Failed: both},
		{ID: "alone", Breaks: []string{"a/b"}, Failed: both[:1]},
		{ID: "missing", Breaks: []string{"a/b"}, Failed: both, Missing: []string{"e/f"}},
		{ID: "wrong", Breaks: []string{"a/b"}, Failed: both, WrongReason: both},
		{ID: "idle", Breaks: []string{"a/b"}},
	}}
	also, err := proof.AlsoFailing()
	want := fault.AlsoFailing{"good": {"c/d"}, "alone": nil}
	if err != nil || !maps.EqualFunc(also, want, slices.Equal[[]string]) {
		t.Errorf("the golden file gets %v and the error %v, want %v", also, err, want)
	}
	proof.Rules = []RuleProof{{ID: "a/b", Clean: specs.Broken}}
	if _, err := proof.AlsoFailing(); err == nil {
		t.Error("the golden file is written although a rule does not hold on the reference vault")
	}
}

// A fault that reaches beyond what it names, and one that breaks nothing, are found out by playing, not by its word.
func TestAFaultIsNotTakenAtItsWord(t *testing.T) {
	p := newProver(t)
	refusing := func(next http.Handler) http.Handler {
		return tamper.Handler(next, tamper.DeletePending(), tamper.OnSuccess(tamper.Status(http.StatusAccepted)))
	}
	proof, err := p.tryFault(t.Context(), fault.Fault{
		ID: "quiet", Breaks: []string{"delete-pending/status", "delete-pending/id"}, On: tamper.DeletePending(), Wrap: refusing,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(proof.Missing, []string{"delete-pending/id"}) {
		t.Errorf("missing are %v, want delete-pending/id", proof.Missing)
	}
	if !slices.Contains(proof.Unexpected, "delete-pending/completed-status") {
		t.Errorf("unexpected are %v, want delete-pending/completed-status among them", proof.Unexpected)
	}
	idle, err := p.tryFault(t.Context(), fault.Fault{
		ID: "idle", Breaks: []string{"delete-pending/status"}, On: tamper.DeletePending(), Wrap: func(next http.Handler) http.Handler { return next },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(idle.Failed) > 0 || !slices.Equal(idle.Missing, []string{"delete-pending/status"}) {
		t.Errorf("of a fault that does nothing %v fail and %v is missing", idle.Failed, idle.Missing)
	}
}

// A play that is not played again must go as it went: here they all are, for faults that reach few of them.
func TestPlaysThatAFaultDoesNotReachGoAsTheyWent(t *testing.T) {
	long.Test(t, "plays everything for a fault")
	p := newProver(t)
	for _, id := range []string{"policy-patch-answers-202", "import-with-location", "challenge-missing"} {
		f := fault.All()[slices.IndexFunc(fault.All(), func(f fault.Fault) bool { return f.ID == id })]
		part, err := p.tryFault(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		f.Alters, f.On = nil, tamper.Anything() // whoever does not know better plays everything
		whole, err := p.tryFault(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(part.Plays) == 0 || len(part.Plays) >= len(whole.Plays) {
			t.Errorf("%s was played in %d of %d plays", id, len(part.Plays), len(whole.Plays))
		}
		if !slices.Equal(failedRules(part), failedRules(whole)) {
			t.Errorf("%s makes %v fail, and %v when everything is played", id, failedRules(part), failedRules(whole))
		}
	}
}

func failedRules(p FaultProof) []string {
	var ids []string
	for _, failed := range p.Failed {
		ids = append(ids, failed.Rule)
	}
	return ids
}

func newProver(t *testing.T) *prover {
	t.Helper()
	book, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	b := newBench("")
	t.Cleanup(b.close)
	chosen, err := b.selection(book)
	if err != nil {
		t.Fatal(err)
	}
	p := &prover{options: Options{Oracle: scenarios.Either}, book: book, chosen: chosen, stand: b, clean: map[string]specs.Finding{}}
	if err := p.playClean(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// served is the reference vault over https, with its target.
func served(t *testing.T) target.Target {
	t.Helper()
	reference, err := refserver.Start(refserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	return reference.Target(ca)
}

func TestFaultsAreProvenBeforeATargetOfOnesOwn(t *testing.T) {
	long.Test(t, "runs before another target")
	target := served(t)
	proof, err := Run(t.Context(), Options{Target: &target, Faults: []string{
		"delete-pending-answers-202", "filter-ignored-on-deletion", "x5t-in-hex", "create-refused-and-made",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range proof.Problems {
		t.Error(problem)
	}
	for _, f := range proof.Faults {
		if len(f.Failed) == 0 {
			t.Errorf("the fault %s was not caught", f.ID)
		}
	}
}

// The same faults stand in a reverse proxy of the standard library, between a run and a vault of another process, as
// anybody's may.
func TestFaultsWorkInAReverseProxy(t *testing.T) {
	long.Test(t, "plays through a proxy")
	target := served(t)
	upstream, err := url.Parse(target.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := target.Transport()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"request-id-changing", "conflict-overwrites", "deletion-deletes-nothing"} {
		f := fault.All()[slices.IndexFunc(fault.All(), func(f fault.Fault) bool { return f.ID == id })]
		proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Host = r.In.Host
		}}
		server := httptest.NewTLSServer(f.Wrap(proxy))
		broken, heldBy := failedBefore(t, target, server)
		server.Close()
		for _, rule := range f.Breaks {
			coarser := heldBy[rule]
			shown := slices.Contains(broken, coarser) && slices.Contains(f.Breaks, coarser)
			if !shown && !slices.Contains(broken, rule) {
				t.Errorf("%s in a proxy does not make %s fail; %v fail", id, rule, broken)
			}
		}
	}
}

// failedBefore runs the suite against a server and lists the musts and shoulds that failed, and by rule the coarser one whose
// failure kept it from being judged: a run says one fact once.
func failedBefore(t *testing.T, described target.Target, server *httptest.Server) (failed []string, heldBy map[string]string) {
	t.Helper()
	described.Endpoint = server.URL
	described.TLS = target.TLS{Insecure: true}
	described.Cleanup = target.Leave
	outcome, err := runner.Run(t.Context(), runner.Options{Target: described, NoLedger: true})
	if err != nil {
		t.Fatal(err)
	}
	heldBy = map[string]string{}
	for _, scenario := range outcome.Report.Scenarios {
		for _, rule := range scenario.Rules {
			if rule.Verdict == reports.Fail || rule.Verdict == reports.Warn {
				failed = append(failed, rule.ID)
			}
			if rule.Verdict == reports.NotReached && rule.After != "" {
				heldBy[rule.ID] = rule.After
			}
		}
	}
	return failed, heldBy
}

func TestTheRulesPageIsUpToDate(t *testing.T) {
	var page bytes.Buffer
	if err := WriteRules(&page); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "rules.md")
	if golden.Update() {
		golden.Compare(t, path, page.Bytes())
		return
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, page.Bytes()) {
		t.Error("docs/rules.md is out of date: run make docs")
	}
}
