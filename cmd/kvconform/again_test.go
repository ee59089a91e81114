package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/rerun"
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
			`kvconform run --endpoint https://localhost:1 --insecure --token "$TOKEN" --strict`,
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
			if got := f.again(command, c.version); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A user pastes the line below a failure into a shell, and sees that failure.
func TestTheLineThatRunsAgainShowsTheFailureAgain(t *testing.T) {
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
