package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/internal/long"
)

// The figures of the README and of docs/figures.md are those of a run today; -update writes both anew.
func TestTheFiguresAreThoseOfARun(t *testing.T) {
	long.Test(t, "a run of the whole suite")
	t.Parallel()
	code, printed, stderr := typed(t, "run", "--embedded")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	code, operations, stderr := typed(t, "list", "--operations")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	table, verdict := tableOf(t, printed), lineOf(t, printed, "passed: ")
	page := "# Figures\n\nThis page is written by `make docs`. A run against the reference vault, `kvconform run --embedded`, ends with\n\n" +
		fenced(table+"\n\n"+verdict) +
		"\n`kvconform list --operations` counts for each operation the rules that are judged on a response of it:\n\n" + fenced(strings.TrimSpace(operations))
	golden.Compare(t, filepath.Join(root(t), "docs", "figures.md"), []byte(page))

	readme := filepath.Join(root(t), "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	count := regexp.MustCompile(`of (\d+) rules pass`).FindStringSubmatch(verdict)
	if count == nil {
		t.Fatalf("the verdict is %q", verdict)
	}
	drawn := regexp.MustCompile(`(?m)^passed: no must fails;.*$`).ReplaceAllString(string(text), verdict)
	drawn = regexp.MustCompile(`against \d+ rules`).ReplaceAllString(drawn, fmt.Sprintf("against %s rules", count[1]))
	if !strings.Contains(drawn, verdict) || !strings.Contains(drawn, "against "+count[1]+" rules") {
		t.Error("the README does not show the verdict of a run and the number of rules")
	}
	golden.Compare(t, readme, []byte(drawn))
}

func fenced(text string) string { return "```text\n" + text + "\n```\n" }

// tableOf is the table of scenarios that a run prints.
func tableOf(t *testing.T, printed string) string {
	t.Helper()
	_, rest, found := strings.Cut("\n"+printed, "\nscenario ")
	table, _, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatalf("a run prints no table:\n%s", printed)
	}
	return "scenario " + table
}

func lineOf(t *testing.T, printed, start string) string {
	t.Helper()
	for _, line := range strings.Split(printed, "\n") {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	t.Fatalf("no line begins with %q:\n%s", start, printed)
	return ""
}
