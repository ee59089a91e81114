package runner_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

// troubleTime is the deadline of a request in these tests: long for a vault on a busy machine, short for a reader.
const troubleTime = time.Second

// troubles are what a server may do instead of answering. Each returns when the client has gone away.
func troubles() map[string]struct {
	trouble http.HandlerFunc
	want    string
} {
	return map[string]struct {
		trouble http.HandlerFunc
		want    string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no complete response within " + troubleTime.String()},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"id":`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "the response broke off"},
		"closes": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the server closed the connection without a response"},
		"never stops": {func(w http.ResponseWriter, r *http.Request) {
			line := bytes.Repeat([]byte(" "), 1<<16)
			for r.Context().Err() == nil {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}, "the response is larger than 65536 bytes"},
		"drips": {func(w http.ResponseWriter, r *http.Request) {
			drip := time.NewTicker(20 * time.Millisecond)
			defer drip.Stop()
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-drip.C:
				}
			}
		}, "no complete response within " + troubleTime.String()},
	}
}

func TestAnEndpointInTroubleCostsItsOwnRulesAndNothingElse(t *testing.T) {
	long.Test(t, "runs that wait in vain")
	for name, test := range troubles() {
		t.Run(name, func(t *testing.T) {
			target := reference(t, "observed", func(vault http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/import") {
						_, _ = io.Copy(io.Discard, r.Body)
						test.trouble(w, r)
						return
					}
					vault.ServeHTTP(w, r)
				})
			})
			target.Deadlines.Request = troubleTime
			target.MaxAnswer = 64 << 10
			began := time.Now()
			report, all := played(t, target, "import-certificate", "read-completed", "create-manually")
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the run took %s", took)
			}
			if report.Conclusion.ExitCode != runner.ExitIncomplete {
				t.Errorf("exit %d: %+v", report.Conclusion.ExitCode, report.Conclusion)
			}
			hit := 0
			for id, result := range all {
				imports := strings.HasPrefix(id, "import-certificate/")
				switch {
				case result.Verdict == reports.CouldNotRun && imports:
					hit++
					if !strings.Contains(result.Reason, test.want) {
						t.Errorf("%s: %s, want %s", id, result.Reason, test.want)
					}
				case result.Verdict == reports.CouldNotRun, result.Verdict == reports.Fail, result.Verdict == reports.Pass && imports && strings.Contains(result.Got, "status"):
					t.Errorf("%s: %s, expected %s, got %s (%s)", id, result.Verdict, result.Expected, result.Got, result.Reason)
				}
			}
			if hit == 0 {
				t.Error("no rule was hit")
			}
		})
	}
}

func TestAnEndpointInTroubleFromTheStartIsIncompleteInTime(t *testing.T) {
	t.Parallel()
	for name, test := range troubles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := stub(t, test.trouble)
			target.Deadlines.Request = troubleTime
			target.MaxAnswer = 64 << 10
			_, err := runner.Run(context.Background(), runner.Options{Target: target, NoLedger: true})
			var incomplete *runner.Incomplete
			if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestASocketThatSaysNothingIsIncompleteInTime accepts connections and does no more: not even TLS begins.
func TestASocketThatSaysNothingIsIncompleteInTime(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, err = runner.Run(context.Background(), runner.Options{NoLedger: true, Target: runner.Target{
		Endpoint: "https://" + listener.Addr().String(), Deadlines: target.Deadlines{Request: 200 * time.Millisecond},
	}})
	if err == nil || !strings.Contains(err.Error(), "no complete response within 200ms") {
		t.Errorf("got %v", err)
	}
}

func TestTheDeadlineOfARunEndsItAndIsNamed(t *testing.T) {
	t.Parallel()
	target := reference(t, "observed", nil)
	target.Polling = runner.Polling{Min: time.Minute, Max: time.Minute, Timeout: time.Hour}
	target.Deadlines.Run = 500 * time.Millisecond
	began := time.Now()
	report, all := played(t, target, "read-completed")
	if took := time.Since(began); took > 20*time.Second || report.Interrupted {
		t.Errorf("it took %s, interrupted: %v", took, report.Interrupted)
	}
	if report.Conclusion.ExitCode != runner.ExitIncomplete {
		t.Errorf("exit %d: %+v", report.Conclusion.ExitCode, report.Conclusion)
	}
	named := 0
	for _, result := range all {
		if result.Verdict == reports.CouldNotRun && strings.Contains(result.Reason, "the playing did not end within 500ms (deadlines.run)") {
			named++
		}
	}
	if named == 0 {
		t.Errorf("no rule names the deadline: %v", all)
	}
	if len(report.Left) > 0 {
		t.Errorf("left behind: %v", report.Left)
	}
}
