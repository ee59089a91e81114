package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func junit(t *testing.T, r *reports.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteJUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writers() map[string]func(io.Writer, *reports.Report) error {
	return map[string]func(io.Writer, *reports.Report) error{
		"json":  reports.WriteJSON,
		"junit": reports.WriteJUnit,
		"text":  func(w io.Writer, r *reports.Report) error { return reports.WriteText(w, r, reports.TextOptions{}) },
		"html":  reports.WriteHTML,
		"markdown": func(w io.Writer, r *reports.Report) error {
			return reports.WriteMarkdown(w, r, reports.MarkdownOptions{})
		},
		"annotations": reports.WriteAnnotations,
		"badge":       reports.WriteBadge,
	}
}

func TestJUnitGolden(t *testing.T) {
	golden.Compare(t, "testdata/sample.xml", junit(t, sample()))
	golden.Compare(t, "testdata/green.xml", junit(t, green()))
}

// shape is what the schemas of Jenkins (junit-10) and Maven Surefire both allow of the elements that we write: attributes with
// whether they are required, and children in the order that Surefire demands, with the most that may occur (0: any number).
type shape struct {
	attrs    map[string]bool
	children []string
	most     map[string]int
	text     bool
}

var timePattern = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?$`)

func junitShapes() map[string]shape {
	problem := shape{attrs: map[string]bool{"message": false, "type": true}, text: true}
	return map[string]shape{
		"testsuites": {attrs: map[string]bool{"name": false, "time": false, "tests": false, "failures": false, "errors": false}, children: []string{"testsuite"}},
		"testsuite": {
			attrs:    map[string]bool{"name": true, "time": false, "tests": true, "errors": true, "skipped": true, "failures": true, "group": false},
			children: []string{"properties", "testcase"},
		},
		"properties": {children: []string{"property"}},
		"property":   {attrs: map[string]bool{"name": true, "value": true}},
		"testcase": {
			attrs:    map[string]bool{"name": true, "classname": false, "group": false, "time": true},
			children: []string{"failure", "skipped", "error", "system-out", "system-err"},
			most:     map[string]int{"skipped": 1, "error": 1, "system-out": 1, "system-err": 1},
		},
		"failure":    problem,
		"error":      problem,
		"skipped":    {attrs: map[string]bool{"message": false}, text: true},
		"system-out": {text: true},
	}
}

type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func checkShape(n node, shapes map[string]shape) error {
	name := n.XMLName.Local
	s, ok := shapes[name]
	if !ok {
		return fmt.Errorf("<%s> is not allowed", name)
	}
	var errs []error
	seen := map[string]bool{}
	for _, a := range n.Attrs {
		seen[a.Name.Local] = true
		if _, ok := s.attrs[a.Name.Local]; !ok {
			errs = append(errs, fmt.Errorf("<%s> may not have %s", name, a.Name.Local))
		}
		if a.Name.Local == "time" && !timePattern.MatchString(a.Value) {
			errs = append(errs, fmt.Errorf("<%s time=%q> is no time", name, a.Value))
		}
	}
	for a, required := range s.attrs {
		if required && !seen[a] {
			errs = append(errs, fmt.Errorf("<%s> lacks %s", name, a))
		}
	}
	if !s.text && strings.TrimSpace(n.Text) != "" {
		errs = append(errs, fmt.Errorf("<%s> may not have text", name))
	}
	last, count := 0, map[string]int{}
	for _, c := range n.Children {
		child := c.XMLName.Local
		at := slices.Index(s.children, child)
		if at < last {
			errs = append(errs, fmt.Errorf("<%s> may not stand there in <%s>", child, name))
		}
		last = max(at, last)
		if count[child]++; s.most[child] > 0 && count[child] > s.most[child] {
			errs = append(errs, fmt.Errorf("<%s> occurs too often in <%s>", child, name))
		}
		errs = append(errs, checkShape(c, shapes))
	}
	return errors.Join(errs...)
}

func parse(t *testing.T, data []byte) node {
	t.Helper()
	var root node
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestJUnitHasTheShapeOfBothSchemas(t *testing.T) {
	for name, r := range map[string]*reports.Report{"sample": sample(), "green": green(), "full": full(), "empty": {}} {
		root := parse(t, junit(t, r))
		if root.XMLName.Local != "testsuites" {
			t.Errorf("%s: the root is <%s>", name, root.XMLName.Local)
		}
		if err := checkShape(root, junitShapes()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheShapeCheckRefuses(t *testing.T) {
	suite := `<testsuite name="a" tests="1" errors="0" skipped="0" failures="0">%s</testsuite>`
	for _, bad := range []string{
		`<testsuite name="a"/>`,
		fmt.Sprintf(suite, `<testcase name="a" time="1e3"/>`),
		fmt.Sprintf(suite, `<testcase name="a" time="1"><error type="x"/><failure type="x"/></testcase>`),
		fmt.Sprintf(suite, `<testcase name="a" time="1"><skipped/><skipped/></testcase>`),
		fmt.Sprintf(suite, `<testcase name="a" time="1"/><properties/>`),
		fmt.Sprintf(suite, `text`),
		fmt.Sprintf(suite, `<testcase name="a" time="1" colour="red"/>`),
	} {
		if checkShape(parse(t, []byte(bad)), junitShapes()) == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}

func TestJUnitCountsWhatItShows(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r := sample()
		r.Strict = strict
		r.Conclude()
		root := parse(t, junit(t, r))
		total := map[string]int{}
		for _, suite := range root.Children {
			count := map[string]int{}
			for _, c := range suite.Children {
				if c.XMLName.Local != "testcase" {
					continue
				}
				count["tests"]++
				for _, outcome := range c.Children {
					count[outcome.XMLName.Local]++
				}
			}
			for attr, n := range map[string]int{"tests": count["tests"], "failures": count["failure"], "errors": count["error"], "skipped": count["skipped"]} {
				if suite.attr(attr) != fmt.Sprint(n) {
					t.Errorf("strict %v: suite %s says %s=%s, want %d", strict, suite.attr("name"), attr, suite.attr(attr), n)
				}
				total[attr] += n
			}
		}
		want := map[string]int{"tests": 13, "failures": 4, "errors": 1, "skipped": 5}
		if strict { // one warning and two rules that were not reached
			want["failures"], want["skipped"] = 7, 2
		}
		for attr, n := range want {
			if total[attr] != n {
				t.Errorf("strict %v: %d %s in all, want %d", strict, total[attr], attr, n)
			}
		}
	}
}

// The times of the test cases add up to no more than the run took, and a rule that shares an exchange has its part of it.
func TestJUnitTimesAddUpToTheRun(t *testing.T) {
	for name, r := range map[string]*reports.Report{"sample": sample(), "full": full()} {
		sum, cases := 0.0, 0
		for _, suite := range parse(t, junit(t, r)).Children {
			own := 0.0
			for _, c := range suite.Children {
				if c.XMLName.Local == "testcase" {
					own += number(t, c.attr("time"))
					cases++
				}
			}
			if said := number(t, suite.attr("time")); math.Abs(said-own) > 0.002*float64(len(suite.Children)) {
				t.Errorf("%s: the suite %s says %v s, its cases add up to %v", name, suite.attr("name"), said, own)
			}
			sum += own
		}
		if took := time.Duration(r.Took).Seconds(); sum == 0 || sum > took+0.001*float64(cases) {
			t.Errorf("%s: the cases add up to %v s, the run took %v", name, sum, took)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A run that ends with another exit code than its rules explain has an error of its own in the file.
func TestJUnitShowsWhyTheRunIsIncomplete(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*reports.Report)
		suite  string
		says   string
	}{
		{"unusable", func(r *reports.Report) {
			r.Scenarios, r.Plays, r.Unusable = nil, nil, "nobody listens"
		}, "endpoint", "nobody listens"},
		{"too few judged", func(r *reports.Report) { r.MinJudged = 400 }, "run", "at least 400 rules are to be judged"},
		{"an unmet claim", func(r *reports.Report) { r.Unmet = []string{"no issuer fails"} }, "run", "no issuer fails"},
		{"interrupted", func(r *reports.Report) { r.Interrupted = true }, "run", "interrupted"},
		{"an internal error", func(r *reports.Report) { r.Faults = []string{"a bad request"} }, "run", "a bad request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := green()
			c.change(r)
			r.Conclude()
			root := parse(t, junit(t, r))
			if err := checkShape(root, junitShapes()); err != nil {
				t.Error(err)
			}
			last := root.Children[len(root.Children)-1]
			if last.attr("name") != c.suite || root.attr("errors") != "1" || !strings.Contains(string(junit(t, r)), c.says) {
				t.Errorf("the last suite is %s and the file has %s errors, want %s with one that says %q", last.attr("name"), root.attr("errors"), c.suite, c.says)
			}
		})
	}
}

func TestJUnitHasNoControlCharacters(t *testing.T) {
	for _, c := range string(junit(t, sample())) {
		if c < 0x20 && c != '\n' || c == 0x7f || c == 0xfffe || c == 0xffff || c == 0xfffd || c == 0x202e {
			t.Errorf("it contains %U", c)
		}
	}
}
