package runner_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// soaks is how many runs the soak makes in a row; `make soak` says 200.
var soaks = flag.Int("soak", 0, "run the soak with so many runs")

// outcomes is every rule with its verdict, for two runs to be compared.
func outcomes(report *reports.Report) string {
	var lines []string
	for id, result := range verdicts(report) {
		lines = append(lines, id+" "+string(result.Verdict))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// changed are the lines of the second text that the first one has not.
func changed(first, second string) []string {
	known := strings.Split(first, "\n")
	return slices.DeleteFunc(strings.Split(second, "\n"), func(line string) bool { return slices.Contains(known, line) })
}

// descriptors counts the files and sockets that the process has open, 0 where the system does not say.
func descriptors() int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(open)
}

// TestSoakInARow runs the suite again and again in one process: the goroutines, descriptors and heap of the last runs are those of
// the first ones, and every run comes to the same verdicts.
func TestSoakInARow(t *testing.T) {
	if *soaks == 0 {
		t.Skip("make soak runs it, for some minutes")
	}
	target := reference(t, "observed", nil)
	type state struct{ goroutines, descriptors, heap int }
	var first state
	want := ""
	for i := 1; i <= *soaks; i++ {
		report := run(t, runner.Options{Target: target, NoLedger: true})
		if got := outcomes(report); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("run %d comes to other verdicts than the first: %s\n%s", i, report.Conclusion.Line, strings.Join(changed(want, got), "\n"))
		}
		if i%20 != 0 && i != *soaks {
			continue
		}
		time.Sleep(200 * time.Millisecond) // the server's side of a closed connection ends a moment later
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		now := state{runtime.NumGoroutine(), descriptors(), int(memory.HeapInuse >> 20)}
		t.Logf("after %d runs: %d goroutines, %d descriptors, %d MB of heap", i, now.goroutines, now.descriptors, now.heap)
		if first == (state{}) {
			first = now
		}
		if now.goroutines > first.goroutines+10 || now.descriptors > first.descriptors+10 {
			t.Errorf("after %d runs: %+v, after the first twenty %+v", i, now, first)
		}
		// A collection leaves some megabytes more or less; nothing may grow with the runs.
		if now.heap > first.heap+30 {
			t.Errorf("after %d runs the heap is %d MB, after the first twenty %d MB", i, now.heap, first.heap)
		}
	}
}

// TestSoakAtOnce runs the suite 50 times at once on one vault: no run disturbs another.
func TestSoakAtOnce(t *testing.T) {
	if *soaks == 0 {
		t.Skip("make soak runs it, for some minutes")
	}
	target := reference(t, "observed", nil)
	target.Contacts = false                    // the vault has one list of them, which only one run at a time may change
	target.Deadlines.Request = 2 * time.Minute // fifty runs share the processors
	target.Polling.Timeout = 5 * time.Minute
	lines := make([]string, 50)
	var all errgroup.Group
	for i := range lines {
		all.Go(func() error {
			outcome, err := runner.Run(context.Background(), runner.Options{Target: target, NoLedger: true})
			if err != nil {
				return fmt.Errorf("run %d: %w", i, err)
			}
			lines[i] = outcomes(outcome.Report)
			if code := outcome.Report.Conclusion.ExitCode; code != runner.ExitHeld {
				return fmt.Errorf("run %d: exit %d: %s", i, code, outcome.Report.Conclusion.Line)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
	for i, line := range lines {
		if line != lines[0] {
			t.Errorf("run %d comes to other verdicts than the first:\n%s", i, strings.Join(changed(lines[0], line), "\n"))
		}
	}
}
