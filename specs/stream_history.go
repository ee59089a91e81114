package specs

import (
	"net/http"
	"slices"

	"github.com/kvconform/kvconform/specs/model"
)

// past is what the model knows of the exchanges that passed. Each scope has a history of its own, and only the latest is
// kept: scopes are files that are read one after the other.
type past struct {
	scope string
	judge *model.Judge
	facts Passage // how the latest exchange of the scope was to be judged
}

// The bounds of what the model keeps: of how many names, and how many versions of each.
const (
	mostHistories = 500
	mostVersions  = 20
)

// remember gives an exchange to the model, and returns the breaches of a new kind. A response may settle earlier ones.
func (s *Stream) remember(p Passage) []Finding {
	if !slices.ContainsFunc(s.rules, func(state *passed) bool { return state.spec.matter != nil }) {
		return nil
	}
	var fresh []Finding
	if s.past.judge == nil || s.past.scope != p.Scope+p.History {
		fresh = s.Settle()
		s.past = past{scope: p.Scope + p.History, judge: model.New(model.Options{
			MostNames: mostHistories, MostVersions: mostVersions, SameAs: s.dialled,
		})}
	}
	s.past.facts = p
	switch {
	case p.Blind && p.Exchange.Request.Method != http.MethodGet && p.Exchange.Request.Method != http.MethodDelete:
		s.past.judge.Forget(p.Exchange)
	case p.Timed && p.Blur > 0:
		e := p.Exchange
		s.past.judge.AddBetween(e, e.Started, e.Ended().Add(p.Blur))
	case p.Timed:
		s.past.judge.AddTimed(p.Exchange)
	default:
		s.past.judge.Add(p.Exchange)
	}
	for _, state := range s.rules {
		if of := state.spec.matter; of != nil {
			state.seen++
			state.reached = state.reached || s.past.judge.Reached(of.topic)
		}
	}
	return append(fresh, s.blame(s.past.judge.Settled())...)
}

// dialled is the base URL by which a vault is dialled that names itself by another in ids and links.
func (s *Stream) dialled(base string) string {
	if facts := s.past.facts.Facts; facts.IDBase != "" && base == facts.IDBase {
		return facts.Endpoint
	}
	return base
}

// Settle judges the exchanges that were under way beside others and are judged no sooner than one that began after them. It
// belongs to the end of a scope, and of all.
func (s *Stream) Settle() []Finding {
	if s.past.judge == nil {
		return nil
	}
	return s.blame(s.past.judge.Take())
}

// blame counts findings of the model as breaches of the rules that they are about.
func (s *Stream) blame(found []model.Finding) []Finding {
	var fresh []Finding
	for _, f := range found {
		state := s.at[HistoryRule(f)]
		if state == nil || s.past.facts.Holds != nil && !s.past.facts.Holds(state.rule) {
			continue
		}
		finding := HistoryFinding(Finding{Rule: state.rule.ID}, f)
		finding.Kind = Broken
		state.seen-- // it was counted when it passed
		if state.count(&finding, s.past.facts.Excused) {
			fresh = append(fresh, finding)
		}
	}
	return fresh
}
