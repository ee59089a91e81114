package prove

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// otherwise writes performances as a transcript, reads it back and judges it again. It lists the rules whose finding is
// another one: a transcript has all that judging needs, or it is no evidence.
func (p *prover) otherwise(ctx context.Context, performances []*scenarios.Performance, findings []specs.Finding) ([]string, error) {
	var text bytes.Buffer
	if err := transcript.New(&reports.Report{}, p.stand.facts(), performances).Write(&text); err != nil {
		return nil, err
	}
	again, err := transcript.Read(&text)
	if err != nil {
		return nil, fmt.Errorf("reading the transcript of a run back: %w", err)
	}
	var rules []string
	for i, finding := range p.judge(ctx, again.Performances) {
		if told(finding) != told(findings[i]) {
			rules = append(rules, finding.Rule)
		}
	}
	return rules, nil
}

// told is all of a finding that a report shows.
func told(finding specs.Finding) string {
	return fmt.Sprint(finding.Rule, finding.Kind, finding.As, finding.Expected, finding.Got, finding.Reason, finding.Member,
		finding.Play, finding.Step, finding.Index, finding.Panicked, finding.Blocker != nil)
}
