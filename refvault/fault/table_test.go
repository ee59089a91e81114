package fault

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// Ids of faults are in samples, baselines and issues: none may change its meaning or go.
func TestTheIDsOfFaultsStay(t *testing.T) {
	var ids []string
	for _, f := range All() {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	got := strings.Join(ids, "\n") + "\n"
	path := filepath.Join("testdata", "ids.golden")
	if golden.Update() {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("the ids of the faults are not those of testdata/ids.golden; if one is new: go test ./refvault/fault -update")
	}
}

func TestARowWithAMistakeIsRejected(t *testing.T) {
	const good = `
- on: bundle
  of: a bundle
  faults:
    - {id: x, member: kid, is: missing, breaks: [a/b]}
`
	if _, err := readTable([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ mistake, old, replacement, want string }{
		{"an unknown key", "id: x", "id: x, value: 1", "value"},
		{"an unknown operator", "missing", "lost", `no operator "lost"`},
		{"unknown requests", "on: bundle", "on: bundles", `no requests called "bundles"`},
		{"no requests", "on: bundle", "on: []", "no requests"},
		{"an unknown condition", "of: a bundle", "of: a bundle\n  where: 999", `no responses called "999"`},
		{"members of nothing known", "of: a bundle", "of: a bundle\n  in: bundle", `members are in "bundle"`},
		{"a value too many", "is: missing", "is: missing, to: 1", "a value that it does not take"},
		{"a value too few", "is: missing", "is: copied", "or lacks one"},
		{"two places", "member: kid", "member: kid, header: Location", "give one of them"},
		{"two forms", "is: missing", `is: missing, edits: [{member: kid, is: missing}]`, "both"},
		{"several edits without a title", "member: kid, is: missing", "edits: [{member: kid, is: missing}]", "need a title"},
	} {
		t.Run(test.mistake, func(t *testing.T) {
			_, err := readTable([]byte(strings.Replace(good, test.old, test.replacement, 1)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestARowTakesTheTitleOfItsOperator(t *testing.T) {
	for _, test := range []struct{ where, row, want string }{
		{"success", "member: kid, is: missing", "the kid of a bundle is missing"},
		{"success", "member: [kid, sid], is: missing", "the kid and sid of a bundle are missing"},
		{"success", "header: Location, is: of another host", "the Location of a bundle is on another host"},
		{`"200"`, "is: status, to: 202", "a bundle has the status 202, not 200"},
		{"success", "is: status, to: 202", "a bundle has the status 202"},
		{"success", "member: kid, is: rewritten, from: a, to: b", "the kid of a bundle has b in the place of a"},
		{"success", "member: kid, is: missing, title: none", "none"},
	} {
		faults, err := readTable([]byte("- on: bundle\n  where: " + test.where +
			"\n  of: a bundle\n  faults:\n    - {id: x, breaks: [a/b], " + test.row + "}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if faults[0].Title != test.want {
			t.Errorf("the title is %q, want %q", faults[0].Title, test.want)
		}
	}
}

// Every operator, on a body that has something for each.
func TestOperatorsDoWhatTheirNamesSay(t *testing.T) {
	const before = `{"cer":"ab+/c=","id":"https://h:8/certificates/n/0a","list":[1],"n":17,"on":true}`
	tested := map[string]bool{}
	for _, test := range []struct{ change, want string }{
		{"member: n, is: missing", `{"cer":"ab+/c=","id":"https://h:8/certificates/n/0a","list":[1],"on":true}`},
		{`member: n, is: "null"`, strings.Replace(before, "17", "null", 1)},
		{"member: n, is: set, to: x", strings.Replace(before, "17", `"x"`, 1)},
		{"member: n, is: replaced, to: null", strings.Replace(before, "17", "null", 1)},
		{"member: gone, is: replaced, to: x", before},
		{"member: n, is: renamed, to: m",
			`{"cer":"ab+/c=","id":"https://h:8/certificates/n/0a","list":[1],"m":17,"on":true}`},
		{"member: n, is: copied, from: on", strings.Replace(before, "17", "true", 1)},
		{"member: n, is: wrapped, to: v", strings.Replace(before, "17", `{"v":17}`, 1)},
		{"is: unwrapped, to: list", "[1]"},
		{"member: list, is: twice", strings.Replace(before, "[1]", "[1,1]", 1)},
		{"member: on, is: text", strings.Replace(before, "true", `"true"`, 1)},
		{"member: on, is: a number", strings.Replace(before, "true", "1", 1)},
		{"member: n, is: in milliseconds", strings.Replace(before, "17", "17000", 1)},
		{"member: n, is: shifted, to: -2", strings.Replace(before, "17", "15", 1)},
		{"member: n, is: shifted, to: 0.5", strings.Replace(before, "17", "17.5", 1)},
		{"member: cer, is: in upper case", strings.Replace(before, "ab+/c=", "AB+/C=", 1)},
		{"member: cer, is: base64url", strings.Replace(before, "ab+/c=", "ab-_c", 1)},
		{"member: cer, is: rewritten, from: +, to: x", strings.Replace(before, "ab+/c=", "abx/c=", 1)},
		{"member: cer, is: followed, to: x", strings.Replace(before, "ab+/c=", "ab+/c=x", 1)},
		{"member: cer, is: between, from: x, to: y", strings.Replace(before, "ab+/c=", "xab+/c=y", 1)},
		{"member: cer, is: cut short", strings.Replace(before, "ab+/c=", "ab+", 1)},
		{"member: id, is: relative", strings.Replace(before, "https://h:8", "", 1)},
		{"member: id, is: http", strings.Replace(before, "https", "http", 1)},
		{"member: id, is: of another name", strings.Replace(before, "/n/", "/anothern/", 1)},
		{"member: id, is: of another host", strings.Replace(before, "h:8", "elsewhere.invalid", 1)},
		{"member: id, is: of another port", strings.Replace(before, "h:8", "h:1", 1)},
		{"member: id, is: without its port", strings.Replace(before, "h:8", "h", 1)},
		{"member: id, is: of another version", strings.Replace(before, "/0a", "/"+strings.Repeat("f", 32), 1)},
		{"member: id, is: without its end", strings.Replace(before, "/0a", "", 1)},
		{"member: id, is: longer, to: /x", strings.Replace(before, "/0a", "/0a/x", 1)},
		{"member: id, is: with the query, to: a=b", strings.Replace(before, "/0a", "/0a?a=b", 1)},
		{"is: body, to: '{}'", "{}"},
		{"is: without body", ""},
		{"is: refused, to: 404 Gone", `{"error":{"code":"Gone","message":"refused"}}`},
	} {
		faults, err := readTable([]byte("- on: any\n  of: x\n  faults:\n    - {id: x, breaks: [a/b], " + test.change + "}\n"))
		if err != nil {
			t.Fatalf("%s: %v", test.change, err)
		}
		_, is, _ := strings.Cut(test.change, "is: ")
		is, _, _ = strings.Cut(strings.Trim(is, `"`), ",")
		tested[strings.Trim(is, `"`)] = true
		a := &tamper.Response{Status: http.StatusOK, Header: http.Header{}, Body: []byte(before)}
		faults[0].Edit(a)
		if string(a.Body) != test.want {
			t.Errorf("%s makes %s, want %s", test.change, a.Body, test.want)
		}
	}
	// The rest is shown by the rules that must fail for the faults that use it.
	for _, other := range []string{"dashed", "in lines", "PEM", "without the query", "with its query in upper case", "status"} {
		tested[other] = true
	}
	for name := range operators() {
		if !tested[name] {
			t.Errorf("the operator %q has no test", name)
		}
	}
}
