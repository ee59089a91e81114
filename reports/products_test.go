package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

// Two products side by side: one that holds everything, and one with every verdict there is and hostile words.
func TestProductsAreComparedByScenarioAndFeature(t *testing.T) {
	one, other := green(), sample()
	one.Target.Product, one.Target.ProductVersion = "Good Vault", "1"
	one.Scenarios[0].Rules[0].Feature, other.Scenarios[0].Rules[0].Feature = "create", "create"
	other.Target.Product = "Other | " + hostile
	other.APIVersion = "2025-07-01"
	one.Conclude()
	other.Conclude()
	p := reports.CompareProducts([]reports.Submitted{{Report: one}, {Report: other}})
	var markdown, page bytes.Buffer
	if err := reports.WriteProductsMarkdown(&markdown, p); err != nil {
		t.Fatal(err)
	}
	if err := reports.WriteProductsHTML(&page, p); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/products.md", markdown.Bytes())
	for _, want := range []string{
		"conformant (core) | not-conformant (core) |", "| create-issuer | ✓ 2 | ✗ 1 of 7 fail |",
		"| cancel-in-progress | ○ not in the report | ✗ 2 of 4 fail |", "| contacts | ○ not in the report | – not offered |",
		"The api-versions differ: 7.4, 2025-07-01.",
	} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, markdown.String())
		}
	}
	for _, bad := range []string{"<script>alert", "\x1b", "\x00", " src=", "ZgotmplZ"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
}

// A cell says the worst of its rules.
func TestACellSaysTheWorst(t *testing.T) {
	for _, c := range []struct {
		verdicts []reports.Verdict
		want     string
	}{
		{[]reports.Verdict{reports.Pass, reports.Info}, "✓ 2"},
		{[]reports.Verdict{reports.Pass, reports.Warn}, "! 1 of 2 warn"},
		{[]reports.Verdict{reports.NotReached, reports.Warn}, "○ 1 of 2 judged"},
		{[]reports.Verdict{reports.NotReached, reports.KnownFail}, "≈ 1 of 2 known to fail"},
		{[]reports.Verdict{reports.Fail, reports.KnownFail, reports.NotClaimed}, "✗ 1 of 2 fail"},
		{[]reports.Verdict{reports.NotClaimed}, "– not offered"},
	} {
		r := &reports.Report{Scenarios: []reports.Scenario{{ID: "s"}}}
		for _, v := range c.verdicts {
			r.Scenarios[0].Rules = append(r.Scenarios[0].Rules, reports.Result{ID: "s/r", Level: reports.Must, Verdict: v})
		}
		r.Conclude()
		if got := reports.CompareProducts([]reports.Submitted{{Report: r}}).Columns[0].Total.String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.verdicts, got, c.want)
		}
	}
}
