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

// Falls lists by the id of a fault the rules that fail beside those that must, because what they say depends on what
// the fault breaks, or because their play goes another way with it.
type Falls map[string][]string

//go:embed falls.golden
var fallsGolden string

// GoldenFile is the path of the file of Falls in the repository.
const GoldenFile = "refvault/fault/falls.golden"

const goldenHeader = `# What fails beside a fault: rules that it need not name, because they depend on what it breaks or because their play
# goes another way with it. Written by "kvconform prove --update" and reviewed as a diff; do not edit. A rule that fails
# and is neither named by its fault nor listed here is an unexpected failure.
`

// readFalls reads the golden file: the id of a fault, and below it, indented, a rule on each line.
func readFalls(text string) Falls {
	falls := Falls{}
	id := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		rule, indented := strings.CutPrefix(line, "  ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case indented:
			falls[id] = append(falls[id], rule)
		default:
			id = line
		}
	}
	return falls
}

// Updated is the golden file with the entries of the faults that were tried replaced by what failed beside them. The
// entries of other faults stay, and those of faults that no longer exist go.
func Updated(tried Falls) Falls {
	falls := readFalls(fallsGolden)
	maps.Copy(falls, tried)
	known := map[string]bool{}
	for _, f := range All() {
		known[f.ID] = true
	}
	maps.DeleteFunc(falls, func(id string, _ []string) bool { return !known[id] })
	return falls
}

// Write writes the golden file, sorted, so that a diff of two of them shows what changed and nothing else.
func (f Falls) Write(w io.Writer) error {
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
