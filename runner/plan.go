package runner

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Plan is what a run would do, found out without sending anything.
type Plan struct {
	// Target is as the file has it, with the defaults filled in.
	Target Target
	// Runs has one entry for each api-version.
	Runs []PlannedRun
}

// PlannedRun is what a run at one api-version would do. Every selected rule is counted once.
type PlannedRun struct {
	APIVersion string
	// Plays are the plays that would run, in order.
	Plays []string
	// Rules counts those that would be judged, by level.
	Rules map[scenarios.Level]int
	// NotClaimed counts the rules of features that the target does not claim.
	NotClaimed []PlannedCount
	// NotReached counts the rules whose precondition cannot hold, by the reason: an issuer that the target lacks.
	NotReached []PlannedCount
	// Later counts the rules that begin to hold at a later api-version.
	Later int
}

// PlannedCount is a number of rules with what they have in common.
type PlannedCount struct {
	Of    string
	Rules int
}

// Judged is how many rules would be judged.
func (p PlannedRun) Judged() int {
	sum := 0
	for _, count := range p.Rules {
		sum += count
	}
	return sum
}

// Inspect finds out what a run would do, if the target accepts the issuer that the run sets up for requests that stay in
// progress. A rule that needs a request of an unclaimed feature counts as judged: only its play shows that. Inspect reads what the target names, secrets and certificates too, and sends nothing;
// what is wrong is a mistake in usage.
func Inspect(options Options) (*Plan, error) {
	book, err := specs.NewSuite()
	if err != nil {
		return nil, err
	}
	target := options.Target.WithDefaults()
	endpoint, err := target.Check()
	if err != nil {
		return nil, err
	}
	if err := target.Resolve(); err != nil {
		return nil, err
	}
	versions, err := target.APIVersions()
	if err != nil {
		return nil, err
	}
	plan := &Plan{Target: target}
	for _, version := range versions {
		at := target
		at.APIVersion = []string{version}
		expected := cmp.Or(target.LikeFor(version), version)
		chosen, err := selection.Choose(book, selectionOf(options, at, expected))
		if err != nil {
			return nil, err
		}
		run := plannedRun(book, chosen, at, rehearse(chosen.Plays, at, endpoint))
		run.Later = later(book.Catalogue, options, expected)
		plan.Runs = append(plan.Runs, run)
	}
	return plan, nil
}

// plannedRun counts the rules of a selection. Unreached gives the plays that cannot come about, with the reason.
func plannedRun(book *specs.Suite, chosen *selection.Selection, t Target, unreached map[string]string) PlannedRun {
	run := PlannedRun{APIVersion: t.APIVersion[0], Rules: map[scenarios.Level]int{}}
	for _, piece := range chosen.Plays {
		if _, ok := unreached[piece.Name]; !ok {
			run.Plays = append(run.Plays, piece.Name)
		}
	}
	for _, spec := range chosen.Specs {
		rule, _ := book.Catalogue.Rule(spec.Rule)
		switch reason, out := unreached[spec.Play]; {
		case slices.Contains(t.Without, rule.Feature):
			run.NotClaimed = count(run.NotClaimed, rule.Feature)
		case out:
			run.NotReached = count(run.NotReached, reason)
		default:
			run.Rules[rule.Level]++
		}
	}
	return run
}

func count(counts []PlannedCount, of string) []PlannedCount {
	for i := range counts {
		if counts[i].Of == of {
			counts[i].Rules++
			return counts
		}
	}
	return append(counts, PlannedCount{Of: of, Rules: 1})
}

// later counts the rules that are selected and begin to hold only after an api-version.
func later(catalogue *scenarios.Catalogue, options Options, version string) int {
	sum := 0
	for _, id := range catalogue.RuleIDs() {
		rule, _ := catalogue.Rule(id)
		if selectionOf(options, options.Target, version).Names(id) && !ruleset.HoldsAt(rule, version) {
			sum++
		}
	}
	return sum
}

// errNothingSent is what every request of a rehearsal meets.
var errNothingSent = errors.New("nothing is sent in a rehearsal")

type noTransport struct{}

// RoundTrip sends nothing.
func (noTransport) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNothingSent }

// noWait is a clock on which nobody waits.
type noWait struct{}

// Now is the time now.
func (noWait) Now() time.Time { return time.Now() }

// Sleep ends at once.
func (noWait) Sleep(context.Context, time.Duration) error { return errNothingSent }

// rehearse performs plays without a vault and returns those that give up before they send anything, with the reason: what
// they need of the target is not there. A play that gets to its first request ends there.
func rehearse(pieces []scenarios.Play, t Target, endpoint *url.URL) map[string]string {
	issuers := maps.Clone(t.Issuers)
	for outcome, issuer := range issuers {
		if issuer.SetUp != nil {
			issuers[outcome] = target.Issuer{Name: "set-up"}
		}
	}
	if _, named := issuers[target.StaysInProgress]; !named && !slices.Contains(t.Without, "issuers") {
		if issuers == nil {
			issuers = target.Issuers{}
		}
		issuers[target.StaysInProgress] = target.Issuer{Name: "set-up"} // a run sets up its own
	}
	company := &scenarios.Pool{Limit: 1, Now: time.Now, NewEnv: func(scenarios.Play) (*scenarios.Env, error) {
		return &scenarios.Env{
			Vault:   vault.NewClient(vault.Options{Endpoint: endpoint, Transport: noTransport{}, APIVersion: t.APIVersion[0], Clock: noWait{}}),
			Issuers: issuers.Names(), Hooks: t.StageHooks("", ""), Polling: t.Polls(), Clock: noWait{},
			NewName: func(purpose string) (string, error) { return purpose, nil },
		}, nil
	}}
	unreached := map[string]string{}
	for _, piece := range pieces {
		performance := company.Performance(context.Background(), piece)
		var reason *scenarios.Unreached
		if errors.As(performance.Err, &reason) && len(scenarios.Steps(performance.Script)) == 0 {
			unreached[piece.Name] = reason.Reason
		}
	}
	return unreached
}
