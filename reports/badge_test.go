package reports_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func badge(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteBadge(&b, r); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(b.Bytes(), new(struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	})); err != nil {
		t.Fatalf("the badge is no SVG: %v", err)
	}
	return b.String()
}

func TestBadgeSaysWhatTheReportSays(t *testing.T) {
	interrupted, partial, gate, known, odd := green(), green(), green(), green(), green()
	interrupted.Interrupted = true
	partial.Selection.Rules = []string{"create-issuer/location"}
	gate.Target.Product = ""
	known.Scenarios[0].Rules[0].Verdict = reports.KnownFail
	odd.APIVersion = `<script>"&'` + hostile
	for want, r := range map[string]*reports.Report{
		"conformant core": green(), "4 failures of 13": sample(), "incomplete": interrupted, "2 pass": partial, "1 pass, 1 known": known,
	} {
		r.Conclude()
		if got := badge(t, r); !strings.Contains(got, ">"+want+"</text>") {
			t.Errorf("the badge lacks %q:\n%s", want, got)
		}
	}
	gate.Conclude()
	if got := badge(t, gate); !strings.Contains(got, ">2 pass</text>") || !strings.Contains(got, "#1b7a3d") {
		t.Errorf("the badge of a gate in which everything held is not green, or not a count:\n%s", got)
	}
	if got := badge(t, odd); strings.Contains(got, "<script") {
		t.Errorf("a script got through:\n%s", got)
	}
	golden.Compare(t, "testdata/green.svg", []byte(badge(t, green())))
}
