package drive

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
)

// interruptedTime is how long cleaning up goes on after the run was interrupted: whoever interrupts a run waits for its end.
const interruptedTime = 20 * time.Second

// cleaner removes what the plays made, each play's things when it is over, beside the plays that are still running: the
// waits of both overlap.
type cleaner struct {
	options cleanup.Options
	remover *cleanup.Remover
	pending sync.WaitGroup

	mu    sync.Mutex
	named map[string][]cleanup.Leftover // by the play that named them
	kept  []cleanup.Removal             // deleted, and the vault does not purge
}

func newCleaner(options cleanup.Options) *cleaner {
	return &cleaner{options: options, remover: cleanup.NewRemover(options), named: map[string][]cleanup.Leftover{}}
}

// note writes a name that a play makes something of to the ledger.
func (d *Driver) note(play scenarios.Play, kind cleanup.Kind, name string) error {
	if c := d.cleaner; c != nil {
		c.mu.Lock()
		c.named[play.Name] = append(c.named[play.Name], cleanup.Leftover{Kind: kind, Name: name})
		c.mu.Unlock()
	}
	return d.ledger.Note(kind, name)
}

// cleanAfter begins to remove what a play made that is over. What cannot be removed stays in the ledger, and CleanUp tries
// it again. A play that was interrupted is left to CleanUp too, because the reports come first then.
func (d *Driver) cleanAfter(ctx context.Context, p *scenarios.Performance) {
	c := d.cleaner
	if c == nil || ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	named := c.named[p.Play.Name]
	c.mu.Unlock()
	var leftovers []cleanup.Leftover
	makings := d.makingsOf([]*scenarios.Performance{p})
	for _, leftover := range named {
		if makings[thing{leftover.Kind, leftover.Name}] == refused {
			d.ledger.Strike(leftover.Kind, leftover.Name)
			continue
		}
		leftovers = append(leftovers, leftover)
	}
	if len(leftovers) == 0 {
		return
	}
	c.pending.Add(1)
	go func() {
		defer c.pending.Done()
		d.settle(c.remover.Remove(ctx, leftovers))
	}()
}

// settle strikes from the ledger what is gone for good, and what the vault does not purge.
func (d *Driver) settle(removals []cleanup.Removal) (rest map[cleanup.Fate][]cleanup.Removal) {
	rest = map[cleanup.Fate][]cleanup.Removal{}
	for _, removal := range removals {
		switch removal.Fate {
		case cleanup.Gone:
			d.ledger.Strike(removal.Kind, removal.Name)
		case cleanup.Unpurged:
			d.ledger.Strike(removal.Kind, removal.Name)
			d.cleaner.mu.Lock()
			d.cleaner.kept = append(d.cleaner.kept, removal)
			d.cleaner.mu.Unlock()
		default:
			rest[removal.Fate] = append(rest[removal.Fate], removal)
		}
	}
	return rest
}

// Left reports whether anything is still to be removed, so that a run writes its reports before it waits for that.
func (d *Driver) Left() bool { return d.cleaner != nil && len(d.ledger.Entries()) > 0 }

// CleanUp waits for what is being removed and removes the rest, also when the run was ended. It returns what is still there,
// and what a reader of the report should know.
func (d *Driver) CleanUp(ctx context.Context) (left, notes []string) {
	if d.cleaner == nil {
		d.clean = d.session.Target.Cleanup != target.Leave
		d.strikeRefused()
		if entries := d.ledger.Entries(); len(entries) > 0 && !d.clean {
			notes = []string{d.sweepable("left in the vault, as asked: " + named(entries))}
		}
		return nil, notes
	}
	unended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	hurry := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(interruptedTime, cancel)
		context.AfterFunc(unended, func() { late.Stop() })
	})
	defer hurry()
	go func() {
		select {
		case <-d.abandoned:
			cancel()
		case <-unended.Done():
		}
	}()
	d.cleaner.pending.Wait() // bounded, and soon over if the run has ended
	makings := d.strikeRefused()
	entries := d.ledger.Entries()
	if len(entries) > 0 {
		d.progress.CleaningUp(len(entries))
	}
	leftovers := make([]cleanup.Leftover, len(entries))
	for i, entry := range entries {
		leftovers[i] = cleanup.Leftover{Kind: entry.Kind, Name: entry.Name}
	}
	removals := cleanup.NewRemover(d.cleaner.options).Remove(unended, leftovers)
	for i, removal := range removals {
		if of := (thing{removal.Kind, removal.Name}); removal.Fate == cleanup.Live && makings[of] != made && !d.mayHaveMade(of) {
			removals[i].Fate = cleanup.Gone // it was never made, as far as the vault has shown
		}
	}
	return d.leftOf(d.settle(removals))
}

// leftOf is what is left of what could not be removed, in the words of a report.
func (d *Driver) leftOf(rest map[cleanup.Fate][]cleanup.Removal) (left, notes []string) {
	for _, removal := range rest[cleanup.Live] {
		left = append(left, removal.String())
	}
	if kept := d.cleaner.kept; len(kept) > 0 {
		notes = append(notes, fmt.Sprintf("the vault keeps %d deleted things, as it does not purge (%s)", len(kept), kept[0]))
	}
	if waiting := rest[cleanup.Unsettled]; len(waiting) > 0 {
		notes = append(notes, d.sweepable(fmt.Sprintf("%d deleted things could not be purged in time (%s)", len(waiting), waiting[0])))
	}
	if len(left) > 0 {
		notes = append(notes, d.sweepable(fmt.Sprintf("%d things that the run made are left in the vault", len(left))))
	}
	d.clean = len(rest) == 0
	return left, notes
}

// mostNamed is how many of the things left are named.
const mostNamed = 10

// named names the first of the things that a run made, and counts the others.
func named(entries []cleanup.Entry) string {
	var names []string
	for _, entry := range entries[:min(len(entries), mostNamed)] {
		names = append(names, string(entry.Kind)+" "+entry.Name)
	}
	if more := len(entries) - mostNamed; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// sweepable says how to remove what is left.
func (d *Driver) sweepable(what string) string {
	if path := d.ledger.Path(); path != "" {
		return fmt.Sprintf("%s; `kvconform sweep --ledger %s` removes them", what, path)
	}
	return what
}
