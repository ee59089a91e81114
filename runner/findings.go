package runner

import (
	"context"

	"github.com/kvconform/kvconform/specs"
)

// A Frame runs the specs of a judgement, which records each finding. A run without one judges each spec in turn; the
// command gives one that does so under Ginkgo. The findings are the same.
type Frame interface {
	Judge(ctx context.Context, judgement *specs.Judgement)
}

// judge runs the specs of a judgement and returns the findings in the order of the specs.
func judge(ctx context.Context, frame Frame, judgement *specs.Judgement) []specs.Finding {
	findings := make(map[string]specs.Finding, len(judgement.Specs))
	judgement.Record = func(finding specs.Finding) { findings[finding.Rule] = finding }
	if frame == nil {
		judgement.Judge(ctx)
	} else {
		frame.Judge(ctx, judgement)
	}
	ordered := make([]specs.Finding, 0, len(judgement.Specs))
	for _, spec := range judgement.Specs {
		finding, judged := findings[spec.Rule]
		if !judged {
			finding = specs.Finding{Rule: spec.Rule, Kind: specs.CouldNotRun, Reason: "the frame of the judging did not come to this rule"}
		}
		ordered = append(ordered, finding)
	}
	return ordered
}
