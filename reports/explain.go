package reports

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A row is one line of the explanation of a result: a short label and what belongs to it.
type row struct{ label, text string }

// explain says in a few rows why a rule got its verdict. Every format that shows a result in detail draws these rows.
func (r *Report) explain(res Result) []row {
	var rows []row
	add := func(label, text string) {
		if text != "" {
			rows = append(rows, row{label, visible(text)})
		}
	}
	add("want", res.Accepts.String())
	if res.Expected != "" && res.Expected != res.Accepts.String() {
		add("want", res.Expected)
	}
	add("got", located(res.Got, res.Member))
	add("because", res.Reason)
	if k := res.Known; k != nil {
		add("baseline", k.String())
	}
	if step, ok := r.Exchange(res); ok {
		add("request", step.Line())
		if step.Name == RecordedStep {
			add("recorded", fmt.Sprintf("%s, entry %d", res.Play, step.Index))
		}
	}
	if cause := r.causeOf(res.ID); cause != nil && len(cause.Breaks)+len(cause.HoldsBack) > 1 {
		add("cause", oneLine(cause.Title)+"; "+cause.weight())
	}
	add("again", r.again(res))
	return rows
}

// moreResponses ends what was got by a rule that is judged on many responses.
var moreResponses = regexp.MustCompile(` \(and [0-9]+ more (responses of [0-9]+|of [0-9]+ responses)\)$`)

// located is what was got, with the pointer to the member before the count of the responses.
func located(got, pointer string) string {
	if pointer == "" {
		return got
	}
	count := moreResponses.FindString(got)
	return strings.TrimSpace(strings.TrimSuffix(got, count) + " at " + pointer + count)
}

// Explain says in lines why a rule got its verdict and where it comes from, for a report that is not one of ours.
func (r *Report) Explain(res Result) []string {
	rows := append(r.explain(res), sourceRows(res)...)
	lines := make([]string, len(rows))
	for i, shown := range rows {
		lines[i] = fmt.Sprintf("%-9s %s", shown.label, shown.text)
	}
	return lines
}

// inFull is the explanation with the request as a command, and the sources.
func (r *Report) inFull(res Result) []row {
	rows := r.explain(res)
	if command := r.request(res); command != "" {
		rows = append(rows, row{"curl", command})
	}
	return append(rows, sourceRows(res)...)
}

// longestCurl is the longest command that a terminal shows among several failures, and longestAlone the longest of the only
// one, in characters; the files of a run have them all. A GET with a file of authorities has about 300.
const (
	longestCurl  = 400
	longestAlone = 4000
)

// printed is inFull for a terminal: without a command that is too long to read.
func (r *Report) printed(res Result) []row {
	longest := longestCurl
	if len(r.where(r.Failing)) == 1 {
		longest = longestAlone
	}
	return slices.DeleteFunc(r.inFull(res), func(x row) bool {
		return x.label == "curl" && utf8.RuneCountInString(x.text) > longest
	})
}

func sourceRows(res Result) []row {
	rows := make([]row, len(res.Sources))
	for i, source := range res.Sources {
		rows[i] = row{"source", visible(source.String())}
	}
	return rows
}

// longestAgain bounds the command that stands below each result, in bytes. The command line of kvconform keeps it shorter;
// a report of another origin may have anything there.
const longestAgain = 2000

// again is the command that plays and judges the rule again, "" where the report does not know one or the rule needs none.
func (r *Report) again(res Result) string {
	if r.Again == "" || len(r.Again) > longestAgain || !slices.Contains([]Verdict{Fail, Warn, Stale, CouldNotRun, NotReached}, res.Verdict) {
		return ""
	}
	return r.Again + " --rule " + Quote(res.ID)
}

// request is the request of res as a command, or nothing.
func (r *Report) request(res Result) string {
	if step, ok := r.Exchange(res); ok {
		return r.curl(step)
	}
	return ""
}

// String lists the accepted responses, each with whose it is: "202 (documented, observed), 403 (observed)".
func (a Accepts) String() string {
	var parts, seen []string
	for _, v := range slices.Concat(a.Documented, a.Observed, a.Inferred) {
		if slices.Contains(seen, v) {
			continue
		}
		seen = append(seen, v)
		var whose []string
		for _, side := range []string{"documented", "observed", "inferred"} {
			if slices.Contains(a.side(side), v) {
				whose = append(whose, side)
			}
		}
		parts = append(parts, v+" ("+strings.Join(whose, ", ")+")")
	}
	return strings.Join(parts, ", ")
}

// String is the entry of the baseline in one line.
func (k *Known) String() string {
	parts := []string{}
	if k.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", k.Line))
	}
	if k.Was != "" && k.Was != Fail && k.Was != Pass {
		parts = append(parts, "without it "+string(k.Was))
	}
	for _, s := range []string{k.Reason, k.Link} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if k.Expires != "" {
		parts = append(parts, "expires "+k.Expires)
	}
	return strings.Join(parts, "; ")
}

// Line is the exchange in one line: "POST https://host/certificates/x/create?api-version=7.4 -> 202".
func (s *Step) Line() string {
	end := fmt.Sprint(s.Status)
	if s.Status == 0 {
		end = "no response"
		if s.Failure != "" {
			end += ": " + s.Failure
		}
	}
	return oneLine(s.Method + " " + s.URL + " -> " + end)
}

// label is the name of the exchange within its play: "Polled[2]" where a step has several.
func (s *Step) label() string {
	if s.Index == 0 {
		return s.Name
	}
	return fmt.Sprintf("%s[%d]", s.Name, s.Index)
}

func (s Source) String() string {
	if s.URL == "" {
		return s.Text
	}
	return strings.TrimSpace(s.Text + " " + s.URL)
}

// RequestLines are the first lines of the body of the request, none if it has none.
func (s *Step) RequestLines(most int) []string {
	if s.RequestBody == "" {
		return nil
	}
	return firstLines(nil, s.RequestBody, most)
}

// firstLines adds the first lines of a body, and how many there are more.
func firstLines(lines []string, body string, most int) []string {
	printed := printBody(body, nil).Lines
	for _, line := range printed[:min(len(printed), most)] {
		lines = append(lines, visible(line.Text))
	}
	if left := len(printed) - most; left > 0 {
		lines = append(lines, "... "+plural(left, "more line"))
	}
	return lines
}

// ResponseLines is the response of an exchange in lines: the status, headers of interest, and the first lines of its body.
func (s *Step) ResponseLines(body int) []string {
	if s.Status == 0 {
		return nil
	}
	lines := []string{strings.TrimSpace(fmt.Sprintf("HTTP %d %s", s.Status, http.StatusText(s.Status)))}
	for _, name := range []string{"Location", "Retry-After", "WWW-Authenticate", "Content-Type"} {
		for _, value := range s.ResponseHeader.Values(name) {
			lines = append(lines, visible(name+": "+value))
		}
	}
	if s.ResponseBody == "" {
		return lines
	}
	return firstLines(lines, s.ResponseBody+moreOf(s), body)
}
