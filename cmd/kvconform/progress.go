package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress draws how a run goes: on a terminal one live line a scenario in progress, elsewhere a plain line a second at most
// when a scenario has been played, so that a log is about the target, and one when nothing has been printed for a while, so
// that it shows what a run waits for.
type progress struct {
	out  io.Writer
	live *mpb.Progress // nil where the lines are plain
	stop chan struct{} // ends the beat of plain lines; nil where there is none
	now  func() time.Time

	mu        sync.Mutex
	total     int
	done      int
	scenarios map[string]*scenarioProgress
	plays     map[string]playProgress // those under way
	spoke     time.Time               // when the last plain line was printed
}

// playProgress is a play under way: its scenario, and until when it waits at most.
type playProgress struct {
	scenario string
	until    time.Time // zero where it waits for nothing but the next response
}

// beatEvery is how often plain progress looks at whether it has said something lately, and silence is how long it keeps
// quiet at most.
const (
	beatEvery = 5 * time.Second
	silence   = 10 * time.Second
	pace      = time.Second // between two plain lines about scenarios that were played
)

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
	p := &progress{out: out, scenarios: map[string]*scenarioProgress{}, plays: map[string]playProgress{}, now: time.Now}
	p.spoke = p.now()
	if isTerminal(out) && os.Getenv("TERM") != "dumb" {
		p.live = mpb.New(mpb.WithOutput(out), mpb.WithRefreshRate(150*time.Millisecond), mpb.WithWidth(1))
		return p
	}
	p.stop = make(chan struct{})
	go p.beats(p.stop)
	return p
}

// beats says now and then what is waited for, until the progress ends.
func (p *progress) beats(stop <-chan struct{}) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			p.beat(now)
		}
	}
}

// beat prints what the run waits for if nothing has been printed for a while.
func (p *progress) beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.spoke) < silence || len(p.plays) == 0 {
		return
	}
	p.say(now, "%s", p.waiting(now))
}

// waiting names the play that may take longest, and how many others are under way.
func (p *progress) waiting(now time.Time) string {
	names := slices.SortedFunc(maps.Keys(p.plays), func(a, b string) int {
		return cmp.Or(p.plays[b].until.Compare(p.plays[a].until), cmp.Compare(a, b))
	})
	play := p.plays[names[0]]
	line := fmt.Sprintf("waiting for %s (%s)", play.scenario, names[0])
	if left := play.until.Sub(now); left > 0 {
		line += fmt.Sprintf(", %s at most", strings.Replace(rounded(left).String(), "m0s", "m", 1))
	} else {
		line += ", for a response"
	}
	if others := len(names) - 1; others > 0 {
		line += "; " + plural(others, "other play") + " under way"
	}
	return line
}

// say prints a plain line. The caller holds the lock: a writer need not be safe for several goroutines.
func (p *progress) say(now time.Time, format string, args ...any) {
	p.spoke = now
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
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
func (p *progress) Playing(play, scenario, waitsFor string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plays[play] = playProgress{scenario, until}
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
func (p *progress) Played(play, scenario string, _ time.Duration, err error) {
	p.mu.Lock()
	delete(p.plays, play)
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
	if now := p.now(); bar == nil && s.played == s.plays && (now.Sub(p.spoke) >= pace || p.done == p.total) {
		p.say(now, "%s", p.playedLine(s))
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
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say(time.Now(), "removing what the run made: %s", plural(certificates, "name"))
}

// end takes the live lines away, and ends the beat of plain ones.
func (p *progress) end() {
	if p.live == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.stop != nil {
			close(p.stop)
			p.stop = nil
		}
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
