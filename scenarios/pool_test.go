package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// TestAPlayThatSleepsMakesRoomForAnother has more plays than places sleep at the same time.
func TestAPlayThatSleepsMakesRoomForAnother(t *testing.T) {
	for _, limit := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d at once", limit), func(t *testing.T) {
			gathering := &gathering{want: 5, all: make(chan struct{})}
			pool := &Pool{Limit: limit, Now: time.Now, NewEnv: func(Play) (*Env, error) { return &Env{Clock: gathering}, nil }}
			var plays []Play
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				plays = append(plays, Play{Name: name, New: func() Script { return sleeper{} }})
			}
			pool.Start(context.Background(), plays...)
			for _, play := range plays {
				if err := pool.Performance(context.Background(), play).Err; err != nil {
					t.Fatal(err)
				}
			}
			if most := gathering.most.Load(); limit == 1 && most != 1 || limit > 1 && most != 5 {
				t.Errorf("%d plays slept at once", most)
			}
		})
	}
}

// gathering is a clock on which plays sleep until all are asleep, or until nobody comes any more.
type gathering struct {
	asleep, most atomic.Int32
	want         int32
	all          chan struct{}
}

func (g *gathering) Now() time.Time { return time.Now() }

func (g *gathering) Sleep(ctx context.Context, _ time.Duration) error {
	now := g.asleep.Add(1)
	defer g.asleep.Add(-1)
	g.most.Store(max(g.most.Load(), now))
	if now == g.want {
		close(g.all)
	}
	select {
	case <-g.all:
	case <-ctx.Done():
	case <-time.After(200 * time.Millisecond):
	}
	return nil
}

type sleeper struct{}

func (sleeper) Play(ctx context.Context, env *Env) error { return env.Clock.Sleep(ctx, time.Hour) }

func TestLongPlaysStartFirst(t *testing.T) {
	ordered := LongFirst(Plays())
	if len(ordered) != len(Plays()) || !FindsForms(ordered[0]) || !FindsForms(ordered[1]) {
		t.Fatalf("%d plays, the first is %s", len(ordered), ordered[0].Name)
	}
	for i := 3; i < len(ordered); i++ {
		before, _ := extent(ordered[i-1])
		if polls, _ := extent(ordered[i]); polls > before {
			t.Errorf("%s, which polls more often, starts after %s", ordered[i].Name, ordered[i-1].Name)
		}
	}
	for name, want := range map[string]int{"NextVersion": 2, "ReusedKey": 2, "ListedCertificates": 0} {
		i := slices.IndexFunc(ordered, func(play Play) bool { return play.Name == name })
		if waits, _ := extent(ordered[i]); waits != want {
			t.Errorf("%s waits %d times, want %d: a list of pages is no wait", name, waits, want)
		}
	}
}

func TestAWaitEndsEarlyWhenAllOthersWereInVain(t *testing.T) {
	waits := &Waits{}
	for range enoughInVain {
		if waits.hopeless("stays") {
			t.Fatal("one wait in vain shows nothing")
		}
		waits.ended("stays", false)
	}
	if !waits.hopeless("stays") || waits.hopeless("another") {
		t.Error("waits for one issuer are counted for another")
	}
	waits.ended("stays", true)
	if waits.hopeless("stays") {
		t.Error("a wait that was not in vain gives hope")
	}
}
