package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/specs"
)

// File judges a recording. A file that is none is an error of one line and costs the audit nothing; what cannot be read of
// a recording is in the report.
func (a *Audit) File(ctx context.Context, path string) error {
	file, err := input.Open(path)
	if err != nil {
		return input.Usagef("%s cannot be read: %v", path, err)
	}
	defer func() { _ = file.Close() }() // only read
	return a.Read(ctx, path, file)
}

// Read judges a recording that a file of this name holds.
func (a *Audit) Read(ctx context.Context, name string, text io.Reader) error {
	err := readAhead(ctx, text, func(entry recorded.Entry) { a.Take(ctx, name, entry) })
	a.Settle()
	var unreadable *recorded.Unreadable
	switch {
	case errors.As(err, &unreadable) && unreadable.Format == "":
		return input.Usagef("%s %v", name, err)
	case errors.As(err, &unreadable):
		a.tally.unread = append(a.tally.unread, fmt.Sprintf("%s %v", name, err))
	case err != nil:
		return err
	}
	a.tally.files++
	return nil
}

// Skip notes a file that is no recording, in an audit of several.
func (a *Audit) Skip(why error) { a.tally.unread = append(a.tally.unread, why.Error()) }

// Files is how many recordings were read.
func (a *Audit) Files() int { return a.tally.files }

// Judged is how many exchanges were judged.
func (a *Audit) Judged() int { return a.tally.judged }

// Report draws what was found so far up as a report. It may be called again after more exchanges.
func (a *Audit) Report(ctx context.Context) *reports.Report {
	report := &reports.Report{
		Format:     reports.Format,
		Tool:       reports.Tool{Name: "kvconform", Version: a.options.Version, Commit: a.options.Commit},
		Target:     a.target(),
		APIVersion: strings.Join(a.versions, ", "),
		Oracle:     string(a.options.Oracle),
		Strict:     a.options.Strict,
		MinJudged:  a.options.MinJudged,
		Selection:  reports.Selection{Scenarios: a.options.Scenarios, Rules: a.options.Rules},
		Started:    account.Moment(a.started),
		Took:       account.Duration(a.options.Clock.Now().Sub(a.started)),
		Scenarios:  []reports.Scenario{},
		Plays:      []reports.Play{},
		Notes:      a.notes(),
		Unread:     a.unread(),
	}
	report.Interrupted = ctx.Err() != nil
	if a.tally.judged == 0 {
		report.Unusable = a.nothing()
	} else {
		all := account.ScenariosAt(a.suite.Catalogue, a.findings(), a.places, nil)
		report.Scenarios = slices.DeleteFunc(slices.Clone(all), bare)
		for _, scenario := range slices.DeleteFunc(all, func(s reports.Scenario) bool { return !bare(s) }) {
			report.Notes = append(report.Notes, "no rule of "+scenario.ID+" could be judged on this traffic, and none is counted")
		}
	}
	for _, source := range a.sources {
		report.Plays = append(report.Plays, reports.Play{Name: source, Steps: a.kept[source]})
	}
	if a.options.Baseline != nil {
		a.options.Baseline.Apply(report, a.suite.Catalogue.RuleIDs(), a.options.Clock.Now())
	}
	report.Conclude()
	return report
}

// bare tells a scenario of which the traffic shows nothing: no fault of the traffic, as it would be of a run.
func bare(scenario reports.Scenario) bool {
	return !slices.ContainsFunc(scenario.Rules, func(rule reports.Result) bool { return rule.Verdict != reports.NotReached })
}

// findings are those of the stream, each with the place of its exchange.
func (a *Audit) findings() []specs.Finding {
	findings := a.stream.Findings()
	for i := range findings {
		if at, known := a.places[findings[i].Exchange]; known {
			findings[i].Play, findings[i].Step, findings[i].Index = at.Play, at.Step, at.Index
		}
	}
	return findings
}

// nothing says why nothing was judged.
func (a *Audit) nothing() string {
	switch {
	case a.tally.bodiless > 0:
		return fmt.Sprintf("no exchange could be judged: %d responses were recorded without their bodies", a.tally.bodiless)
	case a.tally.unanswered > 0:
		return fmt.Sprintf("no exchange could be judged: %d requests have no response", a.tally.unanswered)
	case a.tally.other == 0 && len(a.tally.unread) > 0:
		return fmt.Sprintf("no exchange could be judged: %d could not be read; %s", len(a.tally.unread)+a.tally.unreadMore, a.tally.unread[0])
	case a.tally.other == 0:
		return "no exchange could be judged: the recording has none"
	default:
		return fmt.Sprintf("no exchange of the certificates API was found among %d of other traffic", a.tally.other)
	}
}

// target describes the vault: what is known beforehand, and its address if the traffic has one alone.
func (a *Audit) target() reports.Target {
	target := a.options.Target
	if target.Name == "" {
		target.Name = "recorded traffic"
	}
	if target.Endpoint != "" {
		return target
	}
	var bases []string
	for _, seen := range a.vaults {
		bases = append(bases, seen.base)
	}
	slices.Sort(bases)
	if bases = slices.Compact(bases); len(bases) == 1 {
		target.Endpoint = bases[0]
	}
	return target
}

// notes say what a reader has to know before the findings.
func (a *Audit) notes() []string {
	t := &a.tally
	counted := []string{fmt.Sprintf("%d exchanges of the certificates API were judged", t.judged)}
	for _, count := range []struct {
		number int
		of     string
	}{
		{t.other, "of other traffic were left out"},
		{t.unanswered, "requests have no response"},
		{t.bodiless, "responses were recorded without their bodies and are not judged"},
	} {
		if count.number > 0 {
			counted = append(counted, fmt.Sprintf("%d %s", count.number, count.of))
		}
	}
	notes := []string{strings.Join(counted, "; ")}
	notes = append(notes, a.rewritten()...)
	if t.excusedBreaches > 0 {
		var found []string
		for marker := range a.markers.found {
			found = append(found, marker)
		}
		slices.Sort(found)
		notes = append(notes, fmt.Sprintf("the recording has %s in the place of values; %d breaches at such values are not the vault's and do not count",
			strings.Join(found, ", "), t.excusedBreaches))
	}
	return notes
}

// rewritten tells of vaults whose ids begin with another base than their requests.
func (a *Audit) rewritten() []string {
	var notes []string
	if a.options.IDBase != "" {
		return nil
	}
	for _, seen := range a.vaults {
		if !strings.EqualFold(seen.base, seen.idBase) {
			notes = append(notes, fmt.Sprintf("the ids of %s begin with %s: a gateway or the recorder changed the host; they are judged as ids of %s; "+
				"give --id-base to judge them against another base", seen.base, seen.idBase, seen.idBase))
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// unread lists what could not be read.
func (a *Audit) unread() []string {
	unread := slices.Clone(a.tally.unread)
	if a.tally.unreadMore > 0 {
		unread = append(unread, fmt.Sprintf("and %d more entries", a.tally.unreadMore))
	}
	return unread
}
