package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/refserver"
)

// block is a fenced block of a Markdown page.
type block struct{ language, text string }

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, match := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, block{match[1], match[2]})
	}
	return blocks
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// built returns a folder in which the README's lines work: the command of all tests is in its bin.
func built(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(folder, "bin", "kvconform")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Every command line of the README is typed as it stands there; what make does is done by CI, but must exist.
func TestTheReadmesCommandsWork(t *testing.T) {
	if testing.Short() {
		t.Skip("it types a minute of commands")
	}
	t.Parallel()
	folder := built(t)
	reference, err := refserver.Start(refserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reference.Close() }()
	ca := filepath.Join(folder, "ca.pem")
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	typedBlocks := 0
	for _, b := range blocksOf(t, filepath.Join(root(t), "README.md")) {
		if b.language != "sh" {
			continue
		}
		typedBlocks++
		var script strings.Builder
		for _, line := range strings.Split(b.text, "\n") {
			if target, ok := strings.CutPrefix(line, "make "); ok {
				if !regexp.MustCompile(`(?m)^` + target + `:`).Match(makefile) {
					t.Errorf("the README says %q, which the Makefile lacks", line)
				}
				continue
			}
			script.WriteString(line + "\n")
			if strings.HasSuffix(line, "&") {
				script.WriteString("until [ -s out/target.yaml ]; do sleep 0.05; done\n")
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		shell := exec.CommandContext(ctx, "bash", "-em", "-c", script.String())
		shell.Dir = folder
		shell.Env = append(os.Environ(), "ENDPOINT="+reference.URL, "TOKEN="+reference.Token, "CA="+ca)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, b.text, out)
		}
		cancel()
	}
	if typedBlocks == 0 {
		t.Error("the README has no commands")
	}
}

// The output that the README shows first is what a run prints now.
func TestTheReadmeShowsARealRun(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := typed(t, "run", "--embedded")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, b := range blocksOf(t, filepath.Join(root(t), "README.md")) {
		if b.language == "text" && strings.HasPrefix(b.text, "scenario ") {
			if !strings.Contains(stdout, b.text) {
				t.Errorf("the README shows\n%s\nand a run prints\n%s", b.text, stdout)
			}
			return
		}
	}
	t.Error("the README shows no run")
}

// The failure that the README shows is what a run with that fault prints now, with some lines and ends of lines left out.
func TestTheReadmesFailureLooksAsARealOneDoes(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := typed(t, "run", "--embedded", "--fault", "conflict-ignored")
	if code != 1 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	printed := "\n" + withoutNames(stdout)
	shown := 0
	for _, b := range blocksOf(t, filepath.Join(root(t), "README.md")) {
		if b.language != "text" || !strings.HasPrefix(b.text, "start here") {
			continue
		}
		shown++
		rest := printed
		for _, line := range strings.Split(strings.TrimSpace(withoutNames(b.text)), "\n") {
			line = strings.TrimSuffix(line, "…") // the README cuts what is long
			_, after, found := strings.Cut(rest, "\n"+line)
			if !found {
				t.Errorf("the README shows %q, which a run does not print there:\n%s", line, printed)
				break
			}
			rest = after
		}
	}
	if shown != 1 {
		t.Errorf("the README shows %d blocks that begin with start here, want one", shown)
	}
}

// withoutNames replaces the port and the random part of names, which differ from run to run.
func withoutNames(text string) string {
	text = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "127.0.0.1:PORT")
	return regexp.MustCompile(`kvconform-[0-9a-f]{12}-`).ReplaceAllString(text, "kvconform-RUN-")
}
