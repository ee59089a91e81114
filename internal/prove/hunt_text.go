package prove

import (
	"fmt"
	"io"
	"strings"
)

// WriteSightings writes how each fault of a sequence was found, with the shortest sequence that shows it.
func WriteSightings(w io.Writer, sightings []Sighting) error {
	var b strings.Builder
	var missed []string
	for _, s := range sightings {
		fmt.Fprintf(&b, "%s: %s\n", s.ID, s.Title)
		if len(s.Rules) > 0 {
			fmt.Fprintf(&b, "  a run fails %s\n", strings.Join(s.Rules, ", "))
		}
		switch {
		case s.Explored:
			fmt.Fprintf(&b, "  explore finds it with seed %d, after %d requests in all:\n", s.Seed, s.Requests)
			for line := range strings.Lines(s.Shortest) {
				b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
			}
		case s.Requests > 0:
			fmt.Fprintf(&b, "  explore does not find it in %d requests\n", s.Requests)
		}
		if !s.Found() {
			missed = append(missed, s.ID)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d of %d faults of sequences are found\n", len(sightings)-len(missed), len(sightings))
	if len(missed) > 0 {
		fmt.Fprintf(&b, "not found: %s\n", strings.Join(missed, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
