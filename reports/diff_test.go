package reports_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

// one is a report of a single rule that was judged on a single exchange.
func one(res reports.Result, step reports.Step) *reports.Report {
	if res.ID == "" {
		res.ID, res.Level = "s/r", reports.Must
	}
	if res.Verdict == "" {
		res.Verdict = reports.Pass
	}
	step.Name = "Created"
	r := &reports.Report{
		Target:    reports.Target{Name: "sample vault", Endpoint: endpoint},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{res}}},
		Plays:     []reports.Play{{Name: "P", Scenario: "s", Steps: []reports.Step{step}}},
	}
	r.Conclude()
	return r
}

func ruled(v reports.Verdict, level reports.Level) *reports.Report {
	return one(reports.Result{ID: "s/r", Level: level, Verdict: v}, reports.Step{})
}

func TestDiffTellsTheTurnOfARule(t *testing.T) {
	strict := ruled(reports.Warn, reports.Should)
	strict.Strict = true
	as := func(oracles ...string) *reports.Report {
		return one(reports.Result{ID: "s/r", Level: reports.Must, Verdict: reports.Pass, As: oracles}, reports.Step{})
	}
	tests := []struct {
		name       string
		old, new   *reports.Report
		kind       reports.ChangeKind
		regression bool
	}{
		{"the same", ruled(reports.Pass, reports.Must), ruled(reports.Pass, reports.Must), "", false},
		{"a must broken", ruled(reports.Pass, reports.Must), ruled(reports.Fail, reports.Must), reports.Broken, true},
		{"a must broken and excused", ruled(reports.Pass, reports.Must), ruled(reports.KnownFail, reports.Must), reports.Broken, false},
		{"a should broken", ruled(reports.Pass, reports.Should), ruled(reports.Warn, reports.Should), reports.Broken, false},
		{"a should broken, strict", ruled(reports.Pass, reports.Should), strict, reports.Broken, true},
		{"a must fixed", ruled(reports.Fail, reports.Must), ruled(reports.Pass, reports.Must), reports.Fixed, false},
		{"fixed, and still in the baseline", ruled(reports.KnownFail, reports.Must), ruled(reports.Stale, reports.Must), reports.Fixed, false},
		{"out of the baseline, as broken as before", ruled(reports.KnownFail, reports.Must), ruled(reports.Fail, reports.Must), reports.ChangedOther, false},
		{"no longer reached", ruled(reports.Pass, reports.Must), ruled(reports.NotReached, reports.Must), reports.Unreached, true},
		{"no longer claimed", ruled(reports.Fail, reports.Must), ruled(reports.NotClaimed, reports.Must), reports.Unreached, false},
		{"no longer run", ruled(reports.Pass, reports.Must), ruled(reports.CouldNotRun, reports.Must), reports.Unreached, true},
		{"reached and held", ruled(reports.NotReached, reports.Must), ruled(reports.Pass, reports.Must), reports.Reached, false},
		{"reached and broken", ruled(reports.NotReached, reports.Must), ruled(reports.Fail, reports.Must), reports.Reached, false},
		{"new and held", &reports.Report{}, ruled(reports.Pass, reports.Must), reports.Added, false},
		{"new and broken", &reports.Report{}, ruled(reports.Fail, reports.Must), reports.Added, true},
		{"new and not reached", &reports.Report{}, ruled(reports.NotReached, reports.Must), reports.Added, false},
		{"gone", ruled(reports.Pass, reports.Must), &reports.Report{}, reports.Gone, false},
		{"another oracle", as("documented"), as("observed"), reports.Oracle, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := reports.Diff(tt.old, tt.new)
			var kind reports.ChangeKind
			if len(d.Rules) == 1 {
				kind = d.Rules[0].Kind
			}
			if kind != tt.kind || len(d.Rules) > 1 || d.Regressed != tt.regression {
				t.Errorf("%+v, regressed %v; want %q, %v", d.Rules, d.Regressed, tt.kind, tt.regression)
			}
		})
	}
}

