package account

import (
	"time"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
)

// Plays are the performances of a run as reports show them, their bodies and headers within bounds.
func Plays(performances []*scenarios.Performance) []reports.Play {
	plays := make([]reports.Play, 0, len(performances))
	limit := shownOfEach(performances)
	for _, performance := range performances {
		plays = append(plays, play(performance, limit))
	}
	return plays
}

func play(performance *scenarios.Performance, limit int) reports.Play {
	p := reports.Play{
		Name:     performance.Play.Name,
		Scenario: performance.Play.Scenario,
		Started:  Moment(performance.Started),
		Took:     Duration(performance.Took),
	}
	if performance.Err != nil {
		p.Error = performance.Err.Error()
	}
	for _, step := range scenarios.Steps(performance.Script) {
		p.Steps = append(p.Steps, Step(step, limit))
	}
	return p
}

// Step is an exchange as reports show it, its bodies cut at the limit.
func Step(step scenarios.Step, limit int) reports.Step {
	e := step.Exchange
	s := reports.Step{
		Name:          step.Name,
		Index:         step.Index,
		Operation:     e.Operation,
		Method:        e.Request.Method,
		URL:           e.Request.URL,
		Dialled:       e.Request.Dialled,
		OwnToken:      e.Request.OwnToken,
		RequestHeader: e.Request.Header,
		RequestBody:   string(e.Request.Body),
		Started:       Moment(e.Started),
		Took:          Duration(e.Took),
		Waited:        Duration(e.Waited),
		Attempts:      e.Attempts,
	}
	if e.Response != nil {
		s.Status, s.ResponseHeader = e.Response.Status, shownHeader(e.Response.Header, limit)
		s.ResponseBody, s.ResponseMore = shownBody(e.Response.Body, limit)
	}
	if e.Failure != nil {
		s.Failure = e.Failure.Message
	}
	return s
}

// Duration is a duration as reports keep it: what JSON rounds away is not there in the first place, so that a report
// drawn again from its JSON is the same.
func Duration(d time.Duration) reports.Duration { return reports.Duration(d.Round(time.Microsecond)) }

// Moment is a time as reports keep it, without the monotonic reading that no file can hold.
func Moment(t time.Time) time.Time { return t.UTC().Round(0) }
