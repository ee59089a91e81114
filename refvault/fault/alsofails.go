package fault

import (
	"bufio"
	_ "embed" // for the golden file
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// AlsoFailing lists by the id of a fault the rules that fail beside those that must, because what they say depends on what
// the fault breaks, or because their play goes another way with it.
type AlsoFailing map[string][]string

//go:embed alsofails.golden
var alsoFailsGolden string

// GoldenFile is the path of the file of AlsoFailing in the repository.
const GoldenFile = "refvault/fault/alsofails.golden"

const goldenHeader = `# What fails beside a fault: rules that it need not name, because they depend on what it breaks or because their play
# goes another way with it. Written by "kvconform prove --update" and reviewed as a diff; do not edit. A rule that fails
# and is neither named by its fault nor listed here is an unexpected failure.
`

// readAlsoFailing reads the golden file: the id of a fault, and below it, indented, a rule on each line.
func readAlsoFailing(text string) AlsoFailing {
	also := AlsoFailing{}
	id := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		rule, indented := strings.CutPrefix(line, "  ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case indented:
			also[id] = append(also[id], rule)
		default:
			id = line
		}
	}
	return also
}

// Updated is the golden file with the entries of the faults that were tried replaced by what failed beside them. The
// entries of other faults stay, and so does what fails by chance; those of faults that no longer exist go.
func Updated(tried AlsoFailing) AlsoFailing {
	also := readAlsoFailing(alsoFailsGolden)
	for id, rules := range tried {
		also[id] = slices.DeleteFunc(also[id], func(rule string) bool { return !byChance(id, rule) || slices.Contains(rules, rule) })
		also[id] = append(also[id], rules...)
	}
	known := map[string]bool{}
	for _, f := range All() {
		known[f.ID] = true
	}
	maps.DeleteFunc(also, func(id string, _ []string) bool { return !known[id] })
	return also
}

// byChance tells whether a rule fails beside a fault in one run and not in another: requests at once, which rules of histories
// judge as well, arrive in any order, and these faults spare what is first in a random order, or cut a body of random bytes.
func byChance(id, rule string) bool {
	return strings.HasPrefix(rule, "at-once/") || strings.HasPrefix(rule, "history/") || id == "versions-only-one" || id == "body-cut-short"
}

// Write writes the golden file, sorted, so that a diff of two of them shows what changed and nothing else.
func (f AlsoFailing) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(goldenHeader) // Flush reports what fails
	for _, id := range slices.Sorted(maps.Keys(f)) {
		if len(f[id]) == 0 {
			continue
		}
		_, _ = fmt.Fprintf(out, "\n%s\n", id)
		for _, rule := range slices.Sorted(slices.Values(f[id])) {
			_, _ = fmt.Fprintf(out, "  %s\n", rule)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing what fails beside the faults: %w", err)
	}
	return nil
}
