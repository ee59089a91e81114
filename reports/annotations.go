package reports

import (
	"fmt"
	"io"
	"strings"
)

// maxAnnotations is how many annotations of a kind GitHub keeps of one step.
const maxAnnotations = 10

// WriteAnnotations writes GitHub workflow commands: an error for each cause of failures and for each other rule that failed or could not run,
// a warning for each cause of broken shoulds alone. GitHub keeps
// ten of a kind, so the tenth says how many more there are.
func WriteAnnotations(w io.Writer, r *Report) error {
	var b strings.Builder
	annotate := func(kind string, results []Result) {
		for i, res := range results {
			if i == maxAnnotations-1 && len(results) > maxAnnotations {
				command(&b, kind, "kvconform", plural(len(results)-i, "more rule")+": the reports list them")
				return
			}
			title := fmt.Sprintf("%s %s (%s)", res.Verdict, oneLine(res.ID), res.Level)
			text := visible(res.Statement) + "\n" + res.summary()
			if cause := r.causeOf(res.ID); cause != nil && len(cause.Breaks)+len(cause.HoldsBack) > 1 {
				text += "\ncause: " + oneLine(cause.Title) + "; " + cause.weight() + ": " + strings.Join(cause.Breaks, ", ")
			}
			if len(res.Sources) > 0 {
				text += "\n" + visible(res.Sources[0].String())
			}
			command(&b, kind, title, text)
		}
	}
	if r.Unusable != "" {
		command(&b, "error", "the endpoint cannot be used", r.Unusable)
	}
	for _, claim := range r.Unmet {
		command(&b, "error", "a claim of the target file is not met", claim)
	}
	annotate("error", r.firstOfEach(r.where(func(res Result) bool { return r.Failing(res) || res.Verdict == CouldNotRun })))
	annotate("warning", r.firstOfEach(r.where(func(res Result) bool {
		return res.Verdict == Warn && !r.Strict && !r.underFailing(res)
	})))
	if ExitCode(r) == ExitInternal {
		command(&b, "error", "kvconform is at fault", strings.Join(r.internalErrors(), "\n"))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the annotations: %w", err)
	}
	return nil
}

// firstOfEach keeps one result of each cause, the causes with the most rules first, and those without a cause.
func (r *Report) firstOfEach(results []Result) []Result {
	var kept []Result
	shown := map[string]bool{}
	for i := range r.Causes {
		for _, res := range results {
			if cause := r.causeOf(res.ID); cause == &r.Causes[i] && !shown[cause.Key] {
				shown[cause.Key] = true
				kept = append(kept, res)
			}
		}
	}
	for _, res := range results {
		if r.causeOf(res.ID) == nil {
			kept = append(kept, res)
		}
	}
	return kept
}

// command writes one workflow command. A line feed of the text would begin a new command, so it is escaped as GitHub's own toolkit does.
func command(b *strings.Builder, kind, title, text string) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(b, "::%s title=%s::%s\n", kind, property.Replace(title), data.Replace(clip(visible(text), 2000)))
}
