package explore

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Report draws the outcome as a run's: its rules are those of every response and of histories, its one play has the exchanges
// that show the deviations. Frame is what is known beside.
func (o *Result) Report(frame *reports.Report, suite *specs.Suite, facts specs.Facts) *reports.Report {
	performance := performanceOf(o.evidence())
	performances := []*scenarios.Performance{performance}
	place := map[*vault.Exchange]int{}
	for _, step := range scenarios.Steps(performance.Script) {
		place[step.Exchange] = step.Index
	}
	broken := map[string]specs.Finding{}
	for _, d := range o.Deviations {
		f := d.Finding
		f.Index = place[f.Exchange]
		merged, there := broken[f.Rule]
		if !there {
			merged, merged.Breaches = f, nil
		}
		breaches := f.Breaches
		if len(breaches) == 0 {
			breaches = []specs.Breach{{
				Aspect: f.Aspect, Member: f.Member, Header: f.Header, Got: f.Got, Exchange: f.Exchange, Count: d.Count,
			}}
		}
		merged.Breaches = append(merged.Breaches, breaches...)
		broken[f.Rule] = merged
	}
	var findings []specs.Finding
	for _, id := range suite.Catalogue.RuleIDs() {
		if f, there := broken[id]; there {
			findings = append(findings, f)
		} else if f, there := o.judged[id]; there && f.Kind != specs.Broken {
			f.Exchange, f.Step = nil, ""
			findings = append(findings, f)
		}
	}
	frame.Scenarios = account.Scenarios(suite.Catalogue, findings, performances, facts.Without)
	frame.Plays = account.Plays(performances)
	frame.Left = o.Left
	frame.Took = reports.Duration(o.Took.Round(time.Microsecond))
	frame.Notes = append(frame.Notes, o.notes()...)
	frame.Conclude()
	return frame
}

func (o *Result) notes() []string {
	notes := []string{fmt.Sprintf("explored with --seed %d: %d requests in %d episodes", o.Seed, o.Requests, o.Episodes)}
	if o.Stopped != "" {
		notes = append(notes, "the exploration ended early: "+o.Stopped)
	}
	return notes
}

