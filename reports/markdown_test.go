package reports_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gtext "github.com/yuin/goldmark/text"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func markdown(t *testing.T, r *reports.Report, o reports.MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteMarkdown(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownGolden(t *testing.T) {
	golden.Compare(t, "testdata/sample.md", []byte(markdown(t, sample(), reports.MarkdownOptions{})))
	golden.Compare(t, "testdata/green.md", []byte(markdown(t, green(), reports.MarkdownOptions{})))
}

// A real parser of GitHub's Markdown says what comes of the target's words.
func TestMarkdownMakesNothingOfTheTargetsWords(t *testing.T) {
	source := []byte(markdown(t, sample(), reports.MarkdownOptions{}))
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(gtext.NewReader(source))
	counts := map[string]int{}
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		counts[n.Kind().String()]++
		switch n := n.(type) {
		case *ast.HTMLBlock:
			first := n.Lines().At(0)
			if html := string(first.Value(source)); !strings.HasPrefix(html, "<details>") && !strings.HasPrefix(html, "</details>") {
				t.Errorf("HTML came of %q", html)
			}
		case *ast.RawHTML:
			t.Errorf("HTML stands in a line: %q", string(n.Segments.Value(source)))
		case *ast.Link:
			if !strings.HasPrefix(string(n.Destination), "https://learn.microsoft.com/") {
				t.Errorf("a link goes to %q", n.Destination)
			}
		case *east.TableRow:
			if want := len(n.Parent().(*east.Table).Alignments); n.ChildCount() != want {
				t.Errorf("a row has %d cells, its table %d", n.ChildCount(), want)
			}
		case *ast.CodeSpan:
			t.Error("a code span came of a backtick")
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"Table": 5, "FencedCodeBlock": 4, "Heading": 7} {
		if counts[kind] != want {
			t.Errorf("%d of %s, want %d", counts[kind], kind, want)
		}
	}
}

func TestMarkdownStaysWithinItsLimit(t *testing.T) {
	r := full()
	for i := range 3000 {
		s := createScenario()
		s.ID = fmt.Sprintf("more-%d", i)
		r.Scenarios = append(r.Scenarios, s)
	}
	r.Conclude()
	for _, limit := range []int{0, 65536, 4096} {
		got := markdown(t, r, reports.MarkdownOptions{Limit: limit})
		want := limit
		if want == 0 {
			want = 1 << 20
		}
		if len(got) > want {
			t.Errorf("limit %d: %d bytes", limit, len(got))
		}
		if !strings.Contains(got, "left out to keep this short") {
			t.Errorf("limit %d: it does not say that something is left out", limit)
		}
		if !strings.HasPrefix(got, "## ❌ kvconform: failed") {
			t.Errorf("limit %d: the outcome is not first", limit)
		}
	}
}

func annotations(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteAnnotations(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnnotations(t *testing.T) {
	got := annotations(t, sample())
	golden.Compare(t, "testdata/sample.annotations", []byte(got))
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\n"), "\n") {
		if !regexp.MustCompile(`^::(error|warning) (file=[^,]+,line=\d+,)?title=`).MatchString(line) {
			t.Errorf("this line is no command of ours: %q", line)
		}
	}
	if annotations(t, green()) != "" {
		t.Error("a run in which everything held is annotated")
	}
}

// A stale entry is annotated where it can be deleted.
func TestAStaleEntryIsAnnotatedAtItsLine(t *testing.T) {
	r := sample()
	stale := &r.Scenarios[1].Rules[2]
	stale.Known.File, stale.Reason = "ci/known, ours.yaml", "passes now: delete the entry at line 7 of ci/known, ours.yaml"
	const want = "::error file=ci/known%2C ours.yaml,line=7,title=cancel-in-progress/requested%3A stale (must)::"
	if got := annotations(t, r); !strings.Contains(got, want) || !strings.Contains(got, "delete the entry at line 7") {
		t.Errorf("want %s…, got\n%s", want, got)
	}
}

// Each reason for an incomplete run is an error of its own.
func TestAnIncompleteRunIsAnnotated(t *testing.T) {
	r := green()
	r.MinJudged = 400
	r.Conclude()
	if got := annotations(t, r); !strings.Contains(got, "::error title=the run is incomplete::at least 400 rules") {
		t.Errorf("the floor that was not reached is not annotated: %q", got)
	}
}

func TestACauseIsAnnotatedOnceWithTheRulesThatItBreaks(t *testing.T) {
	r := sample()
	r.Causes = []reports.Cause{{
		Key: "k", Title: "one thing is wrong", Breaks: []string{"create-issuer/request-id", "cancel-in-progress/late-status"},
		HoldsBack: []string{"create-issuer/csr"},
	}}
	got := annotations(t, r)
	if strings.Count(got, "title=one thing is wrong; breaks 2 rules%2C keeps 1 from being judged::create-issuer/request-id: ") != 1 ||
		!strings.Contains(got, "rules: create-issuer/request-id, cancel-in-progress/late-status") {
		t.Errorf("the cause is not annotated once:\n%s", got)
	}
	if strings.Contains(got, "title=cancel-in-progress/late-status") {
		t.Errorf("the second rule of the cause is annotated on its own:\n%s", got)
	}
}

func TestAnnotationsAreNoMoreThanGitHubKeeps(t *testing.T) {
	r := full()
	r.Causes = nil // without them each rule stands for itself
	got := annotations(t, r)
	for _, kind := range []string{"::error ", "::warning "} {
		if n := strings.Count(got, kind); n != 10 {
			t.Errorf("%d times %s, want 10", n, kind)
		}
	}
	if !strings.Contains(got, "16 more findings") { // 25 rules failed or could not run
		t.Errorf("the last does not say how many more there are:\n%s", got)
	}
}
