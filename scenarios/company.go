package scenarios

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Company performs plays: each once, several at a time, and everyone who asks gets the same performance.
type Company struct {
	// NewStage makes the stage of one piece.
	NewStage func(Piece) (*Stage, error)
	// Limit is how many plays run at once; less than 1 means one.
	Limit int
	// Now tells the time.
	Now func() time.Time
	// Began and Ended, where not nil, are told of every performance; they may be called from several goroutines.
	Began func(Piece)
	Ended func(*Performance)

	mu     sync.Mutex
	places chan struct{}
	played map[string]*booking
}

type booking struct {
	done        chan struct{}
	performance *Performance
}

// Start begins to perform pieces, in their order, without waiting for them.
func (c *Company) Start(ctx context.Context, pieces ...Piece) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.played == nil {
		c.played = map[string]*booking{}
		c.places = make(chan struct{}, max(c.Limit, 1))
	}
	var fresh []*booking
	var queue []Piece
	for _, piece := range pieces {
		if _, booked := c.played[piece.Name]; booked {
			continue
		}
		b := &booking{done: make(chan struct{})}
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
func (c *Company) Performance(ctx context.Context, piece Piece) *Performance {
	c.Start(ctx, piece)
	c.mu.Lock()
	b := c.played[piece.Name]
	c.mu.Unlock()
	<-b.done
	return b.performance
}

func (c *Company) perform(ctx context.Context, piece Piece) (performance *Performance) {
	performance = &Performance{Piece: piece, Play: piece.New(), Started: c.Now()}
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
	stage, err := c.NewStage(piece)
	if err != nil {
		performance.Err = err
		return performance
	}
	performance.Err = performance.Play.Play(ctx, stage)
	return performance
}

// Panicked is the error of a play that panicked: a fault of ours, never of the target.
type Panicked struct{ Value any }

// Error says that the play panicked.
func (p *Panicked) Error() string { return fmt.Sprintf("kvconform panicked in the play: %v", p.Value) }
