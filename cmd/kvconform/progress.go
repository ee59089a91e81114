package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress draws how a run goes: on a terminal one live line a scenario in progress, elsewhere a plain line when a
// scenario has been played.
type progress struct {
	out  io.Writer
	live *mpb.Progress // nil where the lines are plain

	mu        sync.Mutex
	total     int
	done      int
	scenarios map[string]*scenarioProgress
}

// scenarioProgress is how far the plays of one scenario are.
type scenarioProgress struct {
	id       string
	plays    int
	played   int
	unended  int // plays that did not come to their end
	began    time.Time
	took     time.Duration
	waitsFor string
	until    time.Time
	bar      *mpb.Bar
}

// newProgress returns nil where the run is to be quiet. A file that is no terminal, and a dumb one, gets plain lines.
func newProgress(out io.Writer, quiet bool) *progress {
	if quiet {
		return nil
	}
	p := &progress{out: out, scenarios: map[string]*scenarioProgress{}}
	if isTerminal(out) && os.Getenv("TERM") != "dumb" {
		p.live = mpb.New(mpb.WithOutput(out), mpb.WithRefreshRate(150*time.Millisecond), mpb.WithWidth(1))
	}
	return p
}

// isTerminal reports whether lines written there can be drawn again.
func isTerminal(w io.Writer) bool {
	file, ok := fileOf(w)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Planned tells how many plays each scenario has; the order is that of the catalogue.
func (p *progress) Planned(scenario string, plays int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total += plays
	if s := p.scenarios[scenario]; s != nil { // its plays are not all in a row
		s.plays += plays
		return
	}
	p.scenarios[scenario] = &scenarioProgress{id: scenario, plays: plays}
}

// Playing says that a play of the scenario has begun, or what it waits for and until when.
func (p *progress) Playing(_, scenario, waitsFor string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.scenarios[scenario]
	if s == nil {
		return
	}
	if s.began.IsZero() {
		s.began = time.Now()
		if p.live != nil {
			s.bar = p.live.New(int64(s.plays), mpb.NopStyle(), mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.line(s) })))
		}
	}
	if waitsFor != "" {
		s.waitsFor, s.until = waitsFor, until
	}
}

// line is the live line of a scenario.
func (p *progress) line(s *scenarioProgress) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := fmt.Sprintf("%-28s %d of %d plays, %s", s.id, s.played, s.plays, rounded(time.Since(s.began)))
	if left := time.Until(s.until); s.waitsFor != "" && left > 0 {
		line += fmt.Sprintf("; waits for %s, %s at most", s.waitsFor, rounded(left))
	}
	return line
}

// Played says that a play is over.
func (p *progress) Played(_, scenario string, _ time.Duration, err error) {
	p.mu.Lock()
	s := p.scenarios[scenario]
	if s == nil {
		p.mu.Unlock()
		return
	}
	p.done++
	s.played++
	s.waitsFor = ""
	if err != nil {
		s.unended++
	}
	s.took = time.Since(s.began)
	bar := s.bar
	if bar == nil && s.played == s.plays {
		_, _ = fmt.Fprintln(p.out, p.playedLine(s)) // under the lock: a writer need not be safe for several goroutines
	}
	p.mu.Unlock()
	if bar != nil {
		bar.Increment() // takes the line away when the last play is over; it calls line, hence the lock is free
	}
}

func (p *progress) playedLine(s *scenarioProgress) string {
	line := fmt.Sprintf("[%d/%d] played %s in %s", p.done, p.total, s.id, rounded(s.took))
	if s.unended > 0 {
		line += fmt.Sprintf("; %d of %d plays ended early", s.unended, s.plays)
	}
	return line
}

// CleaningUp says that what the run made is being removed.
func (p *progress) CleaningUp(certificates int) {
	p.end()
	_, _ = fmt.Fprintf(p.out, "removing what the run made: %d names\n", certificates)
}

// end takes the live lines away.
func (p *progress) end() {
	if p.live == nil {
		return
	}
	p.live.Shutdown()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live = nil
}

// rounded is a duration for people.
func rounded(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}
