package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/reports"
)

func TestTheLineThatRunsAgainHasTheFlagsThatMatter(t *testing.T) {
	for _, c := range []struct {
		name, version string
		arguments     []string
		want          string
	}{
		{"a target file", "", []string{"--config", "my file.yaml"}, "kvconform run --config 'my file.yaml'"},
		{
			"what the vault is", "", []string{"--embedded", "--fault", "a", "--fault", "b", "--manner", "documented"},
			"kvconform run --embedded --manner documented --fault a --fault b",
		},
		{
			"a token is left to a variable", "", []string{"--endpoint", "https://localhost:1", "--token", "secret", "--insecure", "--strict"},
			`kvconform run --endpoint https://localhost:1 --insecure --strict --token "$TOKEN"`,
		},
		{
			"no reports, no selection", "", []string{"--embedded", "--out", "x", "--quiet", "--rule", "a/b", "--scenario", "c", "--min-judged", "4"},
			"kvconform run --embedded",
		},
		{"one of several api-versions", "7.4", []string{"--embedded", "--api-version", "all"}, "kvconform run --embedded --api-version 7.4"},
		{"what judges", "", []string{"--embedded", "--oracle", "observed", "--baseline", "known.yaml"}, "kvconform run --embedded --oracle observed --baseline known.yaml"},
		{"a switch that is off", "", []string{"--config", "a.yaml", "--insecure=false"}, "kvconform run --config a.yaml --insecure=false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			command, f := runCommand()
			if err := command.ParseFlags(c.arguments); err != nil {
				t.Fatal(err)
			}
			if got := f.again(command, of{version: c.version}).line; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A line that would be too long names a file with its arguments, which is beside the reports or in the user's state folder.
// The line repeats the run either way, and leaves every file that repeats it small.
func TestALineThatWouldBeTooLongNamesAFileOfItsArguments(t *testing.T) {
	long.Test(t, "a run with hundreds of faults")
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: there is no bash here to paste the line into")
	}
	folder := built(t)
	t.Setenv("XDG_STATE_HOME", filepath.Join(folder, "state"))
	faults := []string{"--fault", "conflict-ignored"}
	for _, f := range fault.All() {
		if strings.HasPrefix(f.ID, "contact") { // none of them touches the scenario that is played
			faults = append(faults, "--fault", f.ID)
		}
	}
	for name, reports := range map[string][]string{
		"beside the reports":  {"--out", filepath.Join(folder, "all reports")},
		"in the state folder": {"--html", filepath.Join(folder, "report.html"), "--json", filepath.Join(folder, "report.json")},
	} {
		arguments := slices.Concat([]string{"run", "--embedded", "--strict", "--scenario", "conflict-while-in-progress"}, faults, reports)
		code, stdout, stderr := typed(t, arguments...)
		_, line, found := strings.Cut(stdout, "again  ")
		line, _, _ = strings.Cut(line, "\n")
		if code != 1 || !found || len(line) > longestAgain || !strings.Contains(line, "run @") && !strings.Contains(line, "run '@") {
			t.Fatalf("%s: exit %d, %q:\n%s%s", name, code, line, stdout, stderr)
		}
		shell := exec.Command(bash, "-c", line)
		shell.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+":"+os.Getenv("PATH"))
		out, err := shell.CombinedOutput()
		if shell.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "FAIL conflict-while-in-progress/create-status") {
			t.Errorf("%s: %s\n%v:\n%s", name, line, err, out)
		}
	}
	for _, path := range []string{"all reports/report.html", "report.html"} {
		page, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil || strings.Count(string(page), "--fault") > 0 {
			t.Errorf("%s repeats the faults: %v", path, err)
		}
	}
}

func TestArgumentsAreReadFromAFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "my args")
	if err := os.WriteFile(path, []byte("# the vault\r\n--embedded\n\n--scenario=a b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, line, want string }{
		{"among others", "run|@" + path + "|--strict", "run|--embedded|--scenario=a b|--strict"},
		{"the value of a flag stays", "run|--token|@" + path, "run|--token|@" + path},
		{"a switch has no value", "run|--strict|@" + path, "run|--strict|--embedded|--scenario=a b"},
		{"behind -- all stays", "judge|--|@" + path, "judge|--|@" + path},
		{"a sign alone stays", "judge|@", "judge|@"},
	} {
		got, err := expanded(newRoot(), strings.Split(c.line, "|"))
		if err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, strings.Join(got, "|"), err, c.want)
		}
	}
	if code, _, stderr := typed(t, "run", "@"+folder+"/none"); code != 2 || !strings.Contains(stderr, "the arguments in "+folder+"/none cannot be read: no such file") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A user pastes the line below a failure into a shell, and sees that failure.