// evidence lists the exchanges that show the deviations, each once, in the order in which they were sent.
func (o *Result) evidence() []*vault.Exchange {
	var all []*vault.Exchange
	add := func(e *vault.Exchange) {
		if e != nil && !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	for _, d := range o.Deviations {
		if d.Shrunk {
			for _, s := range d.Sent {
				add(s.Exchange)
			}
		}
		if d.History != nil {
			for _, e := range d.History.After {
				add(e)
			}
		}
		for _, breach := range d.Finding.Breaches {
			add(breach.Exchange)
		}
		add(d.Finding.Exchange)
	}
	slices.SortStableFunc(all, func(a, b *vault.Exchange) int { return a.Started.Compare(b.Started) })
	return all
}

// WriteText writes the deviations that have a sequence of their own, each with the shortest that shows it, and the coverage.
func (o *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, d := range o.Deviations {
		if o.first != nil && o.first != d {
			continue
		}
		if d.History != nil || d.Shrunk {
			b.WriteString(o.Sequence(d) + "\n")
		}
	}
	seen, unseen := o.Coverage.Seen(), o.Coverage.Unseen()
	fmt.Fprintf(&b, "%d requests in %d episodes, %.0f a second; %d of %d transitions of the model seen\n",
		o.Requests, o.Episodes, float64(o.Requests)/max(o.Took.Seconds(), 0.001), len(seen), len(seen)+len(unseen))
	if len(unseen) > 0 && len(unseen) <= len(seen) {
		b.WriteString("not seen:\n")
		for _, t := range unseen {
			fmt.Fprintf(&b, "  %s\n", t)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Sequence is a deviation in words: the statement or the rule that is broken, the steps that show it, and what was expected.
func (o *Result) Sequence(d *Deviation) string {
	var b strings.Builder
	f := d.Finding
	expected, got := f.Expected, f.Got
	if h := d.History; h != nil {
		expected, got = h.Expected, h.Got
		fmt.Fprintf(&b, "%s %s: %s\n", h.Statement.Level, h.Statement.ID, h.Statement.Text)
	} else {
		fmt.Fprintf(&b, "%s\n", f.Rule)
	}
	switch {
	case d.Shrunk:
		fmt.Fprintf(&b, "  the shortest sequence that shows it, of episode %d:\n", d.Plan.Episode)
	case d.Shortened:
		fmt.Fprintf(&b, "  the shortest sequence found that shows it, of episode %d; there was no time to shorten it further:\n", d.Plan.Episode)
	default:
		fmt.Fprintf(&b, "  the sequence of episode %d that shows it; there was no time to shorten it:\n", d.Plan.Episode)
	}
	before, times := "", 0
	for _, s := range o.relevant(d) {
		mark := "  "
		if s.Exchange == f.Exchange {
			mark = "> "
		}
		line := fmt.Sprintf("  %s%-58s %s\n", mark, s.Step, result(s.Exchange))
		if line == before {
			times++
			continue
		}
		again(&b, times)
		b.WriteString(line)
		before, times = line, 0
	}
	fmt.Fprintf(&b, "  expected: %s\n  got:      %s\n", expected, got)
	return b.String()
}

// again says how often the line before stands for the same once more.
func again(b *strings.Builder, times int) {
	if times > 0 {
		fmt.Fprintf(b, "      %d times more\n", times)
	}
}

// relevant are the exchanges of a deviation's sequence up to the one that shows it; of a sequence that was not shortened, only
// those that the finding names.
func (o *Result) relevant(d *Deviation) []Sent {
	var sent []Sent
	for _, s := range d.Sent {
		named := d.History != nil && slices.Contains(d.History.After, s.Exchange)
		if d.Shrunk || d.Shortened || named || s.Exchange == d.Finding.Exchange {
			sent = append(sent, s)
		}
		if s.Exchange == d.Finding.Exchange {
			break
		}
	}
	return sent
}

// result is what came of a request, in a few words.
func result(e *vault.Exchange) string {
	text := scenarios.Returned(e)
	if e.Failure != nil {
		return e.Failure.Message
	}
	if status := e.Text("status"); status != "" {
		text += " " + status
	}
	if id := e.Text("request_id"); id != "" {
		text += " " + short(id)
	}
	if id := e.Text("id"); e.Text("cer") != "" && strings.Contains(id, "/") {
		text += " version " + short(id[strings.LastIndex(id, "/")+1:])
	}
	return text
}

func short(id string) string { return id[:min(len(id), 8)] }

// FileFormat names the version of the files that hold a sequence.
const FileFormat = "kvconform.exploration/1"

// File is a sequence that broke something, to be looked at and to be played again.
type File struct {
	Format string `json:"format"`
	Seed   uint64 `json:"seed"`
	// Breaks is the statement, or the rule that a response breaks by itself; Expected and Got are as in the report.
	Breaks   string `json:"breaks"`
	Text     string `json:"text"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
	Plan     Plan   `json:"plan"`
	Sent     []Sent `json:"sent,omitempty"`
}

// WriteFile writes the first deviation that has a sequence of its own.
func (o *Result) WriteFile(w io.Writer) error {
	for _, d := range o.Deviations {
		if d.History == nil && !d.Shrunk {
			continue
		}
		file := File{
			Format: FileFormat, Seed: o.Seed, Breaks: d.Finding.Rule, Expected: d.Finding.Expected, Got: d.Finding.Got,
			Plan: d.Plan, Sent: d.Sent,
		}
		if h := d.History; h != nil {
			file.Breaks, file.Text, file.Expected, file.Got = h.Statement.ID, h.Statement.Text, h.Expected, h.Got
		}
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(file)
	}
	_, err := fmt.Fprintf(w, "{\"format\": %q}\n", FileFormat)
	return err
}

// maxFile bounds a file that is read, in bytes.
const maxFile = 16 << 20

// ReadPlan reads the plan in a file that WriteFile wrote. Whatever is wrong with it is a *input.Usage of one line.
func ReadPlan(path string) (*Plan, error) {
	opened, err := input.Open(path)
	if err != nil {
		return nil, input.Usagef("the sequence %s cannot be read: %v", path, err)
	}
	defer func() { _ = opened.Close() }() // only read
	var file File
	if err := json.NewDecoder(io.LimitReader(opened, maxFile)).Decode(&file); err != nil {
		return nil, input.Usagef("the sequence %s is not one that `kvconform explore --save` wrote: %v", path, err)
	}
	known := Operations()
	switch {
	case file.Format != FileFormat:
		return nil, input.Usagef("the sequence %s is of format %q, %q is expected", path, file.Format, FileFormat)
	case len(file.Plan.Groups) == 0:
		return nil, input.Usagef("the sequence %s has no steps: nothing was broken when it was written", path)
	}
	for i, group := range file.Plan.Groups {
		if len(group) == 0 {
			return nil, input.Usagef("the sequence %s: group %d has no steps", path, i)
		}
		for _, step := range group {
			if !slices.Contains(known, step.Operation) || step.Name < 0 || step.Name >= names || step.Value < 0 {
				return nil, input.Usagef("the sequence %s: group %d has a step that no exploration sends: %q", path, i, step.Operation)
			}
		}
	}
	return &file.Plan, nil
}
