package reports_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

// markers are the texts by which CI systems know a command in a log.
func markers() []string {
	return []string{
		"##vso[task.setvariable variable=PATH]x", "##[error]x", "##teamcity[buildProblem description='x']", "::error::x", "::stop-commands::x",
		"x\n::add-mask::y", "x\n   ::error file=a::y", "x\n##[group]y",
		"###vso[task.setvariable variable=PATH]x", "####[error]x",
	}
}

// commanding finds what a CI system would take for a command: GitHub at the beginning of a line, the others anywhere.
func commanding() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*(?:│|\|)?\s*::|##\[|##vso\[|##teamcity\[`)
}

// marked is a report with text of the target, in every place that has some, that begins with a marker.
func marked(marker string) *reports.Report {
	r := sample()
	r.Notes = append(r.Notes, marker)
	r.Left = append(r.Left, marker)
	r.Unmet = append(r.Unmet, marker)
	for i := range r.Scenarios {
		for j := range r.Scenarios[i].Rules {
			res := &r.Scenarios[i].Rules[j]
			res.Got, res.Reason = marker, marker
		}
	}
	for i := range r.Plays {
		r.Plays[i].Error = marker
		for j := range r.Plays[i].Steps {
			step := &r.Plays[i].Steps[j]
			step.ResponseBody = `{"error":{"code":` + quoted(marker) + `,"message":` + quoted(strings.Repeat("word ", 12)+marker) + "}}"
			step.URL += "/" + marker
			step.Failure = marker
			if step.ResponseHeader != nil {
				step.ResponseHeader.Set("Location", marker)
			}
		}
	}
	r.Conclude()
	return r
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func TestNoTextOfATargetCommandsACISystem(t *testing.T) {
	for name, write := range writers() {
		if name == "annotations" {
			continue // which are commands: TestAnnotations reads them
		}
		for _, marker := range markers() {
			var b bytes.Buffer
			if err := write(&b, marked(marker)); err != nil {
				t.Fatal(err)
			}
			for _, found := range commanding().FindAllStringIndex(b.String(), -1) {
				t.Errorf("%s: %q gives the command %q", name, marker, b.String()[max(found[0]-20, 0):min(found[1]+20, b.Len())])
			}
		}
	}
}

func TestABrokenMarkerInJSONIsReadBack(t *testing.T) {
	r := marked(markers()[0])
	var b bytes.Buffer
	if err := reports.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	back, err := reports.ReadJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	if last := len(back.Notes) - 1; back.Notes[last] != r.Notes[last] {
		t.Errorf("%q became %q", r.Notes[last], back.Notes[last])
	}
}