func TestTheLineThatRunsAgainShowsTheFailureAgain(t *testing.T) {
	long.Test(t, "runs each failure again")
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: there is no bash here to paste the line into")
	}
	folder := built(t)
	reference, err := refserver.Start(refserver.Options{Faults: []string{"conflict-ignored", "late-cancellation-accepted"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reference.Close() }()
	ca := filepath.Join(folder, "ca.pem")
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	target, report := filepath.Join(folder, "a target.yaml"), filepath.Join(folder, "report.json")
	if err := reference.WriteTarget(target, ca); err != nil {
		t.Fatal(err)
	}
	for name, arguments := range map[string][]string{
		"with a target file": {"--config", target},
		"with flags":         {"--endpoint", reference.URL, "--ca", ca, "--token", reference.Token},
	} {
		code, stdout, stderr := typed(t, append([]string{"run", "--scenario", "conflict-while-in-progress", "--scenario", "cancel-in-progress", "--json", report}, arguments...)...)
		if code != 1 {
			t.Fatalf("%s: exit %d:\n%s%s", name, code, stdout, stderr)
		}
		saved, err := rerun.Load(report)
		if err != nil {
			t.Fatal(err)
		}
		pasted := 0
		for _, scenario := range saved.Scenarios {
			for _, result := range scenario.Rules {
				line := explained(saved, result, "again")
				if result.Verdict != reports.Fail || pasted == 3 {
					continue
				}
				pasted++
				shell := exec.Command(bash, "-c", line)
				shell.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+":"+os.Getenv("PATH"), "TOKEN="+reference.Token)
				out, err := shell.CombinedOutput()
				if shell.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "FAIL "+result.ID) {
					t.Errorf("%s: %s\n%v:\n%s", name, line, err, out)
				}
			}
		}
		if pasted == 0 {
			t.Errorf("%s: nothing failed", name)
		}
		if strings.Contains(stdout, reference.Token) {
			t.Errorf("%s: the token is printed:\n%s", name, stdout)
		}
	}
}

// What a run makes to be thrown away is in its requests, so the requests as commands are the requests that were sent.
func TestAnImportCanBeSentAgainByCurl(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err == nil {
		_, err = exec.LookPath("curl")
	}
	if err != nil {
		t.Skip("SKIPPED: there is no bash or no curl here to send a request with")
	}
	reference, config := serving(t, nil)
	report := filepath.Join(t.TempDir(), "report.json")
	if code, stdout, stderr := typed(t, "run", "--keep", "--config", config, "--scenario", "import-certificate", "--scenario", "issuers", "--json", report); code != 0 {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	saved, err := rerun.Load(report)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]int{}
	for _, play := range saved.Plays {
		for _, step := range play.Steps {
			secretive := strings.Contains(step.RequestBody, `"pwd":`) || strings.Contains(step.RequestBody, "PRIVATE KEY")
			anew := step.Operation == "ImportCertificate" || step.Operation == "SetCertificateIssuer"
			if !secretive || !anew || step.Status != 200 || sent[step.Operation] == 3 {
				continue
			}
			sent[step.Operation]++
			shell := exec.Command(bash, "-c", step.Curl())
			shell.Env = append(os.Environ(), "CURL_CA_BUNDLE="+filepath.Join(filepath.Dir(config), "ca.pem"), "TOKEN="+reference.Token)
			out, err := shell.CombinedOutput()
			if status, _, _ := strings.Cut(string(out), "\n"); !strings.Contains(status, " 200") {
				t.Errorf("%s of %s: %v\n%s", step.Name, play.Name, err, out)
			}
		}
	}
	if sent["ImportCertificate"] < 3 || sent["SetCertificateIssuer"] == 0 {
		t.Errorf("sent again: %v", sent)
	}
}

// explained is the text of one row of the explanation of a result.
func explained(report *reports.Report, result reports.Result, label string) string {
	for _, line := range report.Explain(result) {
		if text, ok := strings.CutPrefix(line, label+" "); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}
