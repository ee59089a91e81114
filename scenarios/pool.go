package scenarios

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pool performs plays: each once, several at a time, and everyone who asks gets the same performance.
type Pool struct {
	// NewEnv makes the environment of one play.
	NewEnv func(Play) (*Env, error)
	// Limit is how many plays run at once; less than 1 means one. Of several, one that sleeps makes room for another.
	Limit int
	// Now tells the time.
	Now func() time.Time
	// Began and Ended, where not nil, are told of every performance; they may be called from several goroutines.
	Began func(Play)
	Ended func(*Performance)

	mu     sync.Mutex
	places places
	played map[string]*job
}

type job struct {
	done        chan struct{}
	rank        int // in the order in which plays were started
	performance *Performance
}

// Start begins to perform plays, in their order, without waiting for them.
func (p *Pool) Start(ctx context.Context, plays ...Play) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.played == nil {
		p.played = map[string]*job{}
		p.places.free = max(p.Limit, 1)
	}
	for _, play := range plays {
		if _, known := p.played[play.Name]; known {
			continue
		}
		j := &job{done: make(chan struct{}), rank: len(p.played)}
		p.played[play.Name] = j
		turn := p.places.ask(j.rank) // here, so that plays come to their turn in order
		go func() {
			<-turn
			defer p.places.give()
			defer close(j.done)
			j.performance = p.perform(ctx, play, j.rank)
		}()
	}
}

// Performance performs a play unless that is done or under way, and returns it when it is over.
func (p *Pool) Performance(ctx context.Context, play Play) *Performance {
	p.Start(ctx, play)
	p.mu.Lock()
	j := p.played[play.Name]
	p.mu.Unlock()
	<-j.done
	return j.performance
}

func (p *Pool) perform(ctx context.Context, play Play, rank int) (performance *Performance) {
	performance = &Performance{Play: play, Script: play.New(), Started: p.Now()}
	if p.Began != nil {
		p.Began(play)
	}
	defer func() {
		if recovered := recover(); recovered != nil {
			performance.Err = &Panicked{Value: recovered}
		}
		performance.Took = p.Now().Sub(performance.Started)
		if p.Ended != nil {
			p.Ended(performance)
		}
	}()
	env, err := p.NewEnv(play)
	if err != nil {
		performance.Err = err
		return performance
	}
	if p.Limit > 1 && env.Clock != nil {
		env.Clock = yielding{env.Clock, &p.places, rank}
	}
	if env.Found == nil && !FindsForms(play) {
		env.Found = func(ctx context.Context, play string) Script { return p.found(ctx, play, rank) }
	}
	performance.Err = performance.Script.Play(ctx, env)
	return performance
}

// found waits for a play that was started before; nil if it was not.
func (p *Pool) found(ctx context.Context, play string, rank int) Script {
	p.mu.Lock()
	j, known := p.played[play]
	p.mu.Unlock()
	if !known {
		return nil
	}
	if p.Limit > 1 { // meanwhile another play may run
		p.places.give()
		defer p.places.take(rank)
	}
	select {
	case <-j.done:
		return j.performance.Script
	case <-ctx.Done():
		return nil
	}
}

// Panicked is the error of a play that panicked: an internal error, never the target's.
type Panicked struct{ Value any }

// Error says that the play panicked.
func (p *Panicked) Error() string { return fmt.Sprintf("kvconform panicked in the play: %v", p.Value) }
