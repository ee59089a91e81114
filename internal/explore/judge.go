package explore

import (
	"context"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
	"github.com/kvconform/kvconform/specs/model"
)

// Exploration is the play that stands for an exploration in reports: its steps are the exchanges that show a deviation.
type Exploration struct{ Steps []*vault.Exchange }

// Play does nothing: what was explored was sent before.
func (*Exploration) Play(context.Context, *scenarios.Env) error { return nil }

func performanceOf(exchanges []*vault.Exchange) *scenarios.Performance {
	play := scenarios.Play{Name: "Exploration", Scenario: "history", New: func() scenarios.Script { return &Exploration{} }}
	performance := &scenarios.Performance{Play: play, Script: &Exploration{Steps: exchanges}}
	if len(exchanges) > 0 {
		performance.Started = exchanges[0].Started
	}
	return performance
}

// Deviation is a response that is wrong, with the plan that led to it.
type Deviation struct {
	// Key tells deviations apart: the rule, the statement, the operation and the member.
	Key string
	// Finding is the rule that is broken.
	Finding specs.Finding
	// History is what the model found; nil for a response that is wrong whatever was before it.
	History *model.Finding
	// Plan is the shortest that is known to show it, Sent are its exchanges.
	Plan Plan
	Sent []Sent
	// Shrunk says that every step of the plan is needed, Shortened that it is shorter than the one that was found.
	Shrunk, Shortened bool
	// Count is how many episodes showed it.
	Count int
}

// verdicts are what the episodes say of each rule.
type verdicts map[string]specs.Finding

// bench judges episodes.
type bench struct {
	suite  *specs.Suite
	facts  specs.Facts
	oracle scenarios.Oracle
	specs  []specs.Spec
}

func newBench(suite *specs.Suite, facts specs.Facts, oracle scenarios.Oracle) *bench {
	b := &bench{suite: suite, facts: facts, oracle: oracle}
	for _, spec := range suite.Specs() {
		if spec.Play == "" && strings.HasPrefix(spec.Rule, "every-answer/") {
			b.specs = append(b.specs, spec)
		}
	}
	return b
}

// judge judges an episode: each response by the rules of every response, and their order by the model.
func (b *bench) judge(ctx context.Context, plan Plan, sent []Sent) ([]Deviation, verdicts, *model.Coverage) {
	exchanges := make([]*vault.Exchange, 0, len(sent))
	for _, s := range sent {
		if s.Exchange.Failure == nil {
			exchanges = append(exchanges, s.Exchange)
		}
	}
	judged := verdicts{}
	var deviations []Deviation
	performed := specs.NewPerformed([]*scenarios.Performance{performanceOf(exchanges)})
	for _, spec := range b.specs {
		finding := b.suite.Judge(ctx, spec, b.oracle, b.facts, performed)
		judged[spec.Rule] = finding
		if finding.Kind == specs.Broken {
			deviations = append(deviations, Deviation{
				Key: key(finding, ""), Finding: finding, Plan: plan, Sent: sent, Count: 1,
			})
		}
	}
	judge := b.histories(sent)
	for rule, topic := range specs.HistoryTopics() {
		judged[rule] = b.withoutBreach(rule, judge.Reached(topic))
	}
	for _, f := range judge.Findings() {
		rule := specs.HistoryRule(f)
		finding := specs.HistoryFinding(specs.Finding{Rule: rule, Play: "Exploration", Step: "Steps"}, f)
		deviation := Deviation{Key: key(finding, f.Statement.ID), Finding: finding, History: &f, Plan: plan, Sent: sent, Count: 1}
		if !slices.ContainsFunc(deviations, func(d Deviation) bool { return d.Key == deviation.Key }) {
			deviations = append(deviations, deviation)
		}
		judged[rule] = finding
	}
	return deviations, judged, judge.Coverage()
}

// withoutBreach is the finding of a rule of histories that nothing breaks: it holds only where its topic was met.
func (b *bench) withoutBreach(rule string, reached bool) specs.Finding {
	if reached {
		return specs.Finding{Rule: rule, Kind: specs.Held, As: []scenarios.Oracle{scenarios.Inferred}}
	}
	needs := "two responses about one name"
	if of, known := b.suite.Catalogue.Rule(rule); known && of.Needs != "" {
		needs = of.Needs
	}
	return specs.Finding{Rule: rule, Kind: specs.NotReached, Reason: "needs " + needs + "; no sequence of this exploration had them"}
}

// counts reports whether a breach is one of a must or a should.
func (b *bench) counts(f specs.Finding) bool {
	rule, known := b.suite.Catalogue.Rule(f.Rule)
	return known && rule.Level != scenarios.May
}

func key(f specs.Finding, statement string) string {
	parts := []string{f.Rule, statement, "", f.Member, f.Header}
	if f.Exchange != nil {
		parts[2] = f.Exchange.Operation
	}
	return strings.Join(parts, " ")
}

// histories judges the order of the responses, all of them.
func (b *bench) histories(sent []Sent) *model.Judge {
	restored := map[*vault.Exchange]string{}
	for _, s := range sent {
		restored[s.Exchange] = b.facts.Endpoint + "/certificates/" + s.name
	}
	judge := model.New(model.Options{
		RestoreOf:      func(e *vault.Exchange) string { return restored[e] },
		RestoresLatest: true, Legal: true, Fresh: func(string) bool { return true },
		SameAs: func(string) string { return b.facts.Endpoint },
		Stays:  []string{b.facts.Issuers.StaysInProgress},
	})
	ordered := slices.Clone(sent)
	slices.SortStableFunc(ordered, func(a, b Sent) int { return a.began.Compare(b.began) })
	for _, s := range ordered {
		if s.Overdue {
			judge.AddOverdue(s.Exchange, s.began, s.ended)
			continue
		}
		judge.AddBetween(s.Exchange, s.began, s.ended)
	}
	judge.Findings()
	return judge
}