func TestDiffOfExchanges(t *testing.T) {
	answer := func(status int, body string, header http.Header) reports.Step {
		return reports.Step{Method: "GET", URL: "https://h/", Status: status, ResponseBody: body, ResponseHeader: header}
	}
	tests := []struct {
		name     string
		old, new reports.Step
		want     string
	}{
		{"other values of the same types", answer(200, `{"a":"x","b":[1]}`, nil), answer(200, `{"b":[2,3],"a":"y"}`, nil), ""},
		{"status", answer(200, "{}", nil), answer(202, "{}", nil), "status: 200 -> 202"},
		{"a refusal instead", answer(200, `{"id":"x"}`, http.Header{"Retry-After": {"1"}}), answer(404, `{"error":{}}`, nil), "status: 200 -> 404"},
		{"another state", answer(200, `{"status":"completed","target":"x"}`, nil), answer(200, `{"status":"failed","error":{}}`, nil), "member /status: completed -> failed"},
		{
			"a cancellation that is done by now", answer(200, `{"cancellation_requested":true,"status":"inProgress","status_details":"x"}`, nil),
			answer(200, `{"cancellation_requested":true,"status":"cancelled"}`, nil), "",
		},
		{"no response", answer(200, "{}", nil), reports.Step{Failure: "refused"}, "status: 200 -> no response|body: object -> no body"},
		{"members", answer(200, `{"a":1,"b":{"c":"x"},"d":true}`, nil), answer(200, `{"a":"1","b":{"c":"x","e":null}}`, nil), "member /a: integer -> string|member /b/e came: null|member /d went, was: boolean"},
		{"a whole branch", answer(200, `{"a":{"b":{"c":1}}}`, nil), answer(200, `{}`, nil), "member /a went, was: object"},
		{"elements", answer(200, `{"v":[{"id":"x"}]}`, nil), answer(200, `{"v":[{"id":"x"},{"id":2}]}`, nil), "member /v/*/id: string -> integer or string"},
		{"no JSON any more", answer(200, `{"a":1}`, nil), answer(200, `<h1>`, nil), "body: object -> no JSON"},
		{
			"headers", answer(200, "{}", http.Header{"Date": {"x"}, "X-Ms-Request-Id": {"1"}, "Location": {"https://h/1"}, "Retry-After": {"10"}}),
			answer(200, "{}", http.Header{"Date": {"y"}, "X-Ms-Request-Id": {"2"}, "Location": {"https://h/2"}, "Retry-After": {"5"}, "Server": {"z"}}),
			"header Retry-After: 10 -> 5|header Server came: z",
		},
		{"a header that names the host", answer(401, "{}", http.Header{"Www-Authenticate": {`Bearer resource="https://127.0.0.1:8443"`}}), answer(401, "{}", http.Header{"Www-Authenticate": {`Bearer resource="https://127.0.0.1:8443"`}}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := reports.Diff(one(reports.Result{}, tt.old), one(reports.Result{}, tt.new))
			var b bytes.Buffer
			if err := reports.WriteDiffText(&b, d, reports.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if len(d.Exchanges) != 0 || !strings.Contains(b.String(), "no difference") {
					t.Errorf("differences: %s", b.String())
				}
				return
			}
			b.Reset()
			if err := reports.WriteDiffText(&b, d, reports.TextOptions{Verbose: true}); err != nil {
				t.Fatal(err)
			}
			at := strings.Index(b.String(), "Exchanges (")
			for line := range strings.SplitSeq(tt.want, "|") {
				next := strings.Index(b.String()[at:], line+"\n")
				if next < 0 {
					t.Fatalf("lacks %q in its place:\n%s", line, b.String())
				}
				at += next
			}
			if got := len(d.Exchanges[0].Headers) + len(d.Exchanges[0].Body); got > strings.Count(tt.want, "|")+1 {
				t.Errorf("more changes than wanted:\n%s", b.String())
			}
		})
	}
}

// A header that a proxy drops from every response is one line, with the operations whose responses lack it.
func TestDiffSumsUpWhatManyResponsesShare(t *testing.T) {
	side := func(header http.Header) *reports.Report {
		r := one(reports.Result{}, reports.Step{ResponseBody: "{}"})
		r.Plays[0].Steps = nil
		for i := range 193 {
			operation := []string{"CreateCertificate", "GetCertificateOperation"}[i%2]
			r.Plays[0].Steps = append(r.Plays[0].Steps, reports.Step{Name: "Polled", Index: i, Operation: operation, Status: 200, ResponseBody: "{}", ResponseHeader: header})
		}
		return r
	}
	d := reports.Diff(side(http.Header{"Retry-After": {"5"}}), side(nil))
	var b bytes.Buffer
	if err := reports.WriteDiffText(&b, d, reports.TextOptions{Width: 200}); err != nil {
		t.Fatal(err)
	}
	const want = "  header Retry-After went, was: 5; on 193 responses (CreateCertificate, GetCertificateOperation)\n"
	if len(d.Summary) != 1 || !strings.Contains(b.String(), want) || strings.Count(b.String(), "\n") > 10 {
		t.Errorf("want the line %q alone, got\n%s", want, b.String())
	}
}

