package reports_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

const pageBound = 5 << 20

func TestPageOfAFullRunIsSmall(t *testing.T) {
	r := full()
	exchanges := 0
	for _, p := range r.Plays {
		exchanges += len(p.Steps)
	}
	if r.Counts.Rules < 150 || exchanges < 400 {
		t.Fatalf("%d rules and %d exchanges are no full run", r.Counts.Rules, exchanges)
	}
	page := html(t, r)
	if len(page) >= pageBound {
		t.Errorf("the page has %d bytes, want less than %d", len(page), pageBound)
	}
	if strings.Contains(string(page), "left out to keep") {
		t.Error("bodies were left out of a run of ordinary size")
	}
}

func TestPageOfHugeBodiesLeavesOutThoseThatPassed(t *testing.T) {
	r := full()
	var long strings.Builder
	for i := range 200 {
		fmt.Fprintf(&long, `"member%d":"<value>%d",`, i, i)
	}
	for i := range r.Plays { // each twice: no rule is judged on the copies
		again := r.Plays[i]
		again.Name, again.Steps = "Again"+again.Name, slices.Clone(again.Steps)
		for j := range again.Steps {
			again.Steps[j].Name = fmt.Sprintf("Read%d", j)
		}
		r.Plays = append(r.Plays, again)
	}
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			r.Plays[i].Steps[j].ResponseBody = "{" + long.String() + `"request_id":17}`
		}
	}
	page := string(html(t, r))
	if len(page) >= pageBound {
		t.Errorf("the page has %d bytes, want less than %d", len(page), pageBound)
	}
	if !strings.Contains(page, "left out to keep") {
		t.Error("nothing was left out")
	}
	if marked := strings.Count(page, "← scenario-"); marked < 20 {
		t.Errorf("only %d offending members are shown, want those of all 20 failing rules", marked)
	}
}

func TestPageLoadsNothing(t *testing.T) {
	page := string(html(t, sample()))
	for _, bad := range []string{" src=", "url(", "@import", "<link", "<img", "<iframe", "javascript:alert(1)\"", "<script>alert", "\x1b", "\x00", "\u202e", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if !strings.Contains(page, "default-src &#39;none&#39;") {
		t.Error("the page has no content policy")
	}
}

func TestPageOfAnEmptyReport(t *testing.T) {
	r := &reports.Report{}
	r.Conclude()
	page := string(html(t, r))
	for _, want := range []string{"incomplete: no rule was selected", "No exchange was recorded"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageOfAThousandPollsShowsThoseAtBothEnds(t *testing.T) {
	r := full()
	p := &r.Plays[0]
	look := p.Steps[0]
	look.Name = "Polls"
	for i := range 1000 {
		look.Index = i
		p.Steps = append(p.Steps, look)
	}
	page := string(html(t, r))
	if len(page) >= pageBound {
		t.Errorf("the page has %d bytes, want less than %d", len(page), pageBound)
	}
	if !strings.Contains(page, "990 polls between are left out") {
		t.Error("the page does not say that polls are left out")
	}
}

func html(t testing.TB, r *reports.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
