package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestHelpShowsEveryFlagOfARunInAGroup(t *testing.T) {
	for _, command := range []*cobra.Command{newRunCommand(), newBaselineCommand(), newJudgeCommand()} {
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if groupOf(flag.Name) == "Other" {
				t.Errorf("%s --%s is in no group", command.Name(), flag.Name)
			}
		})
	}
	_, help, _ := typed(t, "run", "--help")
	at := -1
	for _, heading := range []string{"Usage:", "Examples:", "Target:", "What to run:", "Judging:", "Reports:", "Other:"} {
		next := strings.Index(help, "\n"+heading+"\n")
		if next <= at {
			t.Errorf("%q stands at %d, want it after %d", heading, next, at)
		}
		at = next
	}
	if n := strings.Count(help, "\n  kvconform run"); n < 5+1 {
		t.Errorf("the help of run has %d examples, want five", n-1)
	}
}

func TestEveryCommandHasAnExampleThatBeginsWithItsName(t *testing.T) {
	for _, command := range newRoot().Commands() {
		if !command.Hidden && !strings.Contains(command.Example, "kvconform "+command.Name()) {
			t.Errorf("%s has no example", command.Name())
		}
	}
}

func TestTheHelpNamesCompletion(t *testing.T) {
	if _, help, _ := typed(t, "--help"); !strings.Contains(help, "kvconform completion bash") || !strings.Contains(help, "\n  completion ") {
		t.Errorf("completion is not in\n%s", help)
	}
}

func TestTheVersionSaysWhatWasBuilt(t *testing.T) {
	setting := func(pairs ...string) (settings []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			settings = append(settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return settings
	}
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for name, c := range map[string]struct {
		info *debug.BuildInfo
		want build
	}{
		"an installed module": {
			&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}}, build{Version: "v1.2.3", Go: "go1.26.0"},
		},
		"a clone": {
			&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: setting("vcs.revision", commit, "vcs.time", "2026-01-02T03:04:05Z", "vcs.modified", "false")},
			build{Version: "devel-0123456789ab", Commit: commit, Date: "2026-01-02T03:04:05Z"},
		},
		"a clone with changes": {
			&debug.BuildInfo{Settings: setting("vcs.revision", commit, "vcs.modified", "true")},
			build{Version: "devel-0123456789ab", Commit: commit + "-dirty"},
		},
		"no git": {&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, build{Version: "devel"}},
	} {
		if got := builtFrom(c.info, true); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	code, stdout, _ := typed(t, "version", "--json")
	var b build
	if err := json.Unmarshal([]byte(stdout), &b); code != 0 || err != nil || !strings.HasPrefix(b.RuleSet, "sha256:") || b.Rules < 400 || b.Go == "" {
		t.Errorf("exit %d, %v: %s", code, err, stdout)
	}
	if code, stdout, _ = typed(t, "version"); code != 0 || !strings.Contains(stdout, "rules      ") || !strings.Contains(stdout, b.RuleSet) {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestTheSchemasOfFilesArePrinted(t *testing.T) {
	for _, name := range []string{"target", "baseline", "report"} {
		code, stdout, stderr := typed(t, "schema", name)
		var schema struct {
			Schema string `json:"$schema"`
			ID     string `json:"$id"`
		}
		if err := json.Unmarshal([]byte(stdout), &schema); code != 0 || err != nil || !strings.Contains(schema.Schema, "draft-07") || !strings.HasSuffix(schema.ID, name+".json") {
			t.Errorf("%s: exit %d, %v: %+v %s", name, code, err, schema, stderr)
		}
	}
	if code, _, stderr := typed(t, "schema", "nothing"); code != 2 || !strings.Contains(stderr, "it is one of target, baseline, report") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
