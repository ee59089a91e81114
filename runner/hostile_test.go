package runner_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

// hostile is an endpoint that misbehaves, as soon as it has served so many requests well.
type hostile struct {
	name  string
	after int
	// act serves a request, with the vault at hand.
	act func(vault http.Handler, w http.ResponseWriter, r *http.Request)
	// exits are those that are right; says is in the reason of a rule, a note or the error, unless it is "".
	exits []int
	says  string
	// within bounds the run in time, 10 s if it is 0.
	within time.Duration
}

// hostileTime is the deadline of a request in these tests: long for a vault that answers, though many runs share the processors.
const hostileTime = 2 * time.Second

// hostileScenarios are those that the runs of the table play: enough to create, import, poll and cancel.
func hostileScenarios() []string {
	return []string{"create-manually", "read-completed", "cancel-in-progress", "import-certificate", "every-answer"}
}

// canary counts what reaches another port, where nothing of a run belongs.
func canary(t *testing.T) (url string, reached func() int) {
	t.Helper()
	var count atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { count.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, func() int { return int(count.Load()) }
}

// quickClock is a clock whose long sleeps take a hundredth of their time: what waits for a minute is measured by how far the clock
// is ahead. Sleeps that overlap pass together, as they do on the wall.
type quickClock struct{ ahead atomic.Int64 }

func (q *quickClock) Now() time.Time { return time.Now().Add(time.Duration(q.ahead.Load())) }

func (q *quickClock) Sleep(ctx context.Context, d time.Duration) error {
	until := q.Now().Add(d)
	if d > 100*time.Millisecond {
		d /= 100
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		q.reach(until)
		return nil
	}
}

// reach puts the clock at a time, unless it is there already.
func (q *quickClock) reach(until time.Time) {
	for {
		ahead := q.ahead.Load()
		want := int64(time.Until(until))
		if want <= ahead || q.ahead.CompareAndSwap(ahead, want) {
			return
		}
	}
}

// against runs the table's scenarios against a handler that is served over plain http, as hijacking needs.
func against(t *testing.T, handler http.Handler, token string) (report *reports.Report, waited time.Duration, err error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	defer server.CloseClientConnections()
	on := runner.Target{
		Endpoint: server.URL, Auth: runner.Auth{Token: runner.Secret{Value: token}}, MaxAnswer: 1 << 20,
		Issuers:   runner.Issuers{runner.StaysInProgress: {Name: "stays"}, runner.Completes: {Name: "completes"}},
		Polling:   runner.Polling{Min: 200 * time.Millisecond, Max: 500 * time.Millisecond, Timeout: 3 * time.Second}, // on the clock below
		Deadlines: target.Deadlines{Request: hostileTime, Run: 20 * time.Second},
	}
	clock := &quickClock{}
	outcome, err := runner.Run(context.Background(), runner.Options{
		Target: on, Scenarios: hostileScenarios(), NoLedger: true, Throwaway: true, Clock: clock,
	})
	if outcome != nil {
		report = outcome.Report
	}
	return report, time.Duration(clock.ahead.Load()), err
}

// said is everything that a run tells its reader of what went wrong.
func said(report *reports.Report, err error) string {
	var lines []string
	if err != nil {
		lines = append(lines, err.Error())
	}
	if report != nil {
		lines = append(lines, report.Notes...)
		for _, result := range verdicts(report) {
			if result.Verdict == reports.Fail {
				lines = append(lines, result.ID+" fails, in "+result.Play+"."+result.Step)
			}
			lines = append(lines, result.Reason, result.Got)
		}
	}
	return strings.Join(lines, "\n")
}

// TestHostileEndpointsEndInTime is the table of endpoints that do all that a server may do wrong. Every run ends in its time, with
// the right exit code, says why, blames nobody but the endpoint, leaves no goroutine behind, and sends nothing elsewhere.
func TestHostileEndpointsEndInTime(t *testing.T) {
	long.Test(t, "fifty hostile servers")
	elsewhere, reached := canary(t)
	before := goleak.IgnoreCurrent()
	t.Run("endpoint", func(t *testing.T) {
		for _, row := range silentEndpoints() {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				playHostile(t, row)
			})
		}
		// A run against a silent endpoint waits, so all of them are at once. These compute: no more than there are processors.
		processors := make(chan struct{}, runtime.GOMAXPROCS(0))
		for _, row := range slices.Concat(brokenEndpoints(), refusingEndpoints(elsewhere), lyingEndpoints(elsewhere)) {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				processors <- struct{}{}
				defer func() { <-processors }()
				playHostile(t, row)
			})
		}
	})
	if reached() > 0 {
		t.Errorf("%d requests went to another port", reached())
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if memory.HeapInuse > 256<<20 {
		t.Errorf("%d MB of heap are in use after the table", memory.HeapInuse>>20)
	}
	if leaked := goleak.Find(before); leaked != nil {
		t.Errorf("goroutines are left: %v", leaked)
	}
}

func playHostile(t *testing.T, row hostile) {
	t.Helper()
	reference, err := refserver.New(refserver.Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	var served atomic.Int32
	began := time.Now()
	report, waited, err := against(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if int(served.Add(1)) <= row.after {
			reference.Handler.ServeHTTP(w, r)
			return
		}
		row.act(reference.Handler, w, r)
	}), reference.Token)
	within := row.within
	if within == 0 {
		within = 15 * time.Second
	}
	if took := time.Since(began); took > within*slowness() {
		t.Errorf("took %s, want %s at most", took, within)
	}
	if waited > 5*time.Minute {
		t.Errorf("waited %s for it", waited)
	}
	var incomplete *runner.Incomplete
	code := -1
	switch {
	case err == nil:
		code = report.Conclusion.ExitCode
	case errors.As(err, &incomplete):
		code = runner.ExitIncomplete
	}
	text := said(report, err)
	if !slices.Contains(row.exits, code) {
		t.Errorf("exit %d, want one of %v:\n%.2000s", code, row.exits, text)
	}
	if report != nil && len(report.Faults) > 0 {
		t.Errorf("kvconform blames itself: %v", report.Faults)
	}
	if !strings.Contains(text, row.says) {
		t.Errorf("nothing says %q:\n%.2000s", row.says, text)
	}
	if report != nil && err == nil {
		readBack(t, report)
	}
}

// readBack writes the report and reads it again.
func readBack(t *testing.T, report *reports.Report) {
	t.Helper()
	text := asJSON(t, report)
	if len(text) > 32<<20 {
		t.Errorf("the report has %d MB", len(text)>>20)
	}
	if _, err := reports.ReadJSON(strings.NewReader(text)); err != nil {
		t.Errorf("the report cannot be read again: %v", err)
	}
}

// slowness is how much longer than on a machine of its own a run may take here: the tests of other packages run beside.
func slowness() time.Duration { return 4 }