func TestDiffFailsOnTheKindsThatCount(t *testing.T) {
	reached := func() *reports.Difference {
		return reports.Diff(ruled(reports.NotReached, reports.Must), ruled(reports.Fail, reports.Must))
	}
	response := func() *reports.Difference {
		return reports.Diff(one(reports.Result{}, reports.Step{Status: 200}), one(reports.Result{}, reports.Step{Status: 201}))
	}
	for _, c := range []struct {
		name  string
		of    func() *reports.Difference
		kinds []string
		want  bool
	}{
		{"reached by default", reached, reports.DefaultFailKinds(), false},
		{"reached if asked for", reached, []string{"reached"}, true},
		{"a response by default", response, reports.DefaultFailKinds(), false},
		{"a response if asked for", response, []string{"broken", "responses"}, true},
		{"nothing", response, nil, false},
	} {
		d := c.of()
		if d.FailOn(c.kinds); d.Regressed != c.want {
			t.Errorf("%s: regressed %v, want %v", c.name, d.Regressed, c.want)
		}
	}
}

func TestDiffPairsTheLastPollWithTheLast(t *testing.T) {
	polls := func(statuses ...string) *reports.Report {
		r := one(reports.Result{}, reports.Step{ResponseBody: "{}"})
		r.Plays[0].Steps = nil
		for i, extra := range statuses {
			r.Plays[0].Steps = append(r.Plays[0].Steps, reports.Step{Name: "Polled", Index: i, Status: 200, ResponseBody: `{"status":"x"` + extra + `}`})
		}
		return r
	}
	if d := reports.Diff(polls("", "", "", `,"target":"t"`), polls("", `,"target":"t"`)); !d.Equal() {
		t.Errorf("a faster target differs: %+v", d.Exchanges)
	}
	if d := reports.Diff(polls("", `,"target":"t"`), polls("", "", "")); len(d.Exchanges) != 1 || d.Exchanges[0].Index != 2 {
		t.Errorf("the end of the waiting lost its target unseen: %+v", d.Exchanges)
	}
}

func TestDiffOfAReportWithItselfIsEmpty(t *testing.T) {
	d := reports.Diff(full(), full())
	if !d.Equal() || d.Regressed || len(d.Remarks) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestDiffIsDrawn(t *testing.T) {
	old, now := green(), sample()
	now.Plays[0].Steps[0].ResponseBody = `{"id":"x","request_id":17,"<script>|":"` + "\u202e" + `"}`
	now.Oracle, now.APIVersion = "documented", "2025-07-01"
	d := reports.Diff(old, now)
	for name, write := range map[string]func(io.Writer) error{
		"diff.txt":  func(w io.Writer) error { return reports.WriteDiffText(w, d, reports.TextOptions{}) },
		"diff.md":   func(w io.Writer) error { return reports.WriteDiffMarkdown(w, d, reports.MarkdownOptions{}) },
		"diff.json": func(w io.Writer) error { return reports.WriteDiffJSON(w, d) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/"+name, b.Bytes())
		if err := write(fullDisk{}); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: error %v, want the reason of the writer", name, err)
		}
		if name != "diff.json" && strings.ContainsAny(b.String(), "\x1b\x00\u202e") {
			t.Errorf("%s passes on control characters", name)
		}
	}
}

func TestDiffMarkdownStaysWithinItsLimit(t *testing.T) {
	now := full()
	for i := range now.Plays {
		now.Plays[i].Steps[0].Status = 500
	}
	d := reports.Diff(&reports.Report{}, now)
	var b bytes.Buffer
	if err := errors.Join(reports.WriteDiffMarkdown(&b, d, reports.MarkdownOptions{Limit: 4096})); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 4096 || !strings.Contains(b.String(), "left out") {
		t.Errorf("%d bytes:\n%.300s", b.Len(), b.String())
	}
}

// A run that got worse everywhere is told in some screens: the first regressions of a kind in full, the others by their number.
func TestManyRegressionsAreCountedBeyondTheFirst(t *testing.T) {
	report := func(v reports.Verdict) *reports.Report {
		var rules []reports.Result
		for i := range 50 {
			rules = append(rules, reports.Result{ID: fmt.Sprintf("s/r%02d", i), Level: reports.Must, Verdict: v, Statement: "A rule."})
		}
		return &reports.Report{Scenarios: []reports.Scenario{{ID: "s", Rules: rules}}}
	}
	d := reports.Diff(report(reports.Pass), report(reports.Fail))
	for _, c := range []struct {
		verbose bool
		rules   int
		counted bool
	}{{false, 20, true}, {true, 50, false}} {
		var b strings.Builder
		if err := reports.WriteDiffText(&b, d, reports.TextOptions{Verbose: c.verbose}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "pass -> fail"); n != c.rules || strings.Contains(b.String(), "and 30 more regressions") != c.counted {
			t.Errorf("verbose %v: %d rules in full, want %d:\n%s", c.verbose, n, c.rules, b.String())
		}
	}
}
