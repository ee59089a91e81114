//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// No device is named here but by a link in the test's own folder: a command that removes its outputs again would remove
// the device of the machine.
func TestARunThatDoesNotTakePlaceLeavesEveryFileAsItWas(t *testing.T) {
	for name, c := range map[string]struct {
		code      int
		arguments []string
	}{
		"the endpoint is no URL": {2, []string{"run", "--endpoint", "notaurl"}},
		"an unknown rule":        {2, []string{"run", "--embedded", "--rule", "nonsense"}},
		"an unknown fault":       {2, []string{"run", "--embedded", "--fault", "nonsense"}},
		"one version is unknown": {2, []string{"run", "--embedded", "--api-version", "7.3,9.9"}},
		"nothing to judge":       {2, []string{"judge", os.DevNull}},
		"no report":              {2, []string{"report", os.DevNull}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			report, real, link := filepath.Join(folder, "r.json"), filepath.Join(folder, "real.xml"), filepath.Join(folder, "link.xml")
			fifo, null := filepath.Join(folder, "fifo.html"), filepath.Join(folder, "null.md")
			for _, path := range []string{report, real} {
				if err := os.WriteFile(path, []byte("yesterday"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.Symlink(real, link), os.Symlink(os.DevNull, null)); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := typed(t, append(c.arguments, "--json", report, "--junit", link, "--html", fifo,
				"--markdown", null, "--badge", filepath.Join(folder, "new", "badge.svg"))...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, stderr)
			}
			if contents(t, report) != "yesterday" || contents(t, link) != "yesterday" {
				t.Errorf("the files of yesterday are now %q and %q", contents(t, report), contents(t, link))
			}
			left, err := os.ReadDir(folder)
			if err != nil || len(left) != 5 {
				t.Errorf("the folder holds %v (%v), want the five files of yesterday", left, err)
			}
			for path, kind := range map[string]os.FileMode{link: os.ModeSymlink, fifo: os.ModeNamedPipe, null: os.ModeSymlink} {
				if info, err := os.Lstat(path); err != nil || info.Mode()&kind == 0 {
					t.Errorf("%s is no longer what it was: %v", path, err)
				}
			}
		})
	}
}

func TestARunWhoseEndpointCannotBeUsedWritesEveryReport(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	folder := t.TempDir()
	summary := filepath.Join(folder, "summary.md")
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	code, stdout, stderr := typed(t, "run", "--endpoint", gone.URL, "--out", filepath.Join(folder, "out"))
	if code != 3 || !strings.Contains(stderr, "nothing listens there") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if !strings.Contains(stdout, "::error title=the endpoint cannot be used::") {
		t.Errorf("there is no annotation in %q", stdout)
	}
	for path, want := range map[string]string{
		summary: "nothing listens there", "out/junit.xml": `<error message="`, "out/report.json": `"exitCode": 3`,
		"out/report.html": "nothing listens there", "out/report.md": "nothing listens there",
		"out/badge.svg": "<svg", "out/transcript.jsonl": `"format"`,
	} {
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		if text := contents(t, path); !strings.Contains(text, want) {
			t.Errorf("%s does not say %s:\n%s", path, want, text)
		}
	}
}

// The reader of a FIFO would wait for ever if the command read the baseline that is there before it writes.
func TestABaselineIsWrittenToAFIFO(t *testing.T) {
	folder := t.TempDir()
	report, fifo := filepath.Join(folder, "r.json"), filepath.Join(folder, "known.fifo")
	if code, _, stderr := typed(t, "run", "--embedded", "--rule", "delete-pending/status", "--quiet", "--json", report); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() { read <- contents(t, fifo) }()
	if code, _, stderr := typed(t, "baseline", "--from", report, "--out", fifo); code != 0 {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if text := <-read; !strings.Contains(text, "deviations:") {
		t.Errorf("the reader got %q", text)
	}
}

func TestABaselineThatCannotBeTakenLeavesTheFileAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known.yaml")
	const text = "deviations: [] # by hand\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := typed(t, "baseline", "--endpoint", "https://127.0.0.1:1", "--out", path)
	if code != 3 || contents(t, path) != text {
		t.Errorf("exit %d (%s), and the baseline is %q", code, stderr, contents(t, path))
	}
}

func TestTwoFlagsCannotNameOneFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	const each = "both name "
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"two reports":               {[]string{"run", "--embedded", "--json", path, "--junit", path}, "--junit and --json " + each},
		"through a link":            {[]string{"run", "--embedded", "--json", path, "--junit", filepath.Join(link, "x")}, "--junit and --json " + each},
		"a report and the ledger":   {[]string{"run", "--embedded", "--json", path, "--ledger", path}, "--ledger and --json " + each},
		"a report in the folder":    {[]string{"run", "--embedded", "--out", folder, "--json", filepath.Join(folder, "report.json")}, "--json and --out " + each},
		"the standard output twice": {[]string{"run", "--embedded", "--json", "-", "--junit", "-"}, "--junit and --json " + each + "-"},
		"a baseline from itself":    {[]string{"baseline", "--from", path, "--out", path}, "--from and --out " + each},
		"- for two api-versions":    {[]string{"run", "--embedded", "--json", "-", "--api-version", "7.3,7.4"}, "takes the report of one api-version"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := typed(t, c.arguments...)
			if code != 2 || !strings.Contains(stderr, c.want) || stdout != "" {
				t.Errorf("exit %d: %s%s\nwant %s", code, stdout, stderr, c.want)
			}
		})
	}
}

func TestADashIsTheStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := typed(t, "run", "--embedded", "--quiet", "--scenario", "delete-pending", "--json", "-")
	if code != 0 || !json.Valid([]byte(stdout)) || !strings.Contains(stderr, "passed: ") {
		t.Errorf("exit %d, and the summary is not beside the report:\n%.300s\n%s", code, stdout, stderr)
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file named -")
	}
}

// What cannot be the standard output is rejected before anything is sent, and a dash never is the name of a file.
func TestADashIsNeverTheNameOfAFile(t *testing.T) {
	saved, err := filepath.Abs(filepath.Join("..", "..", "reports", "testdata", "green.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	proxy := []string{"proxy", "--upstream", "https://localhost:1"}
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"the certificate of a proxy":          {append(proxy, "--ca-out", "-"), "--ca-out needs a file"},
		"a target without its certificate":    {[]string{"serve", "--target-out", "-"}, "--target-out - needs --ca-out FILE"},
		"a target beside its certificate":     {[]string{"serve", "--target-out", "-", "--ca-out", "-"}, "--target-out - needs --ca-out FILE"},
		"a certificate that a target names":   {[]string{"serve", "--target-out", "t.yaml", "--ca-out", "-"}, "give --ca-out FILE"},
		"a sequence and a report":             {[]string{"explore", "--embedded", "--save", "-", "--json", "-"}, "--json and --save both name -"},
		"the folder of the reports":           {[]string{"run", "--embedded", "--out", "-"}, "--out takes a folder"},
		"the record of what a run makes":      {[]string{"run", "--embedded", "--ledger", "-"}, "--ledger needs a file"},
		"the record of what is explored":      {[]string{"explore", "--embedded", "--ledger", "-"}, "--ledger needs a file"},
		"the folder of a proxy's reports":     {append(proxy, "--out", "-"), "--out takes a folder"},
		"the folder of a report's renderings": {[]string{"report", saved, "--out", "-"}, "--out takes a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := typed(t, c.arguments...)
			if code != 2 || !strings.Contains(stderr, c.want) || stdout != "" {
				t.Errorf("exit %d: %s%s\nwant %s", code, stdout, stderr, c.want)
			}
		})
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("the folder has %v (%v)", entries, err)
	}
}

// What the standard output has is the file alone, and everything else is on stderr.
func TestADashIsTheStandardOutputOfServe(t *testing.T) {
	over, stop := context.WithCancel(t.Context())
	stop()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	for name, c := range map[string]struct {
		arguments   []string
		begins, has string
	}{
		"the certificate": {[]string{"--ca-out", "-"}, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"},
		"the target file": {[]string{"--target-out", "-", "--ca-out", ca}, "# A target file of kvconform", "ca: " + ca},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := execute(over, append([]string{"serve"}, c.arguments...), &stdout, &stderr)
			if code != 0 || !strings.HasPrefix(stdout.String(), c.begins) || !strings.Contains(stdout.String(), c.has) {
				t.Errorf("exit %d, want %q and %q:\n%s", code, c.begins, c.has, stdout.String())
			}
			if !strings.HasPrefix(stderr.String(), "https://127.0.0.1:") {
				t.Errorf("the URL is not on stderr: %s", stderr.String())
			}
		})
	}
}

func TestADashIsTheStandardOutputOfAnExploredSequence(t *testing.T) {
	t.Chdir(t.TempDir())
	_, stdout, stderr := typed(t, "explore", "--embedded", "--steps", "20", "--seed", "7", "--save", "-")
	if !json.Valid([]byte(stdout)) || !strings.Contains(stdout, "kvconform.exploration/1") || !strings.Contains(stderr, "explored with --seed 7") {
		t.Errorf("the sequence is not alone on the standard output:\n%.300s\n%s", stdout, stderr)
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file named -")
	}
}

func TestAReaderThatHasEnoughIsNoError(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"list", "--json"}, {"list"}, {"explain", conflict}, {"--help"}} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = read.Close()
		p := started(t, write, arguments...)
		_ = write.Close()
		if code := p.ended(t); code != 0 || p.stderr.Len() != 0 {
			t.Errorf("%v: exit %d: %s", arguments, code, p.stderr.String())
		}
	}
}

func TestAFullDiskIsNoInternalErrorAndCostsNoVerdict(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer func() { _ = full.Close() }()
	device := filepath.Join(t.TempDir(), "full")
	if err := os.Symlink("/dev/full", device); err != nil {
		t.Fatal(err)
	}
	const space = "cannot be written: no space left on device\n"
	run := []string{"run", "--embedded", "--quiet", "--scenario", "delete-pending"}
	breaks := append(run, "--fault", "deletion-deletes-nothing")
	for name, c := range map[string]struct {
		arguments []string
		stdout    *os.File
		code      int
		summary   string
	}{
		"a report":                {append(run, "--junit", device), nil, 3, "passed: "},
		"a report of a failure":   {append(breaks, "--junit", device), nil, 1, "failed: "},
		"the summary":             {run, full, 3, ""},
		"the summary of failures": {breaks, full, 1, ""},
		"a list":                  {[]string{"list"}, full, 3, ""},
		"help":                    {[]string{"--help"}, full, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := started(t, c.stdout, c.arguments...)
			code := p.ended(t)
			if code != c.code || !strings.HasSuffix(p.stderr.String(), space) || strings.Count(p.stderr.String(), "\n") != 1 ||
				!strings.Contains(p.stdout.String(), c.summary) {
				t.Errorf("exit %d, want %d\n%s%s", code, c.code, p.stdout.String(), p.stderr.String())
			}
		})
	}
}
