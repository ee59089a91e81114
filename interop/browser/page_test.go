// Package browser_test opens the pages of reports in a real browser.
package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/kvconform/kvconform/reports"
)

// browserPath finds Chromium. KVCONFORM_BROWSER names it and must then be right; CI always has to have one.
func browserPath(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("KVCONFORM_BROWSER"); named != "" {
		if _, err := exec.LookPath(named); err != nil {
			t.Fatalf("KVCONFORM_BROWSER names no browser: %v", err)
		}
		return named
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium: CI has to have one (apt-get install chromium)")
	}
	t.Skip("SKIPPED, THE PAGE IS NOT TESTED: there is no Chromium here. Install it (apt-get install chromium) or name it in KVCONFORM_BROWSER")
	return ""
}

// tab is one page in a real browser, with everything that it complained about.
type tab struct {
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
	requests   []string
}

func openBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(browserPath(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	return ctx
}

// show serves the page of r on loopback and opens it in a tab of its own.
func show(browser context.Context, t *testing.T, r *reports.Report) *tab {
	t.Helper()
	page := html(t, r)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/" {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(t, b, network.Enable, network.EnableParams{})
	call(t, b, log.Enable, cdp.Empty{})
	b.do(t, chromedp.Navigate(server.URL+"/"), chromedp.WaitReady("#shown"))
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, fmt.Sprintf("console: %v", e.Type))
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, fmt.Sprintf("exception at line %d: %s", e.ExceptionDetails.LineNumber, e.ExceptionDetails.Text))
	case *log.EventEntryAdded:
		if !strings.Contains(e.Entry.URL, "favicon") {
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasSuffix(e.Request.URL, "/favicon.ico") {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

func (b *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func call[P, R any](t *testing.T, b *tab, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		t.Fatal(err)
	}
}

// eval runs an expression in the page and returns its value as text.
func (b *tab) eval(t *testing.T, expression string) string {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return fmt.Sprint(value)
}

func (b *tab) expect(t *testing.T, what, expression, want string) {
	t.Helper()
	if got := b.eval(t, expression); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// shoot keeps a picture of what is in view for someone to look at, in the folder that KVCONFORM_SCREENSHOTS names.
func (b *tab) shoot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("KVCONFORM_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// quiet checks that the page loaded nothing but itself and complained about nothing.
func (b *tab) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.complaints) > 0 {
		t.Errorf("the browser complained: %q", b.complaints)
	}
	if len(b.requests) != 1 {
		t.Errorf("requests %q, want the page alone", b.requests)
	}
}

// written returns a report of the reports' own tests, as its JSON file has it.
func written(t testing.TB, name string) *reports.Report {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "reports", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	report, err := reports.ReadJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// sample is the report of which every kind of result and exchange is shown.
func sample(t testing.TB) *reports.Report { return written(t, "sample.json") }

// full is a report as large as a run of the whole catalogue makes it.
func full(t testing.TB) *reports.Report {
	t.Helper()
	r := sample(t)
	for i := range 20 {
		part := sample(t)
		scenario, play := part.Scenarios[0], part.Plays[0]
		scenario.ID, play.Name = fmt.Sprintf("scenario-%02d", i), fmt.Sprintf("Play%02d", i)
		play.Scenario = scenario.ID
		step := play.Steps[0]
		play.Steps = nil
		for j := range 20 {
			step.Name, step.Index = "Polled", j
			play.Steps = append(play.Steps, step)
		}
		for j := range scenario.Rules {
			rule := &scenario.Rules[j]
			rule.ID = fmt.Sprintf("%s/rule-%d", scenario.ID, j)
			rule.Play, rule.Step, rule.Index = play.Name, "Polled", j
		}
		r.Scenarios, r.Plays = append(r.Scenarios, scenario), append(r.Plays, play)
	}
	return r
}

func html(t testing.TB, r *reports.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	shownRules = `document.querySelectorAll('.rule:not([hidden])').length`
	counter    = `document.getElementById('shown').textContent`
)

func TestPageInABrowser(t *testing.T) {
	browser := openBrowser(t)
	t.Run("renders every report without a complaint", func(t *testing.T) {
		for _, r := range []*reports.Report{sample(t), written(t, "green.json"), full(t), {}} {
			r.Conclude()
			b := show(browser, t, r)
			b.expect(t, "rules", shownRules, fmt.Sprint(r.Counts.Rules))
			b.expect(t, "outcome", `document.querySelector('.banner p').textContent`, r.Conclusion.Line)
			b.expect(t, "style applies", `getComputedStyle(document.querySelector('.tools')).display`, "flex")
			b.expect(t, "no sideways scrolling", `document.documentElement.scrollWidth <= innerWidth`, "true")
			b.quiet(t)
		}
	})
	t.Run("filters", func(t *testing.T) { testFilters(t, show(browser, t, sample(t))) })
	t.Run("opens what is linked", func(t *testing.T) { testLinks(t, show(browser, t, sample(t))) })
	t.Run("marks the offending member", func(t *testing.T) { testMarks(t, show(browser, t, sample(t))) })
	t.Run("is used by keyboard", func(t *testing.T) { testKeyboard(t, show(browser, t, sample(t))) })
	t.Run("runs nothing of a target's", func(t *testing.T) {
		b := show(browser, t, sample(t))
		b.expect(t, "scripts", `document.scripts.length`, "1")
		b.expect(t, "links of strange kinds", `[...document.links].filter(a => !/^https?:|^#/.test(a.getAttribute('href'))).length`, "0")
		b.expect(t, "the body is text", `[...document.querySelectorAll('pre')].some(p => p.textContent.includes("<script>alert('x')</script>"))`, "true")
		b.quiet(t)
	})
	t.Run("is dark where the reader is", func(t *testing.T) {
		b := show(browser, t, sample(t))
		ground := `getComputedStyle(document.body).backgroundColor`
		light := b.eval(t, ground)
		call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		b.shoot(t, "dark")
		if dark := b.eval(t, ground); dark == light {
			t.Errorf("the ground is %s in both", dark)
		}
	})
	t.Run("prints without its tools", func(t *testing.T) {
		b := show(browser, t, sample(t))
		call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		b.expect(t, "tools", `getComputedStyle(document.querySelector('.tools')).display`, "none")
	})
	t.Run("fits a narrow window", func(t *testing.T) {
		b := show(browser, t, sample(t))
		b.do(t, chromedp.EmulateViewport(400, 800))
		b.shoot(t, "narrow")
		b.expect(t, "no sideways scrolling", `document.documentElement.scrollWidth <= innerWidth`, "true")
	})
}

func testFilters(t *testing.T, b *tab) {
	b.expect(t, "all rules at first", counter, "13 of 13 rules")
	b.do(t, chromedp.Click(`.chip[data-value="fail"]`))
	b.expect(t, "failures", shownRules, "3")
	b.do(t, chromedp.Click(`.chip[data-value="stale"]`))
	b.expect(t, "failures and stale", counter, "4 of 13 rules")
	b.do(t, chromedp.Click("#reset"), chromedp.Click(`.chip[data-value="should"]`))
	b.expect(t, "should", shownRules, "1")
	b.do(t, chromedp.Click("#reset"), chromedp.SetValue("#scenario", "cancel-in-progress"))
	b.eval(t, `document.getElementById('scenario').dispatchEvent(new Event('change'))`)
	b.expect(t, "one scenario", shownRules, "5")
	b.expect(t, "its plays alone", `document.querySelectorAll('.play:not([hidden])').length`, "1")
	b.do(t, chromedp.Click("#reset"), chromedp.SendKeys("#search", "hexadecimal LOCATION"))
	b.expect(t, "searched", shownRules, "1")
	b.do(t, chromedp.SendKeys("#search", " nowhere"))
	b.expect(t, "nothing found is said", `document.getElementById('norules').hidden`, "false")
	b.do(t, chromedp.Click("#reset"), chromedp.Click(`td button[data-scenario="create-issuer"][data-verdict="not-reached"]`))
	b.shoot(t, "filtered")
	b.expect(t, "a cell of the matrix", counter, "2 of 13 rules")
	b.do(t, chromedp.Click("#expand"))
	b.expect(t, "expanded", `document.querySelectorAll('.rule:not([hidden])[open]').length`, "2")
	b.do(t, chromedp.Click("#expand"))
	b.expect(t, "collapsed", `document.querySelectorAll('.rule:not([hidden])[open]').length`, "0")
	b.quiet(t)
}

func testLinks(t *testing.T, b *tab) {
	rule := `#cancel-in-progress\/late-status`
	b.do(t, chromedp.Click(rule+` dd a[href^="#x"]`), chromedp.WaitVisible(`.step[open]`))
	b.expect(t, "the exchange that opened", `document.querySelector('.step[open] summary b').textContent`, "CancelledLate")
	b.do(t, chromedp.SendKeys("#search", "nothing that occurs"))
	b.eval(t, `location.hash = '#create-issuer/location'`)
	b.do(t, chromedp.WaitVisible(`#create-issuer\/location[open]`))
	b.expect(t, "the filters give way", counter, "13 of 13 rules")
	b.quiet(t)
}

func testMarks(t *testing.T, b *tab) {
	b.eval(t, `location.hash = '#x1'`)
	b.do(t, chromedp.WaitVisible(`#x1[open] mark`))
	b.expect(t, "the marked member", `document.querySelector('#x1 mark').textContent.trim()`, `"request_id": 17, ← create-issuer/request-id`)
	b.do(t, chromedp.WaitVisible(`#x1 pre.json .k`))
	b.shoot(t, "exchange")
	b.expect(t, "the others are not", `document.querySelectorAll('#x1 mark').length`, "1")
	b.quiet(t)
}

func testKeyboard(t *testing.T, b *tab) {
	b.do(t, chromedp.KeyEvent("/"))
	b.expect(t, "/ searches", `document.activeElement.id`, "search")
	b.do(t, chromedp.KeyEvent("cancellation"))
	b.expect(t, "typed", `+document.getElementById('shown').textContent.split(' ')[0] < 13`, "true")
	b.do(t, chromedp.KeyEvent(kb.Escape))
	b.expect(t, "Escape resets", counter, "13 of 13 rules")
	b.do(t, chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	b.expect(t, "j goes on", `document.activeElement.closest('.rule').id`, "create-issuer/location")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.expect(t, "Enter opens", `document.activeElement.closest('.rule').open`, "true")
	b.do(t, chromedp.KeyEvent("k"))
	b.expect(t, "k goes back", `document.activeElement.closest('.rule').id`, "create-issuer/create-status")
	b.quiet(t)
}
