package scenarios

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// counted is a play that counts how often and how many at once it is played.
type counted struct {
	Step *vault.Exchange

	play func() error
}

func (c *counted) Play(context.Context, *Env) error { return c.play() }

func pieceOf(name string, play func() error) Play {
	return Play{Name: name, Scenario: "s", New: func() Script { return &counted{play: play} }}
}

func companyOf(limit int) *Pool {
	return &Pool{Limit: limit, Now: time.Now, NewEnv: func(Play) (*Env, error) { return &Env{}, nil }}
}

func TestAPieceIsPlayedOnceHoweverManyAsk(t *testing.T) {
	var times atomic.Int32
	company := companyOf(2)
	piece := pieceOf("p", func() error { times.Add(1); return nil })
	company.Start(context.Background(), piece, piece)
	results := make(chan *Performance)
	for range 10 {
		go func() { results <- company.Performance(context.Background(), piece) }()
	}
	first := <-results
	for range 9 {
		if other := <-results; other != first {
			t.Error("another performance was given")
		}
	}
	if times.Load() != 1 {
		t.Errorf("played %d times", times.Load())
	}
}

func TestNoMorePlaysRunAtOnceThanTheLimit(t *testing.T) {
	var running, most atomic.Int32
	company := companyOf(3)
	release := make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	var pieces []Play
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		pieces = append(pieces, pieceOf(name, func() error {
			now := running.Add(1)
			for {
				seen := most.Load()
				if now <= seen || most.CompareAndSwap(seen, now) {
					break
				}
			}
			if now == 3 {
				letGo()
			}
			<-release
			running.Add(-1)
			return nil
		}))
	}
	company.Start(context.Background(), pieces...)
	for _, piece := range pieces {
		company.Performance(context.Background(), piece)
	}
	if most.Load() != 3 {
		t.Errorf("%d plays ran at once, want 3", most.Load())
	}
}

func TestAPanicIsThatPlaysAlone(t *testing.T) {
	company := companyOf(1)
	bad := company.Performance(context.Background(), pieceOf("bad", func() error { panic("no") }))
	var panicked *Panicked
	if !errors.As(bad.Err, &panicked) {
		t.Errorf("got %v", bad.Err)
	}
	if good := company.Performance(context.Background(), pieceOf("good", func() error { return nil })); good.Err != nil {
		t.Error(good.Err)
	}
}

func TestAPlayIsRestoredFromItsSteps(t *testing.T) {
	played := &ConflictWhileInProgress{
		Created: &vault.Exchange{Operation: "CreateCertificate"}, After: &vault.Exchange{Operation: "GetCertificateOperation"},
	}
	restored := &ConflictWhileInProgress{}
	if err := Restore(restored, Steps(played)); err != nil {
		t.Fatal(err)
	}
	if *restored != *played {
		t.Errorf("restored %+v", restored)
	}
	if err := Restore(restored, []Step{{Name: "Nonsense"}}); err == nil {
		t.Error("a step that the play has not was taken")
	}
}
