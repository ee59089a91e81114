// Package docs_test holds the pages of the repository to what they point at.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	made    = regexp.MustCompile("`make ([a-z]+)`")
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Every link to a file of the repository leads to one, and every anchor to a heading.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	checked := 0
	for _, pattern := range []string{"../*.md", "*.md", "../schemas/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("%s matches no page: %v", pattern, err)
		}
		for _, page := range pages {
			checked += checkLinks(t, page)
		}
	}
	if checked < 100 {
		t.Errorf("only %d links were found", checked)
	}
}

func TestEveryMakeCommandExists(t *testing.T) {
	makefile := read(t, "../Makefile")
	named := 0
	for _, page := range []string{"../README.md", "../CONTRIBUTING.md", "architecture.md", "rules.md"} {
		for _, match := range made.FindAllStringSubmatch(read(t, page), -1) {
			named++
			if !strings.Contains(makefile, "\n"+match[1]+":") {
				t.Errorf("%s names %q, which the Makefile lacks", page, "make "+match[1])
			}
		}
	}
	if named == 0 {
		t.Error("no page names a command")
	}
}

func checkLinks(t *testing.T, page string) (checked int) {
	t.Helper()
	headings := map[string]map[string]bool{} // of each page that a link names
	for _, match := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
		if strings.Contains(match[1], "://") {
			continue
		}
		checked++
		file, anchor, anchored := strings.Cut(match[1], "#")
		target := page
		if file != "" {
			target = filepath.Join(filepath.Dir(page), file)
		}
		if _, err := os.Stat(target); err != nil {
			t.Errorf("%s links to %s: %v", page, match[1], err)
			continue
		}
		if !anchored || filepath.Ext(target) != ".md" {
			continue
		}
		if headings[target] == nil {
			headings[target] = headingsOf(t, target)
		}
		if !headings[target][anchor] {
			t.Errorf("%s links to %s, which has no such heading", page, match[1])
		}
	}
	return checked
}

// headingsOf lists the anchors of a page, made as GitHub makes them.
func headingsOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	anchors := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
		anchors[strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	return anchors
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
