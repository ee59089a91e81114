package reports

import (
	"fmt"
	"io"
	"strings"
)

// maxAnnotations is how many annotations of a kind GitHub keeps of one step.
const maxAnnotations = 10

// WriteAnnotations writes GitHub workflow commands: an error for each cause of failures, for each other rule that failed or
// could not run, and for whatever else the exit code has as its reason; a warning for each cause of broken shoulds alone. A
// stale entry is annotated at its line in the baseline. GitHub keeps ten of a kind, so the tenth says how many more there are.
func WriteAnnotations(w io.Writer, r *Report) error {
	var b strings.Builder
	annotate := func(kind string, results []Result) {
		for i, res := range results {
			if i == maxAnnotations-1 && len(results) > maxAnnotations {
				command(&b, kind, annotation{title: "kvconform", text: plural(len(results)-i, "more finding") + ": the reports list them"})
				return
			}
			command(&b, kind, r.annotation(res))
		}
	}
	for _, fault := range r.internalErrors() {
		command(&b, "error", annotation{title: "internal error of kvconform", text: fault})
	}
	if r.Interrupted {
		command(&b, "error", annotation{title: "the run was interrupted", text: r.Conclusion.Line})
	}
	if r.Unusable != "" {
		command(&b, "error", annotation{title: "the endpoint cannot be used", text: r.Unusable})
	} else {
		for _, reason := range r.missing() {
			command(&b, "error", annotation{title: "the run is incomplete", text: reason})
		}
	}
	for _, unread := range r.Unread {
		command(&b, "error", annotation{title: "a part of a recording could not be read", text: unread})
	}
	annotate("error", r.firstOfEach(r.where(func(res Result) bool { return r.Failing(res) || res.Verdict == CouldNotRun })))
	annotate("warning", r.firstOfEach(r.where(func(res Result) bool {
		return res.Verdict == Warn && !r.Strict && !r.underFailing(res)
	})))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the annotations: %w", err)
	}
	return nil
}

// annotation is one remark of GitHub's, at a line of a file if it has one.
type annotation struct {
	file        string
	line        int
	title, text string
}

// annotation says what is wrong first: the cause if several rules stand under it, the rule otherwise.
func (r *Report) annotation(res Result) annotation {
	a := annotation{title: fmt.Sprintf("%s: %s (%s)", oneLine(res.ID), res.Verdict, res.Level)}
	a.text = visible(res.Statement) + "\n" + res.summary()
	if res.Verdict == Stale { // its statement reads as if the deviation were still there
		a.text = res.summary()
	}
	if res.Verdict == Stale && res.Known != nil && res.Known.File != "" {
		a.file, a.line = res.Known.File, res.Known.Line
	}
	if cause := r.causeOf(res.ID); cause != nil && len(cause.Breaks)+len(cause.HoldsBack) > 1 {
		a.title = oneLine(cause.Title) + "; " + cause.weight()
		a.text = oneLine(res.ID) + ": " + a.text + "\nrules: " + strings.Join(allVisible(cause.Breaks), ", ")
	}
	if len(res.Sources) > 0 {
		a.text += "\n" + visible(res.Sources[0].String())
	}
	return a
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
func command(b *strings.Builder, kind string, a annotation) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	place := ""
	if a.file != "" && a.line > 0 {
		place = fmt.Sprintf("file=%s,line=%d,", property.Replace(visible(a.file)), a.line)
	}
	fmt.Fprintf(b, "::%s %stitle=%s::%s\n", kind, place, property.Replace(oneLine(a.title)), data.Replace(clip(visible(a.text), 2000)))
}
