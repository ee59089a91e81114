package interop_test

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildCommand builds kvconform as it is shipped and returns the path of the binary.
func buildCommand(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "kvconform")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/kvconform")
	build.Dir = ".." // a module of its own, with its own versions
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building kvconform: %v\n%s", err, output)
	}
	return binary
}

// start starts a program that runs until the test is over. It is told to end then, and killed where it does not. Its
// output is shown where the test failed; the first line of its standard output comes through the channel.
func start(t *testing.T, command *exec.Cmd) <-chan string {
	t.Helper()
	program := command.Path
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(program)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = log
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	first, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			select {
			case first <- lines.Text():
			default:
			}
			_, _ = log.WriteString(lines.Text() + "\n") // only for a person to read
		}
		close(first)
		ended <- command.Wait()
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill() // likewise
			<-ended
		}
		_ = log.Close() // read again below
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("what %s said:\n%s", filepath.Base(program), tail(string(text), 60))
		}
	})
	return first
}

// vault is a reference vault that `kvconform serve` serves.
type vault struct{ url, ca, target string }

// serve starts the reference vault by the command.
func serve(t *testing.T, kvconform string, flags ...string) vault {
	t.Helper()
	folder := t.TempDir()
	v := vault{ca: filepath.Join(folder, "ca.pem"), target: filepath.Join(folder, "kvconform.yaml")}
	arguments := append([]string{"serve", "--listen", "127.0.0.1:0", "--ca-out", v.ca, "--target-out", v.target}, flags...)
	select {
	case line := <-start(t, exec.Command(kvconform, arguments...)):
		v.url = line
	case <-time.After(20 * time.Second):
	}
	if !strings.HasPrefix(v.url, "https://") {
		t.Fatalf("kvconform serve did not print the address of its vault but %q", v.url)
	}
	return v
}

// result is what a run of the suite came to.
type result struct {
	exit   int
	output string
	// rules are the ids of the rules by what the JUnit report makes of them: "passed", "failed", "error" or "skipped".
	rules map[string][]string
	// told is what the JUnit report says of each rule that did not pass.
	told map[string]string
}

// judge runs the suite with the flags given and reads the report.
func judge(t *testing.T, kvconform string, flags ...string) result {
	t.Helper()
	junit := filepath.Join(t.TempDir(), "junit.xml")
	exit, output := run(t, 2*time.Minute, kvconform, append([]string{"run", "--junit", junit}, flags...)...)
	r := result{exit: exit, output: output, rules: map[string][]string{}, told: map[string]string{}}
	text, err := os.ReadFile(junit)
	if err != nil || len(text) == 0 {
		return r // a run that could not begin has none
	}
	var suites struct {
		Cases []struct {
			Name    string `xml:"name,attr"`
			Failure *told  `xml:"failure"`
			Error   *told  `xml:"error"`
			Skipped *told  `xml:"skipped"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatalf("reading the JUnit report: %v", err)
	}
	for _, c := range suites.Cases {
		rule, _, _ := strings.Cut(c.Name, ": ")
		how := "passed"
		for name, problem := range map[string]*told{"failed": c.Failure, "error": c.Error, "skipped": c.Skipped} {
			if problem != nil {
				how, r.told[rule] = name, problem.Message
			}
		}
		r.rules[how] = append(r.rules[how], rule)
	}
	for _, rules := range r.rules {
		slices.Sort(rules)
	}
	return r
}

type told struct {
	Message string `xml:"message,attr"`
}

// has tells whether the report has the rule under how.
func (r result) has(how, rule string) bool { return slices.Contains(r.rules[how], rule) }

// problems lists what did not pass, a rule a line.
func (r result) problems() string {
	var lines []string
	for _, how := range []string{"failed", "error", "skipped"} {
		for _, rule := range r.rules[how] {
			lines = append(lines, how+" "+rule+": "+r.told[rule])
		}
	}
	return strings.Join(lines, "\n")
}

// run runs a program to its end, within a time, and returns its exit code and all that it said.
func run(t *testing.T, within time.Duration, program string, arguments ...string) (exit int, output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	said, err := command.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("running %s: %v", program, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s did not end within %v:\n%s", program, within, tail(string(said), 40))
	}
	return command.ProcessState.ExitCode(), string(said)
}

// tail is the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

var tokenLine = regexp.MustCompile(`token:\s+(?:value:\s+)?"?([0-9a-f]{32})\b`)

// tokenOf reads the vault's token from its target file.
func tokenOf(t *testing.T, v vault) string {
	t.Helper()
	text, err := os.ReadFile(v.target)
	if err != nil {
		t.Fatal(err)
	}
	found := tokenLine.FindSubmatch(text)
	if found == nil {
		t.Fatalf("there is no token in the target file that serve wrote")
	}
	return string(found[1])
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
