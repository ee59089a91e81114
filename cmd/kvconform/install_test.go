package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of the page on installing are typed as they stand there, but for make, whose target must exist.
func TestTheCommandsOfTheInstallPageWork(t *testing.T) {
	t.Parallel()
	folder := built(t)
	makefile := contents(t, filepath.Join(root(t), "Makefile"))
	scripts := 0
	for _, b := range blocksOf(t, filepath.Join(root(t), "docs", "install.md")) {
		var script strings.Builder
		for _, line := range strings.Split(b.text, "\n") {
			if rest, ok := strings.CutPrefix(line, "make "); ok {
				if target, _, _ := strings.Cut(rest, " "); !strings.Contains(makefile, "\n"+target+":") {
					t.Errorf("the page says %q, which the Makefile lacks", line)
				}
				continue
			}
			script.WriteString(line + "\n")
		}
		if b.language != "sh" {
			continue
		}
		scripts++
		shell := exec.Command("bash", "-ec", script.String())
		shell.Dir = folder
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, b.text, out)
		}
	}
	if scripts < 2 {
		t.Errorf("the page has %d blocks of commands", scripts)
	}
	if schema := contents(t, filepath.Join(folder, "kvconform.schema.json")); !strings.Contains(schema, "The target file of kvconform") {
		t.Errorf("the schema is %.100s", schema)
	}
}
