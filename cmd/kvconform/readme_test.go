package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/runner"
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

// Every command line of the README and of the pages by task is typed as it stands there; what make does is done by CI, but
// must exist.
func TestTheCommandsOfThePagesWork(t *testing.T) {
	long.Test(t, "it types minutes of commands")
	t.Parallel()
	for _, page := range []string{
		"README.md", "docs/emulator.md", "docs/product.md", "docs/versions.md", "docs/proxy.md",
	} {
		t.Run(page, func(t *testing.T) { typePage(t, filepath.Join(root(t), filepath.FromSlash(page))) })
	}
}

// typePage types the commands of a page, in a folder of its own and against a vault of its own with a proxy before it.
func typePage(t *testing.T, page string) {
	t.Helper()
	folder := built(t)
	b := behindProxy(t, refserver.Options{}, func(*http.Response) {})
	typedBlocks := 0
	for _, found := range blocksOf(t, page) {
		if found.language != "sh" {
			continue
		}
		typedBlocks++
		ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
		shell := exec.CommandContext(ctx, "bash", "-em", "-c", scriptOf(t, found.text))
		shell.Dir = folder
		shell.Env = append(os.Environ(), "ENDPOINT="+b.direct, "PROXY="+b.via, "TOKEN="+b.token, "CA="+b.ca)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, found.text, out)
		}
		cancel()
	}
	if typedBlocks == 0 {
		t.Error("the page has no commands")
	}
}

// scriptOf is a block as a shell runs it: without make, and with a pause until what was started is up.
func scriptOf(t *testing.T, text string) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if target, ok := strings.CutPrefix(line, "make "); ok {
			if !regexp.MustCompile(`(?m)^` + target + `:`).Match(makefile) {
				t.Errorf("the page says %q, which the Makefile lacks", line)
			}
			continue
		}
		script.WriteString(line + "\n")
		if strings.HasSuffix(line, "&") {
			script.WriteString("until [ -s out/target.yaml ]; do sleep 0.05; done\n")
		}
	}
	return script.String()
}

// The code of the page for Go is code that the tests of the runner run, and the target file of a product is one.
func TestTheCodeOfThePagesIsTested(t *testing.T) {
	t.Parallel()
	tested, err := os.ReadFile(filepath.Join(root(t), "runner", "example_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, b := range blocksOf(t, filepath.Join(root(t), "docs", "embed.md")) {
		if b.language != "go" {
			continue
		}
		shown++
		if !strings.Contains(string(tested), b.text) {
			t.Errorf("docs/embed.md shows code that runner/example_test.go does not have:\n%s", b.text)
		}
	}
	if shown != 3 {
		t.Errorf("docs/embed.md shows %d blocks of code, want 3", shown)
	}
	for _, b := range blocksOf(t, filepath.Join(root(t), "docs", "product.md")) {
		if b.language != "yaml" {
			continue
		}
		path := filepath.Join(t.TempDir(), "kvconform.yaml")
		if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if target, err := runner.LoadTarget(path); err != nil || target.Product.Profile != "core" {
			t.Errorf("the target file of docs/product.md: %v, profile %q", err, target.Product.Profile)
		}
	}
}

// The failure that the README shows is what a run with that fault prints now, with some lines and ends of lines left out.
func TestTheReadmesFailureLooksAsARealOneDoes(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := typed(t, "run", "--embedded", "--fault", "conflict-ignored", "--scenario", "conflict-while-in-progress")
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
