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
	places chan struct{}
	played map[string]*job
}

type job struct {
	done        chan struct{}
	performance *Performance
}

// Start begins to perform plays, in their order, without waiting for them.
func (p *Pool) Start(ctx context.Context, plays ...Play) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.played == nil {
		p.played = map[string]*job{}
		p.places = make(chan struct{}, max(p.Limit, 1))
	}
	var fresh []*job
	var queue []Play
	for _, play := range plays {
		if _, known := p.played[play.Name]; known {
			continue
		}
		j := &job{done: make(chan struct{})}
		p.played[play.Name] = j
		fresh, queue = append(fresh, j), append(queue, play)
	}
	go func() {
		for i, j := range fresh {
			p.places <- struct{}{}
			go func() {
				defer func() { <-p.places }()
				defer close(j.done)
				j.performance = p.perform(ctx, queue[i])
			}()
		}
	}()
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

func (p *Pool) perform(ctx context.Context, play Play) (performance *Performance) {
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
		env.Clock = yielding{env.Clock, p.places}
	}
	if env.Found == nil && !FindsForms(play) {
		env.Found = p.found
	}
	performance.Err = performance.Script.Play(ctx, env)
	return performance
}

// found waits for a play that was started before; nil if it was not.
func (p *Pool) found(ctx context.Context, play string) Script {
	p.mu.Lock()
	j, known := p.played[play]
	p.mu.Unlock()
	if !known {
		return nil
	}
	if p.Limit > 1 { // meanwhile another play may run
		<-p.places
		defer func() { p.places <- struct{}{} }()
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
