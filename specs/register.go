package specs

import (
	"context"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/kvconform/kvconform/scenarios"
)

// Judgement is one run of specs against the performances of a run.
type Judgement struct {
	Suite        *Suite
	Oracle       scenarios.Oracle
	Facts        Facts
	Performances Performances
	// Specs are those to judge, in order.
	Specs []Spec
	// Record is given every finding, whatever Ginkgo makes of it.
	Record func(Finding)

	ahead *ahead // of the run under way
}

// Register adds a container a scenario and an It a rule to the Ginkgo tree under construction. It sends nothing: the
// performances are asked for when the specs run.
//
// In Ginkgo's own eyes a broken must fails, what could not run fails, and what was not reached is skipped with its
// reason; a broken should or may is written out and passes. The findings given to Record tell them all apart.
func (s *Judgement) Register(ctx context.Context) {
	s.begin(ctx)
	for _, scenario := range s.Suite.Catalogue.Scenarios {
		var chosen []Spec
		for _, spec := range s.Specs {
			if strings.HasPrefix(spec.Rule, scenario.ID+"/") {
				chosen = append(chosen, spec)
			}
		}
		if len(chosen) == 0 {
			continue
		}
		ginkgo.Describe(scenario.Title, ginkgo.Label(scenario.ID), func() {
			for _, spec := range chosen {
				rule, _ := s.Suite.Catalogue.Rule(spec.Rule)
				ginkgo.It(rule.ID+": "+rule.Statement, ginkgo.Label(string(rule.Level), rule.Feature), func() {
					s.judge(spec, rule)
				})
			}
		})
	}
}

// Judge judges the specs without Ginkgo, and records the findings.
func (s *Judgement) Judge(ctx context.Context) {
	s.begin(ctx)
	for _, spec := range s.Specs {
		s.find(spec)
	}
}

// begin starts the judging that runs ahead of the specs.
func (s *Judgement) begin(ctx context.Context) {
	round := Round{Suite: s.Suite, Oracle: s.Oracle, Facts: s.Facts, Performances: s.Performances, Chosen: s.chosen}
	s.ahead = newAhead(s.Specs, func(spec Spec) Finding { return round.Judge(ctx, spec) })
}

// find returns the finding of a spec and records it.
func (s *Judgement) find(spec Spec) Finding {
	finding := s.ahead.find(spec)
	if s.Record != nil {
		s.Record(finding)
	}
	return finding
}

func (s *Judgement) judge(spec Spec, rule *scenarios.Rule) {
	switch finding := s.find(spec); finding.Kind {
	case Held:
	case NotReached:
		ginkgo.Skip("not reached: " + finding.Reason)
	case Broken:
		if rule.Level == scenarios.Must {
			ginkgo.Fail(finding.Text())
		}
		ginkgo.GinkgoWriter.Println(string(rule.Level) + " broken: " + finding.Text())
	default:
		ginkgo.Fail("could not run: " + finding.Reason)
	}
}

// chosen finds the spec of a rule among those to judge.
func (s *Judgement) chosen(rule string) (Spec, bool) {
	for _, spec := range s.Specs {
		if spec.Rule == rule {
			return spec, true
		}
	}
	return Spec{}, false
}

// Text is a finding in a few lines: the request, what would have been accepted, what came.
func (f Finding) Text() string {
	var lines []string
	if f.Exchange != nil {
		lines = append(lines, f.Exchange.Line())
	}
	if f.Expected != "" {
		lines = append(lines, "expected: "+f.Expected)
	}
	if f.Got != "" {
		lines = append(lines, "got:      "+f.Got)
	}
	if f.Reason != "" {
		lines = append(lines, f.Reason)
	}
	return strings.Join(lines, "\n")
}
