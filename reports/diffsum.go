package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Sum is one change that many responses share: a header or a member that came, went or changed, or another status.
type Sum struct {
	What       string   `json:"what"` // status, header, member, body, or only in one report
	Name       string   `json:"name,omitempty"`
	Change     string   `json:"turn"`          // came, went or changed
	Old        string   `json:"old,omitempty"` // the first value; Values counts the others
	New        string   `json:"new,omitempty"`
	Values     int      `json:"values"`
	Responses  int      `json:"responses"`
	Operations []string `json:"operations,omitempty"`
	Plays      []string `json:"plays,omitempty"`
}

// sums gathers the changes of exchanges by what changed, the one with the most responses first.
func sums(changes []ExchangeChange) []Sum {
	g := summing{at: map[[3]string]int{}, values: map[[5]string]bool{}}
	for i := range changes {
		c := &changes[i]
		if c.OnlyIn != "" {
			g.add(c, "exchange", "", Change{Old: onlyIf(c.OnlyIn == "old"), New: onlyIf(c.OnlyIn == "new")})
		}
		if c.Status != nil {
			g.add(c, "status", c.Status.Old+" -> "+c.Status.New, *c.Status)
		}
		for _, m := range c.Headers {
			g.add(c, "header", m.Name, Change{m.Old, m.New})
		}
		for _, m := range c.Body {
			g.add(c, "member", m.Name, Change{m.Old, m.New})
		}
	}
	slices.SortStableFunc(g.sums, func(a, b Sum) int { return cmp.Compare(b.Responses, a.Responses) })
	return g.sums
}

func onlyIf(there bool) string {
	if there {
		return "there"
	}
	return ""
}

type summing struct {
	sums   []Sum
	at     map[[3]string]int
	values map[[5]string]bool
}

func (g *summing) add(c *ExchangeChange, what, name string, values Change) {
	change := "changed"
	switch {
	case values.Old == "":
		change = "came"
	case values.New == "":
		change = "went"
	}
	key := [3]string{what, name, change}
	at, seen := g.at[key]
	if !seen {
		at = len(g.sums)
		g.at[key] = at
		g.sums = append(g.sums, Sum{What: what, Name: name, Change: change, Old: values.Old, New: values.New})
	}
	s := &g.sums[at]
	if value := [5]string{what, name, change, values.Old, values.New}; !g.values[value] {
		g.values[value] = true
		s.Values++
	}
	s.Responses++
	s.Operations = addOnce(s.Operations, c.Operation)
	s.Plays = addOnce(s.Plays, c.Play)
}

// line is the sum in one line: "header Retry-After went, was: 5; on 193 responses (CreateCertificate)".
func (s Sum) line() string {
	if s.What == "exchange" {
		side := map[string]string{"came": "new", "went": "old"}[s.Change]
		return oneLine(fmt.Sprintf("only in the %s report: %s of %s (%s)", side, plural(s.Responses, "exchange"), plural(len(s.Plays), "play"), few(s.Plays)))
	}
	const room = 80 // beside the operations, which tell more than the end of a long value
	change := MemberChange{s.Name, clip(s.Old, room), clip(s.New, room)}.line(s.What)
	if s.What == "status" {
		change = "status " + s.Name
	}
	if s.Values > 1 {
		change += fmt.Sprintf(" (and %d other values)", s.Values-1)
	}
	where := few(s.Operations)
	if where == "" {
		where = few(s.Plays)
	}
	return oneLine(fmt.Sprintf("%s; on %s (%s)", change, plural(s.Responses, "response"), where))
}

// few names up to six things and counts the rest.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
