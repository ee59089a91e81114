package explore

import (
	"context"
	"slices"
	"time"
)

// The bounds of the shrinking: of one deviation in plans that are tried, and of all of them in time.
const (
	maxTries = 250
	// withoutFor is how long the shrinking takes at most if only steps bound the exploration.
	withoutFor = 30 * time.Second
	// repeats is how often a plan with requests at once is tried, since they do not meet every time.
	repeats = 4
)

// shrinking is how long all of the shrinking takes at most.
func (o Options) shrinking() time.Duration {
	switch {
	case o.Shrink > 0:
		return o.Shrink
	case o.For > 0:
		return o.For / 2
	}
	return withoutFor
}

// shrinkAll shrinks the plan of every deviation of a history. Without one it shrinks that of the first response that is wrong
// by itself, because something must have led to it. Each has an equal share of the time that is left, so that none goes without.
func (x *explorer) shrinkAll(ctx context.Context) {
	deviations := x.outcome.Deviations
	slices.SortStableFunc(deviations, compare)
	chosen := slices.DeleteFunc(slices.Clone(deviations), func(d *Deviation) bool { return d.History == nil })
	if len(chosen) == 0 {
		if first := slices.IndexFunc(deviations, func(d *Deviation) bool { return x.bench.counts(d.Finding) }); first >= 0 {
			chosen = deviations[first : first+1]
		}
	}
	if x.options.First {
		chosen = chosen[:min(len(chosen), 1)]
		for _, d := range chosen {
			x.outcome.first = d
		}
	}
	ends := x.session.Clock.Now().Add(x.options.shrinking())
	for i, d := range chosen {
		share := ends.Sub(x.session.Clock.Now()) / time.Duration(len(chosen)-i)
		if ctx.Err() != nil || share <= 0 {
			return
		}
		x.shrinkWithin(ctx, d, share)
	}
}

// shrinkWithin shrinks the plan of one deviation until a time is over, by the clock of the session. The context ends with it, so
// that a request to a target that hangs ends as well.
func (x *explorer) shrinkWithin(ctx context.Context, d *Deviation, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	x.shrink(ctx, d, x.session.Clock.Now().Add(within))
}

// shrink looks for the shortest plan that still shows a deviation. First requests at once are sent one after another, if that
// shows it as well: each try without them is one run, and not several. Then groups are left out, from the end.
func (x *explorer) shrink(ctx context.Context, d *Deviation, until time.Time) {
	tries := 0
	over := func() bool {
		return tries > maxTries || ctx.Err() != nil || x.session.Clock.Now().After(until)
	}
	shows := func(groups [][]Step) bool {
		runs := 1
		if slices.ContainsFunc(groups, func(g []Step) bool { return len(g) > 1 }) {
			runs = repeats
		}
		for range runs {
			if tries++; over() {
				return false
			}
			if x.shows(ctx, d, Plan{Episode: d.Plan.Episode, Groups: groups}, until) {
				d.Shortened = true
				return true
			}
		}
		return false
	}
	d.Plan.Groups = d.Plan.Groups[:min(len(d.Plan.Groups), lastGroup(d)+1)]
	if inTurn := oneByOne(d.Plan.Groups); len(inTurn) > len(d.Plan.Groups) {
		shows(inTurn)
	}
	for size := max(len(d.Plan.Groups)/2, 1); ; size /= 2 {
		for end := len(d.Plan.Groups) - 1; end > 0; end -= size {
			from := max(end-size, 0)
			if end > len(d.Plan.Groups) {
				continue
			}
			shows(slices.Concat(d.Plan.Groups[:from], d.Plan.Groups[end:]))
		}
		if size <= 1 {
			break
		}
	}
	for shorter := true; shorter; {
		shorter = false
		for i := len(d.Plan.Groups) - 1; i >= 0; i-- {
			for _, fewer := range without(d.Plan.Groups, i) {
				if shows(fewer) {
					shorter = true
					break
				}
			}
		}
	}
	d.Shrunk = !over()
}

// oneByOne are the groups with each step in one of its own.
func oneByOne(groups [][]Step) [][]Step {
	var all [][]Step
	for _, group := range groups {
		for _, step := range group {
			all = append(all, []Step{step})
		}
	}
	return all
}

// without lists the plans that lack something of one group: all of it, or one of several steps at once, or that they are at once.
func without(groups [][]Step, i int) [][][]Step {
	if i >= len(groups) {
		return nil
	}
	var plans [][][]Step
	if len(groups) > 1 {
		plans = append(plans, slices.Concat(groups[:i], groups[i+1:]))
	}
	if len(groups[i]) < 2 {
		return plans
	}
	for k := range groups[i] {
		fewer := slices.Delete(slices.Clone(groups[i]), k, k+1)
		plans = append(plans, slices.Concat(groups[:i], [][]Step{fewer}, groups[i+1:]))
	}
	return plans
}

// lastGroup is the group of the exchange that shows the deviation.
func lastGroup(d *Deviation) int {
	for _, s := range d.Sent {
		if s.Exchange == d.Finding.Exchange {
			return s.Group
		}
	}
	return len(d.Plan.Groups)
}

// shows plays a plan and reports whether it shows the deviation; if so, it is the deviation's plan from then on.
func (x *explorer) shows(ctx context.Context, d *Deviation, plan Plan, until time.Time) bool {
	p, err := x.player(plan)
	if err != nil {
		return false
	}
	p.until = until
	sent := p.play(ctx, plan)
	x.clean(ctx, p)
	deviations, _, _ := x.bench.judge(context.WithoutCancel(ctx), plan, sent)
	for _, shown := range deviations {
		if shown.Key == d.Key {
			d.Plan, d.Sent, d.Finding, d.History = plan, sent, shown.Finding, shown.History
			return true
		}
	}
	return false
}
