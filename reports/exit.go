package reports

import (
	"fmt"
	"slices"
	"strings"
)

// The exit codes of the command. A report leads to any of them but ExitUsage: wrong usage never gets as far as a report.
const (
	ExitHeld        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitIncomplete  = 3
	ExitInternal    = 4
	ExitInterrupted = 130
)

// Exit is an exit code and what it means.
type Exit struct {
	Code    int
	Meaning string
}

// Exits lists the exit codes in ascending order: the one table that help texts and pages are made of.
func Exits() []Exit {
	return []Exit{
		{ExitHeld, "every selected rule was judged and passed, or its failure is known"},
		{ExitFailed, "a must failed or a baseline entry is stale; with --strict also if a should failed or a rule was not reached"},
		{ExitUsage, "wrong usage; nothing was sent and no file was changed"},
		{ExitIncomplete, "incomplete: endpoint unusable, a claim of the target file not met, a rule that could not run, a scenario with no rule judged that the baseline does not know, fewer rules judged than minJudged, nothing selected, or a file not written"},
		{ExitInternal, "internal error of kvconform"},
		{ExitInterrupted, "interrupted; everything played so far is reported"},
	}
}

// ExitText is the table of the exit codes as help texts show it, a line each.
func ExitText() string {
	var text strings.Builder
	for _, exit := range Exits() {
		fmt.Fprintf(&text, "  %3d  %s\n", exit.Code, exit.Meaning)
	}
	return text.String()
}

// WorstExit is the exit code of a run, or of several, to which all these apply: the first of 4, 130, 2, 1, 3, 0. Running
// again does not help a rule that failed, so that a failure counts before what is merely incomplete.
func WorstExit(codes ...int) int {
	for _, code := range []int{ExitInternal, ExitInterrupted, ExitUsage, ExitFailed, ExitIncomplete} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return ExitHeld
}
