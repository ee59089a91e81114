//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/internal/long"
)

// compositeAction is the part of action.yml that a test can do.
type compositeAction struct {
	Inputs map[string]struct {
		Default string `yaml:"default"`
	} `yaml:"inputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []struct {
			Name  string            `yaml:"name"`
			Shell string            `yaml:"shell"`
			Uses  string            `yaml:"uses"`
			Run   string            `yaml:"run"`
			Env   map[string]string `yaml:"env"`
		} `yaml:"steps"`
	} `yaml:"runs"`
}

func loadAction(t *testing.T) *compositeAction {
	t.Helper()
	var action compositeAction
	if err := yaml.Unmarshal([]byte(contents(t, filepath.Join(root(t), "action.yml"))), &action); err != nil {
		t.Fatal(err)
	}
	if action.Runs.Using != "composite" {
		t.Fatalf("the action is %+v", action)
	}
	return &action
}

// perform runs the scripts of the action as a runner does, each in a shell of its own with the expressions filled in, and
// returns the exit code of the first that fails and what all printed.
func (a *compositeAction) perform(t *testing.T, folder string, inputs map[string]string) (code int, said string) {
	t.Helper()
	expression := regexp.MustCompile(`\$\{\{ *([^}]*?) *\}\}`)
	value := func(text string) string {
		return expression.ReplaceAllStringFunc(text, func(match string) string {
			name := expression.FindStringSubmatch(match)[1]
			input, isInput := strings.CutPrefix(name, "inputs.")
			declared, known := a.Inputs[input]
			switch given, ok := inputs[input]; {
			case name == "github.action_path":
				return root(t)
			case !isInput || !known:
				t.Errorf("the action has no value for %s", name)
				return ""
			case ok:
				return given
			default:
				return declared.Default
			}
		})
	}
	for _, step := range a.Runs.Steps {
		if step.Run == "" {
			continue
		}
		if expression.MatchString(step.Run) {
			t.Errorf("the script of %q has an expression in it: an input could be a command", step.Name)
		}
		shell := exec.Command(step.Shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		shell.Dir = folder
		shell.Env = append(os.Environ(), "RUNNER_TEMP="+folder, "GITHUB_ACTIONS=true",
			"GITHUB_OUTPUT="+filepath.Join(folder, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(folder, "summary.md"))
		for name, text := range step.Env {
			shell.Env = append(shell.Env, name+"="+value(text))
		}
		out, err := shell.CombinedOutput()
		said += string(out)
		if err != nil {
			return shell.ProcessState.ExitCode(), said
		}
	}
	return 0, said
}

func TestTheStepsOfTheActionRunTheSuite(t *testing.T) {
	long.Test(t, "it builds the command and runs the suite")
	t.Parallel()
	action := loadAction(t)
	url, token := emulator(t, nil)
	config := filepath.Join(t.TempDir(), "my target.yaml")
	text := "endpoint: " + url + "\npolling: {min: 20ms, max: 60ms}\nissuers: {staysInProgress: stays, completes: completes, fails: fails, rejects: rejects}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	less := filepath.Join(t.TempDir(), "less.yaml")
	if err := os.WriteFile(less, []byte("endpoint: "+url+"\npolling: {min: 20ms, max: 60ms}\nissuers: {staysInProgress: stays}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		inputs map[string]string
		code   int
		want   string
	}{
		"a vault that holds":     {map[string]string{"config": config, "token": token, "strict": "false"}, 0, "verdict=passed: no must fails"},
		"strict by default":      {map[string]string{"config": less, "token": token}, 1, " unreached rules"},
		"too little is judged":   {map[string]string{"config": config, "token": token, "min-judged": "9999", "strict": "false"}, 3, "verdict=incomplete: at least 9999"},
		"no token":               {map[string]string{"endpoint": url, "strict": "false"}, 3, "wants a token (401)"},
		"an input is no command": {map[string]string{"endpoint": `$(touch owned); x`}, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			code, said := action.perform(t, folder, c.inputs)
			output, err := os.ReadFile(filepath.Join(folder, "output"))
			if err != nil && c.code < 2 {
				t.Error(err)
			}
			if code != c.code || !strings.Contains(string(output)+said, c.want) {
				t.Errorf("exit %d, want %d and %q:\n%s%s", code, c.code, c.want, said, output)
			}
			if _, err := os.Stat(filepath.Join(folder, "owned")); err == nil {
				t.Error("an input was run as a command")
			}
			if c.code == 0 {
				if summary := contents(t, filepath.Join(folder, "summary.md")); !strings.Contains(summary, "passed: no must fails") {
					t.Errorf("the summary is\n%.300s", summary)
				}
				if _, err := os.Stat(filepath.Join(folder, "kvconform-out", "junit.xml")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
