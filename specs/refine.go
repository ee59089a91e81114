package specs

import (
	"context"

	"github.com/kvconform/kvconform/scenarios"
)

// Round judges the specs of a run together: a rule that refines another is not judged where the coarser one, if it is
// among them, is broken. One deviation is then one failure, and the finer rule counts again once the coarser one holds.
type Round struct {
	Suite        *Suite
	Oracle       scenarios.Oracle
	Facts        Facts
	Performances Performances
	// Chosen finds a spec among those that the run judges.
	Chosen func(rule string) (Spec, bool)
}

// Judge judges one of the specs.
func (r *Round) Judge(ctx context.Context, spec Spec) Finding {
	finding := r.Suite.Judge(ctx, spec, r.Oracle, r.Facts, r.Performances)
	rule, known := r.Suite.Catalogue.Rule(spec.Rule)
	if !known || rule.After == "" || finding.Kind != Broken {
		return finding
	}
	coarser, chosen := r.Chosen(rule.After)
	if !chosen || r.Suite.Judge(ctx, coarser, r.Oracle, r.Facts, r.Performances).Kind != Broken {
		return finding
	}
	finding.Kind, finding.After, finding.As = NotReached, rule.After, nil
	finding.Reason = "not judged: " + rule.After + ", which this rule refines, failed"
	finding.Expected, finding.Got, finding.Member, finding.Header, finding.Listed = "", "", "", "", false
	finding.Aspect, finding.Breaches = "", nil
	return finding
}
