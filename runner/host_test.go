//go:build unix

package runner_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kvconform/kvconform/runner"
)

// hostVariable makes this test a program that judges once, says so and waits.
const hostVariable = "KVCONFORM_TEST_HOST"

// TestAProgramKeepsItsSignals ends a program by a signal after it has run the suite: nothing of the run takes the signal.
func TestAProgramKeepsItsSignals(t *testing.T) {
	if os.Getenv(hostVariable) != "" {
		played(t, reference(t, "observed", nil), "api-version")
		fmt.Println("judged")
		time.Sleep(time.Minute)
		return
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		host := exec.Command(os.Args[0], "-test.run=^TestAProgramKeepsItsSignals$")
		host.Env = append(os.Environ(), hostVariable+"=1")
		stdout, err := host.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := host.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		for lines.Scan() && !strings.Contains(lines.Text(), "judged") {
		}
		if err := host.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = host.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = host.Process.Kill()
			<-ended
			t.Errorf("the program outlives %s", signal)
			continue
		}
		if status, ok := host.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != signal {
			t.Errorf("%s: the program ended with %s", signal, host.ProcessState)
		}
	}
}

// TestAProgramKeepsItsGoroutinesAndConnections counts what several runs leave behind.
func TestAProgramKeepsItsGoroutinesAndConnections(t *testing.T) {
	target := reference(t, "observed", nil)
	run := func() *runner.Result {
		outcome, err := runner.Run(context.Background(), runner.Options{Target: target, Scenarios: []string{"api-version"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := runner.Judge(context.Background(), runner.JudgeOptions{Transcript: outcome.Transcript}); err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	settled := func(want int) int {
		count := 0
		for range 200 {
			if count = runtime.NumGoroutine(); count <= want {
				break
			}
			time.Sleep(10 * time.Millisecond) // the server's side of a closed connection ends a moment later
		}
		return count
	}
	run()
	before := settled(0)
	for range 5 {
		run()
	}
	if after := settled(before); after > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines became %d:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}
