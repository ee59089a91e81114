package prove

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// otherwise writes performances as a transcript, reads it back and judges it again. It lists the rules whose finding is
// another one: a transcript has all that judging needs, or it is no evidence. Performances that come back equal are not
// judged again, since judging reads nothing else.
//
// Of the performances that a fault is in, those are written that a finding speaks of that the vault as it is does not get: in
// the others no rule can tell the fault, so the transcript of the vault as it is, which is tried as a whole, stands for them. If
// one of them does not come back equal, all are judged again.
func (p *prover) otherwise(ctx context.Context, performances []*scenarios.Performance, findings []specs.Finding) ([]string, error) {
	if same, err := p.comeBack(p.telling(performances, findings), nil); err != nil || same {
		return nil, err
	}
	return p.judgedAgain(ctx, performances, findings)
}

// judgedAgain lists the rules that get another finding from the transcript of performances.
func (p *prover) judgedAgain(ctx context.Context, performances []*scenarios.Performance, findings []specs.Finding) ([]string, error) {
	var again []*scenarios.Performance
	if same, err := p.comeBack(performances, &again); err != nil || same {
		return nil, err
	}
	var rules []string
	for i, finding := range p.judge(ctx, again) {
		if told(finding) != told(findings[i]) {
			rules = append(rules, finding.Rule)
		}
	}
	return rules, nil
}

// telling are the performances of which a finding speaks that is of another kind than on the vault as it is.
func (p *prover) telling(performances []*scenarios.Performance, findings []specs.Finding) []*scenarios.Performance {
	plays := map[string]bool{}
	for _, finding := range findings {
		if finding.Kind != p.clean[finding.Rule].Kind {
			plays[finding.Play] = true
			if spec, ok := p.book.Spec(finding.Rule); ok {
				plays[spec.Play] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(performances), func(performance *scenarios.Performance) bool {
		return !plays[performance.Play.Name]
	})
}

// comeBack reports whether performances are the same when they were written as a transcript and read back; into, where not nil, is
// given those that were read.
func (p *prover) comeBack(performances []*scenarios.Performance, into *[]*scenarios.Performance) (bool, error) {
	if len(performances) == 0 {
		return true, nil
	}
	var text bytes.Buffer
	if err := transcript.New(&reports.Report{}, p.stand.facts(), performances).Write(&text); err != nil {
		return false, err
	}
	again, err := transcript.Read(&text)
	if err != nil {
		return false, fmt.Errorf("reading the transcript of a run back: %w", err)
	}
	if into != nil {
		*into = again.Performances
	}
	return equal(performances, again.Performances), nil
}

// equal reports whether two lists of performances have all in common that judging reads.
func equal(a, b []*scenarios.Performance) bool {
	return slices.EqualFunc(a, b, func(x, y *scenarios.Performance) bool {
		return x.Play.Name == y.Play.Name && equalEnd(x.Err, y.Err) && slices.EqualFunc(x.Steps(), y.Steps(), func(s, t scenarios.Step) bool {
			return s.Name == t.Name && s.Index == t.Index && equalExchange(s.Exchange, t.Exchange)
		})
	})
}

// equalEnd reports whether two plays ended for the same reason.
func equalEnd(a, b error) bool {
	var x, y *scenarios.Unreached
	if errors.As(a, &x) && errors.As(b, &y) {
		return x.Reason == y.Reason && x.Want == y.Want && equalExchange(x.Exchange, y.Exchange)
	}
	return a == nil && b == nil
}

func equalExchange(a, b *vault.Exchange) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	if !x.Started.Equal(y.Started) || (x.Response == nil) != (y.Response == nil) {
		return false
	}
	if r, q := x.Response, y.Response; r != nil && (r.Status != q.Status || !reflect.DeepEqual(r.Header, q.Header) || !bytes.Equal(r.Body, q.Body)) {
		return false
	}
	x.Started, x.Response, y.Started, y.Response = time.Time{}, nil, time.Time{}, nil
	return reflect.DeepEqual(x, y)
}

// told is all of a finding that a report shows.
func told(finding specs.Finding) string {
	return fmt.Sprint(finding.Rule, finding.Kind, finding.As, finding.Expected, finding.Got, finding.Reason, finding.Member,
		finding.Play, finding.Step, finding.Index, finding.Panicked, finding.Blocker != nil)
}
