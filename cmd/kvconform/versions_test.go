package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

func TestSeveralAPIVersionsEndWithATableOfWhatDiffers(t *testing.T) {
	folder := t.TempDir()
	code, stdout, stderr := typed(t, "run", "--embedded", "--api-version", "2016-10-01,7.4,2099-01-01", "--like", "2025-07-01",
		"--scenario", "create-members", "--json", filepath.Join(folder, "r.json"), "--markdown", filepath.Join(folder, "r.md"))
	if code != 0 || !strings.Contains(stderr, "playing 3 api-versions, 3 at once") {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	at := strings.Index(stdout, "Rules by api-version, only what differs")
	if at < 0 || !strings.Contains(stdout[at:], "create-members/uris-accepted") || !strings.Contains(stdout[at:], "from 2099-01-01 on") ||
		!strings.Contains(stdout[at:], "2099-01-01 like 2025-07-01") {
		t.Errorf("the table is missing in\n%s", stdout)
	}
	var table reports.VersionTable
	text, err := os.ReadFile(filepath.Join(folder, "r-versions.json"))
	if err == nil {
		err = json.Unmarshal(text, &table)
	}
	if err != nil || len(table.Versions) != 3 || len(table.Differ) != 0 || len(table.Partial) == 0 {
		t.Errorf("%v: %+v", err, table)
	}
	for _, name := range []string{"r-2016-10-01.json", "r-7.4.json", "r-2099-01-01.json", "r-versions.md"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestAQuietRunAtSeveralAPIVersionsIsOneLineForEach(t *testing.T) {
	code, stdout, stderr := typed(t, "run", "--embedded", "--api-version", "7.4,2025-07-01", "--scenario", "delete-pending", "--quiet")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != 2 || !strings.HasPrefix(lines[0], "7.4: passed: ") || !strings.HasPrefix(lines[1], "2025-07-01: passed: ") {
		t.Errorf("exit %d, want a verdict for each api-version:\n%s%s", code, stdout, stderr)
	}
}

func TestAComparisonOfAPIVersionsSaysWhy(t *testing.T) {
	code, stdout, stderr := typed(t, "run", "--embedded", "--api-version", "7.4", "--compare", "2025-07-01", "--scenario", "create-members", "--quiet")
	if code != 0 {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	text := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{
		"why: the API at 2025-07-01 has, and at 7.4 has not: member policy.x509_props.sans.ipAddresses", "rules hold since 2025-06-01-preview: create-members/uris-accepted",
		"no regression:",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
}
