package scenarios

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pool performs plays: each once, several at a time, and everyone who asks gets the same performance.
type Pool struct {
	// NewEnv makes the stage of one piece.
	NewEnv func(Play) (*Env, error)
	// Limit is how many plays run at once; less than 1 means one.
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

// Start begins to perform pieces, in their order, without waiting for them.
func (c *Pool) Start(ctx context.Context, pieces ...Play) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.played == nil {
		c.played = map[string]*job{}
		c.places = make(chan struct{}, max(c.Limit, 1))
	}
	var fresh []*job
	var queue []Play
	for _, piece := range pieces {
		if _, booked := c.played[piece.Name]; booked {
			continue
		}
		b := &job{done: make(chan struct{})}
		c.played[piece.Name] = b
		fresh, queue = append(fresh, b), append(queue, piece)
	}
	go func() {
		for i, b := range fresh {
			c.places <- struct{}{}
			go func() {
				defer func() { <-c.places }()
				defer close(b.done)
				b.performance = c.perform(ctx, queue[i])
			}()
		}
	}()
}

// Performance performs a piece unless that is done or under way, and returns it when it is over.
func (c *Pool) Performance(ctx context.Context, piece Play) *Performance {
	c.Start(ctx, piece)
	c.mu.Lock()
	b := c.played[piece.Name]
	c.mu.Unlock()
	<-b.done
	return b.performance
}

func (c *Pool) perform(ctx context.Context, piece Play) (performance *Performance) {
	performance = &Performance{Play: piece, Script: piece.New(), Started: c.Now()}
	if c.Began != nil {
		c.Began(piece)
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			performance.Err = &Panicked{Value: thrown}
		}
		performance.Took = c.Now().Sub(performance.Started)
		if c.Ended != nil {
			c.Ended(performance)
		}
	}()
	stage, err := c.NewEnv(piece)
	if err != nil {
		performance.Err = err
		return performance
	}
	performance.Err = performance.Script.Play(ctx, stage)
	return performance
}

// Panicked is the error of a play that panicked: a fault of ours, never of the target.
type Panicked struct{ Value any }

// Error says that the play panicked.
func (p *Panicked) Error() string { return fmt.Sprintf("kvconform panicked in the play: %v", p.Value) }
