package reports

import (
	"slices"
	"time"
)

// DiffFormat names the version of a difference as it is written to JSON.
const DiffFormat = "kvconform.diff/1"

// A Difference is what changed from one report to another: of the rules, and of the exchanges, where no rule cares as well.
type Difference struct {
	Format  string   `json:"format"`
	Old     Side     `json:"old"`
	New     Side     `json:"new"`
	Remarks []string `json:"remarks,omitempty"` // why the two can be compared only in part
	// Reasons say why the two differ although the target may not have changed: what the api-versions have not in common.
	Reasons   []string         `json:"reasons,omitempty"`
	Regressed bool             `json:"regressed"`
	Rules     []RuleChange     `json:"rules"`
	Summary   []Sum            `json:"summary"` // of the exchanges
	Exchanges []ExchangeChange `json:"exchanges"`

	strict bool
}

// Side is one of the two reports that are compared.
type Side struct {
	Target     string    `json:"target,omitempty"`
	Endpoint   string    `json:"endpoint,omitempty"`
	APIVersion string    `json:"apiVersion,omitempty"`
	Oracle     string    `json:"oracle,omitempty"`
	Version    string    `json:"version,omitempty"` // of kvconform
	Started    time.Time `json:"started,omitzero"`
}

// A ChangeKind says what happened to the verdict of a rule from one report to the other.
type ChangeKind string

// The kinds of change. A rule holds if it passes or is recorded, whether or not a baseline expects it to; it is broken if it fails, warns or is excused.
const (
	Broken       ChangeKind = "broken"            // it held and is broken now
	Fixed        ChangeKind = "fixed"             // it was broken and holds now
	Unreached    ChangeKind = "no longer reached" // it was judged and is not any more
	Reached      ChangeKind = "newly reached"     // it was not judged and is now
	Added        ChangeKind = "new"               // only the new report has it
	Gone         ChangeKind = "gone"              // only the old report has it
	Oracle       ChangeKind = "oracle changed"    // it holds in both, as another oracle says
	ChangedOther ChangeKind = "changed"           // another verdict or another response of the same kind
)

// ChangeKinds lists the kinds of change in the order in which they are shown, the worst first.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{Broken, Unreached, Added, Reached, Oracle, ChangedOther, Gone, Fixed}
}

// RuleChange is what became of one rule. A verdict is empty on the side that does not have the rule.
type RuleChange struct {
	Kind       ChangeKind `json:"turn"`
	ID         string     `json:"id"`
	Level      Level      `json:"level"`
	Statement  string     `json:"statement,omitempty"`
	Old        Verdict    `json:"old,omitempty"`
	New        Verdict    `json:"new,omitempty"`
	OldAs      []string   `json:"oldAs,omitempty"`
	NewAs      []string   `json:"newAs,omitempty"`
	OldGot     string     `json:"oldGot,omitempty"`
	NewGot     string     `json:"newGot,omitempty"`
	Reason     string     `json:"reason,omitempty"` // of the new verdict
	Regression bool       `json:"regression,omitempty"`
}

// Diff compares two reports. It has regressed if a must fails that did not fail before, or one that held is no longer shown
// to hold; in a strict new report the same is asked of every should. [Difference.FailOn] judges by other kinds of change.
func Diff(before, after *Report) *Difference {
	d := &Difference{
		Format: DiffFormat, Old: side(before), New: side(after), Remarks: incomparable(before, after), Rules: []RuleChange{},
		strict: after.Strict,
	}
	old := map[string]Result{}
	for _, res := range before.where(func(Result) bool { return true }) {
		old[res.ID] = res
	}
	seen := map[string]bool{}
	for _, now := range after.where(func(Result) bool { return true }) {
		seen[now.ID] = true
		was, had := old[now.ID]
		sameGot := was.Got == now.Got || lasting(was.Got, hostOf(before)) == lasting(now.Got, hostOf(after))
		if change, changed := ruleChange(was, now, had, sameGot); changed {
			d.Rules = append(d.Rules, change)
		}
	}
	for _, was := range before.where(func(res Result) bool { return !seen[res.ID] }) {
		d.Rules = append(d.Rules, RuleChange{Kind: Gone, ID: was.ID, Level: was.Level, Statement: was.Statement, Old: was.Verdict, OldAs: was.As, OldGot: was.Got})
	}
	slices.SortStableFunc(d.Rules, func(a, b RuleChange) int {
		return slices.Index(ChangeKinds(), a.Kind) - slices.Index(ChangeKinds(), b.Kind)
	})
	d.Exchanges = diffExchanges(before, after)
	d.Summary = sums(d.Exchanges)
	d.FailOn(DefaultFailKinds())
	return d
}

func side(r *Report) Side {
	return Side{Target: r.Target.Name, Endpoint: r.Target.Endpoint, APIVersion: r.APIVersion, Oracle: r.Oracle, Version: r.Tool.Version, Started: r.Started}
}

func incomparable(before, after *Report) []string {
	var remarks []string
	add := func(differ bool, text string) {
		if differ {
			remarks = append(remarks, text)
		}
	}
	add(before.Oracle != after.Oracle, "the oracles differ: "+oneLine(before.Oracle)+" before, "+oneLine(after.Oracle)+" now")
	add(before.Tool.Version != after.Tool.Version, "the versions of kvconform differ: "+oneLine(before.Tool.Version)+" before, "+oneLine(after.Tool.Version)+" now")
	same := slices.Equal(before.Selection.Scenarios, after.Selection.Scenarios) && slices.Equal(before.Selection.Rules, after.Selection.Rules)
	add(!same, "the selections differ: rules outside of one of them show as new or gone")
	add(before.Interrupted || after.Interrupted, "one of the runs was interrupted")
	return remarks
}

// conduct is how the target behaved, whatever a baseline says of it.
type conduct int

const (
	unjudged conduct = iota
	held
	broken
)

func (res Result) conduct() conduct {
	switch res.Verdict {
	case Pass, Info, Stale:
		return held
	case Fail, Warn, KnownFail:
		return broken
	}
	return unjudged
}

func ruleChange(was, now Result, had, sameGot bool) (RuleChange, bool) {
	k, changed := changeKind(was, now, had, sameGot)
	return RuleChange{
		Kind: k, ID: now.ID, Level: now.Level, Statement: now.Statement, New: now.Verdict, NewAs: now.As, NewGot: now.Got,
		Reason: now.Reason, Old: was.Verdict, OldAs: was.As, OldGot: was.Got,
	}, changed
}

func changeKind(was, now Result, had, sameGot bool) (k ChangeKind, changed bool) {
	before, after := was.conduct(), now.conduct()
	switch {
	case !had:
		return Added, true
	case before == held && after == broken:
		return Broken, true
	case before == broken && after == held:
		return Fixed, true
	case before != after && after == unjudged:
		return Unreached, true
	case before != after:
		return Reached, true
	case now.Verdict != was.Verdict, after == broken && !sameGot:
		return ChangedOther, true
	case after == held && !slices.Equal(was.As, now.As):
		return Oracle, true
	}
	return "", false
}

// Of lists the rules with a kind of change.
func (d *Difference) Of(k ChangeKind) []RuleChange {
	var found []RuleChange
	for _, c := range d.Rules {
		if c.Kind == k {
			found = append(found, c)
		}
	}
	return found
}

// Equal says whether nothing changed at all.
func (d *Difference) Equal() bool { return len(d.Rules)+len(d.Exchanges) == 0 }
