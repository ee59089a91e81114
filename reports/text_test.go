package reports_test

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func text(t *testing.T, r *reports.Report, o reports.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteText(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextSummary(t *testing.T) {
	strict := sample()
	strict.Strict = true
	strict.Conclude()
	tests := []struct {
		file string
		r    *reports.Report
		o    reports.TextOptions
	}{
		{"sample.txt", sample(), reports.TextOptions{Width: 100}},
		{"sample-strict.txt", strict, reports.TextOptions{}},
		{"sample-verbose.txt", sample(), reports.TextOptions{Width: 60, Verbose: true}},
		{"sample-quiet.txt", sample(), reports.TextOptions{Quiet: true}},
		{"sample-causes.txt", sample(), reports.TextOptions{MaxCauses: 2}},
		{"sample-color.txt", sample(), reports.TextOptions{Color: true}},
		{"green.txt", green(), reports.TextOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) { golden.Compare(t, "testdata/"+tt.file, []byte(text(t, tt.r, tt.o))) })
	}
}

func TestTextSummaryNeverPassesOnControlCharacters(t *testing.T) {
	got := text(t, sample(), reports.TextOptions{Verbose: true})
	if !utf8.ValidString(got) {
		t.Error("the summary is not UTF-8")
	}
	for _, c := range []string{"\x1b", "\x00", "\u202e"} {
		if strings.Contains(got, c) {
			t.Errorf("the summary contains %q", c)
		}
	}
}

func TestTextSummaryPutsFailuresFirstAndTheVerdictLast(t *testing.T) {
	inOrder(t, text(t, sample(), reports.TextOptions{Verbose: true}),
		"note: ", "Failures (4)", "Could not run (1)", "Warnings (1)", "Not reached (2)", "Known deviations (1)", "scenario ", "failed: 3 broken musts")
	inOrder(t, text(t, sample(), reports.TextOptions{}),
		"note: ", "start here", "STALE", "COULD-NOT-RUN", "left behind", "warnings ", "not reached ", "known ", "recorded ", "scenario ", "failed: 3 broken musts")
}

func inOrder(t *testing.T, got string, order ...string) {
	t.Helper()
	last := -1
	for _, s := range order {
		at := strings.Index(got, s)
		if at <= last {
			t.Errorf("%q stands at %d, want it after %d", s, at, last)
		}
		last = at
	}
}

func TestAQuietSummaryIsTheVerdictAlone(t *testing.T) {
	r := sample()
	if got := text(t, r, reports.TextOptions{Quiet: true}); got != r.Conclusion.Line+"\n" {
		t.Errorf("printed %q, want the line of the outcome", got)
	}
}

func TestATerseSummaryNamesNoMoreCausesThanAskedFor(t *testing.T) {
	r := full()
	r.Again = "kvconform run --config kvconform.yaml"
	open := len(slices.DeleteFunc(slices.Clone(r.Causes), func(c reports.Cause) bool { return c.Known }))
	for limit, want := range map[int]int{1: 1, 2: 2, 0: min(open, reports.DefaultCauses), -1: open} {
		got := text(t, r, reports.TextOptions{MaxCauses: limit})
		_, rest, _ := strings.Cut(got, "start here")
		causes, _, _ := strings.Cut(rest, "\n\n")
		if n := len(regexp.MustCompile(`(?m)^ +\d+  `).FindAllString(causes, -1)); n != want {
			t.Errorf("with %d, %d causes are named, want %d:\n%s", limit, n, want, causes)
		}
		if !strings.Contains(causes, "again  kvconform run --config kvconform.yaml --rule ") {
			t.Errorf("with %d, no cause says how to play it again:\n%s", limit, causes)
		}
		if told := strings.Contains(got, "--max-causes 0 names all"); told != (want < open) {
			t.Errorf("with %d of %d causes, the summary says that there are more: %v", want, open, told)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWritersReportAFullDisk(t *testing.T) {
	for name, write := range writers() {
		if err := write(fullDisk{}, sample()); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: error %v, want the reason of the writer", name, err)
		}
	}
}

func TestWritersGiveEqualBytesForEqualReports(t *testing.T) {
	for name, write := range writers() {
		var first, second bytes.Buffer
		if err := errors.Join(write(&first, full()), write(&second, full())); err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two equal reports gave different files", name)
		}
	}
}
