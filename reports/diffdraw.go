package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteDiffJSON writes the whole difference.
func WriteDiffJSON(w io.Writer, d *Difference) error {
	enc := json.NewEncoder(UnmarkedJSON(w))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("writing the difference as JSON: %w", err)
	}
	return nil
}

// Line is the difference in one line.
func (d *Difference) Line() string {
	if d.Equal() {
		return "no difference"
	}
	parts := d.tally(func(RuleChange) bool { return true })
	if n := len(d.Exchanges); n > 0 {
		parts = append(parts, plural(n, "response")+" changed")
	}
	lead := "no regression: "
	if d.Regressed {
		lead = "regressed: "
		if worse := d.tally(func(c RuleChange) bool { return c.Regression }); len(worse) > 0 {
			lead = "regressed, " + plural(d.regressions(), "rule") + " (" + strings.Join(worse, ", ") + "); all changes: "
		}
	}
	return lead + strings.Join(parts, ", ")
}

// tally counts the rules by their kind of change.
func (d *Difference) tally(counts func(RuleChange) bool) []string {
	var parts []string
	for _, t := range ChangeKinds() {
		n := 0
		for _, change := range d.Of(t) {
			if counts(change) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, t))
		}
	}
	return parts
}

func (d *Difference) regressions() int {
	n := 0
	for _, c := range d.Rules {
		if c.Regression {
			n++
		}
	}
	return n
}

func (s Side) String() string {
	parts := []string{strings.TrimSpace(s.Target + " " + s.Endpoint)}
	if s.APIVersion != "" {
		parts = append(parts, "api-version "+s.APIVersion)
	}
	if started := formatTime(s.Started); started != "" {
		parts = append(parts, started)
	}
	return oneLine(strings.TrimPrefix(strings.Join(parts, " · "), " · "))
}

func (c RuleChange) verdicts() string {
	switch {
	case c.Old == "":
		return string(c.New)
	case c.New == "":
		return string(c.Old)
	case c.Kind == Oracle:
		return as(c.OldAs) + " -> " + as(c.NewAs)
	}
	return string(c.Old) + " -> " + string(c.New)
}

func as(oracles []string) string {
	if len(oracles) == 0 {
		return "neither"
	}
	return oneLine("as " + strings.Join(oracles, " and "))
}

func (c RuleChange) lines() []string {
	var lines []string
	if c.OldGot != c.NewGot && c.OldGot != "" {
		lines = append(lines, "before: "+oneLine(c.OldGot))
	}
	if c.OldGot != c.NewGot && c.NewGot != "" {
		lines = append(lines, "now: "+oneLine(c.NewGot))
	}
	if c.Reason != "" {
		lines = append(lines, "because: "+oneLine(c.Reason))
	}
	return lines
}

func (c ExchangeChange) label() string {
	s := Step{Name: c.Step, Index: c.Index}
	return oneLine(c.Play + " · " + s.label())
}

func (c ExchangeChange) lines() []string {
	var lines []string
	if c.OnlyIn != "" {
		lines = append(lines, "only in the "+c.OnlyIn+" report")
	}
	if c.Status != nil {
		lines = append(lines, "status: "+c.Status.Old+" -> "+c.Status.New)
	}
	for _, group := range []struct {
		what    string
		members []MemberChange
	}{{"header", c.Headers}, {"member", c.Body}} {
		for _, m := range group.members {
			lines = append(lines, m.line(group.what))
		}
	}
	return lines
}

func (m MemberChange) line(what string) string {
	name := what + " " + m.Name
	if m.Name == "" {
		name = "body"
	}
	switch {
	case m.Old == "":
		return oneLine(name + " came: " + m.New)
	case m.New == "":
		return oneLine(name + " went, was: " + m.Old)
	}
	return oneLine(name + ": " + m.Old + " -> " + m.New)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
