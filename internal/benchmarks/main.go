// Command benchmarks measures what kvconform costs and writes docs/benchmarks.md: `make bench` runs it. All figures that
// count are ratios of one run on one machine, so that they hold on another: the client's processor time against a bare
// client that sends the same requests, the judging against the decoding of the same bodies, the wall time against a slow
// vault with what no client can avoid.
//
// `make bench-peers` runs it to measure the same checked requests as other programs send them. Each of the two keeps what the
// other wrote of the page.
//
// Usage: benchmarks KVCONFORM FILE, the command to measure and the page to write;
// benchmarks peers KVCONFORM FILE FOLDER, where the folder holds the other programs;
// benchmarks requests FILE, which sends and checks the requests of a list, as one of those that are measured.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// run does what the arguments ask for.
func run(ctx context.Context, arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "requests":
		return checkRequests(ctx, arguments[1])
	case len(arguments) == 2:
		own, err := measure(ctx, arguments[0])
		if err != nil {
			return err
		}
		_, peers, err := parts(arguments[1])
		if err != nil {
			return err
		}
		return write(arguments[1], own, peers)
	case len(arguments) == 4 && arguments[0] == "peers":
		peers, err := besidePeers(ctx, arguments[1], arguments[3])
		if err != nil {
			return err
		}
		own, _, err := parts(arguments[2])
		if err != nil {
			return err
		}
		return write(arguments[2], own, peers)
	default:
		return errors.New("usage: benchmarks KVCONFORM FILE, benchmarks peers KVCONFORM FILE FOLDER, or benchmarks requests FILE")
	}
}

// parts cuts the page into the part of `make bench` and that of `make bench-peers`. Either is empty if it was not written.
func parts(path string) (own, peers string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	own, rest, found := strings.Cut(string(text), peersTitle)
	if found {
		peers = peersTitle + rest
	}
	return own, peers, nil
}

func write(path, own, peers string) error {
	if own != "" && peers != "" {
		own = strings.TrimRight(own, "\n") + "\n\n"
	}
	return os.WriteFile(path, []byte(own+peers), 0o644) // #nosec G306 -- a page of the documentation
}

// measure makes all measurements and draws the page.
func measure(ctx context.Context, command string) (string, error) {
	folder, err := os.MkdirTemp("", "kvconform-bench-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a folder of the system's for such files
	page := &strings.Builder{}
	fmt.Fprintf(page, `# Benchmarks

`+"`make bench`"+` measures these figures and writes this page. The ratios are within one run on one machine.

%s, %s/%s, %d processors, %s; load before the run: %s.
%s
`, time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load(), busy())
	for _, part := range []func(context.Context, string, string, *strings.Builder) error{whole, twenty, first, cost, waiting} {
		if err := part(ctx, command, folder, page); err != nil {
			return "", err
		}
	}
	return page.String(), nil
}

// load is the system's load average, where it says one.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}

// busy warns a reader of wall times that a busy machine made longer; it is empty for a quiet machine.
func busy() string {
	if average, err := strconv.ParseFloat(load(), 64); err != nil || average <= float64(runtime.NumCPU()) {
		return ""
	}
	return "\nThe machine did other work meanwhile: only the ratios of processor time say something of kvconform, the wall times do not.\n"
}

// rows begins a table.
func rows(page *strings.Builder, title string, head ...string) {
	fmt.Fprintf(page, "## %s\n\n| %s |\n|%s\n", title, strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
}

// whole measures a full run against the embedded vault, every report written, as `make run` does after the build.
func whole(ctx context.Context, command, folder string, page *strings.Builder) error {
	const times = 5
	best, memory := time.Hour, 0
	for range times {
		run := exec.CommandContext(ctx, command, "run", "--embedded", "--quiet", "--out", filepath.Join(folder, "out"))
		began := time.Now()
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("the embedded run: %w\n%s", err, out)
		}
		best, memory = min(best, time.Since(began)), max(memory, megabytes(run.ProcessState))
	}
	rows(page, "A full run against the embedded vault, with every report", "figure", "measured", "goal")
	fmt.Fprintf(page, "| wall time, the best of %d | %.2f s | 1.3 s |\n", times, best.Seconds())
	fmt.Fprintf(page, "| peak memory, vault and client | %d MB | 100 MB |\n\n", memory)
	return nil
}
