package specs

import (
	"context"

	"github.com/kvconform/kvconform/scenarios"
)

// Performed are performances that are over.
type Performed struct {
	performances []*scenarios.Performance
	byName       map[string]*scenarios.Performance
}

// NewPerformed gives performances by name.
func NewPerformed(performances []*scenarios.Performance) *Performed {
	p := &Performed{performances: performances, byName: map[string]*scenarios.Performance{}}
	for _, performance := range performances {
		p.byName[performance.Play.Name] = performance
	}
	return p
}

// Has reports whether a play was performed.
func (p *Performed) Has(play string) bool { return p.byName[play] != nil }

// Performance returns the performance of a play; a play that was not played has an empty one.
func (p *Performed) Performance(_ context.Context, play scenarios.Play) *scenarios.Performance {
	if performance, ok := p.byName[play.Name]; ok {
		return performance
	}
	return &scenarios.Performance{
		Play: play, Script: play.New(), Err: &scenarios.Unreached{Reason: "the play " + play.Name + " was not played"},
	}
}

// All returns them all.
func (p *Performed) All(context.Context) []*scenarios.Performance { return p.performances }
