package specs

import (
	"bytes"
	"context"
	"sync"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
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

	once    sync.Once
	created *vault.Exchange // of alike
}

// Judge judges one of the specs.
func (r *Round) Judge(ctx context.Context, spec Spec) Finding {
	finding := r.Suite.Judge(ctx, spec, r.Oracle, r.Facts, r.Performances)
	if finding.Kind == Held {
		return r.doubted(ctx, finding)
	}
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

// doubted is a finding that holds, or one that is not reached if the endpoint tells no names apart.
func (r *Round) doubted(ctx context.Context, finding Finding) Finding {
	r.once.Do(func() { r.created = r.alike(ctx) })
	created := r.created
	if created == nil {
		return finding
	}
	finding.Kind, finding.As = NotReached, nil
	finding.Blocker = &Blocker{Want: "an operation of the name that was asked for", Exchange: created}
	finding.Reason = "needs an endpoint that tells names apart; every create of this run returned the same body, whatever the name"
	return finding
}

// alike returns a create of the run if all creates that succeeded, of three names or more, have one and the same body: a
// mock that plays examples back has shown nothing, however right they are. It is nil otherwise.
func (r *Round) alike(ctx context.Context) *vault.Exchange {
	var first *vault.Exchange
	names := map[string]bool{}
	for _, performance := range r.Performances.All(ctx) {
		for _, step := range performance.Steps() {
			e := step.Exchange
			if e.Operation != vault.CreateCertificate || !scenarios.ShowsOperation(e) {
				continue
			}
			names[match.Name(e)] = true
			if first == nil {
				first = e
			} else if !bytes.Equal(first.Response.Body, e.Response.Body) {
				return nil
			}
		}
	}
	if len(names) < 3 {
		return nil
	}
	return first
}
