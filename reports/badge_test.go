package reports_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

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
	interrupted, partial, odd := green(), green(), green()
	interrupted.Interrupted = true
	partial.Selection.Rules = []string{"create-issuer/location"}
	odd.APIVersion = `<script>"&'` + hostile
	for want, r := range map[string]*reports.Report{
		"conformant 2/2": green(), "failed 4/13": sample(), "incomplete": interrupted, "partial 2/2": partial,
	} {
		r.Conclude()
		if got := badge(t, r); !strings.Contains(got, ">"+want+"</text>") {
			t.Errorf("the badge lacks %q:\n%s", want, got)
		}
	}
	if got := badge(t, odd); strings.Contains(got, "<script") {
		t.Errorf("a script got through:\n%s", got)
	}
	golden(t, "green.svg", []byte(badge(t, green())))
}
