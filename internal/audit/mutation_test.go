package audit_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// changes are what may happen to a member of a response: each returns another value, or false if it does not apply.
func changes() map[string]func(value any) (any, bool) {
	return map[string]func(value any) (any, bool){
		"of another type": func(value any) (any, bool) {
			switch value.(type) {
			case string:
				return json.Number("7"), true
			case json.Number, bool:
				return "seven", true
			default:
				return "nothing of the kind", true
			}
		},
		"of another value": func(value any) (any, bool) {
			switch v := value.(type) {
			case string:
				return "changed-" + v, true
			case bool:
				return !v, true
			case json.Number:
				number, err := v.Int64()
				return json.Number(strconv.FormatInt(number+1_000_003, 10)), err == nil
			default:
				return nil, false
			}
		},
	}
}

// members lists the pointers of all members of a value, indexes of lists apart.
func members(value any, pointer string, found map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			at := pointer + "/" + name
			found[at] = true
			members(member, at, found)
		}
	case []any:
		if len(v) > 0 {
			members(v[0], pointer+"/0", found)
		}
	}
}

// changed is a value with the member at a pointer changed; false if the change does not apply.
func changed(value any, pointer string, change func(any) (any, bool)) bool {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for _, name := range names[:len(names)-1] {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			value = v[0]
		}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	last := names[len(names)-1]
	after, ok := change(object[last])
	object[last] = after
	return ok
}

// exchangesOf reads the recordings of the Go client library.
func exchangesOf(t *testing.T) map[string][]recorded.Entry {
	t.Helper()
	all := map[string][]recorded.Entry{}
	for _, path := range sdkRecordings(t) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		if _, err := recorded.Read(t.Context(), file, func(e recorded.Entry) { all[name] = append(all[name], e) }); err != nil {
			t.Fatal(err)
		}
		_ = file.Close() // only read
	}
	return all
}

// verdictOf says of an audit of entries, one of them changed: that a must fails, that a should does, or nothing.
func verdictOf(t *testing.T, entries []recorded.Entry, at int, body []byte) string {
	t.Helper()
	auditor := newAudit(t, audit.Options{})
	for i, entry := range entries {
		e := *entry.Exchange
		e.Response = &vault.Response{Status: e.Response.Status, Header: e.Response.Header, Body: entry.Exchange.Response.Body}
		if i == at {
			e.Response.Body = body
		}
		auditor.Take(t.Context(), "changed", recorded.Entry{Number: i + 1, Exchange: &e})
	}
	auditor.Settle()
	switch counts := auditor.Report(t.Context()).Counts; {
	case counts.Fail > 0:
		return "fails"
	case counts.Warn > 0:
		return "warns"
	default:
		return "passes"
	}
}

// Every member of every operation of the real service's recordings, changed in one response, fails the audit, or the list of
// reasons says by which statements of the contract it does not.
func TestARecordingWithOneChangedMemberFailsUnlessTheMemberIsFree(t *testing.T) {
	long.Test(t, "a long test")
	listed := reasons(t)
	counted := map[string]int{}
	tried := map[string]bool{}
	recordings := exchangesOf(t)
	for _, name := range slices.Sorted(maps.Keys(recordings)) {
		entries := recordings[name]
		for at, entry := range entries {
			e := entry.Exchange
			if e == nil || !e.Succeeded() || len(e.Response.Body) == 0 {
				continue
			}
			value, err := e.Response.JSON()
			if err != nil {
				t.Fatal(err)
			}
			operation, _ := operationOf(t, e)
			if operation == "" {
				continue
			}
			found := map[string]bool{}
			members(value, "", found)
			for _, pointer := range slices.Sorted(maps.Keys(found)) {
				for how, change := range changes() {
					key := operation + " " + pointer + " " + how
					if tried[key] {
						continue
					}
					var copied any
					decoder := json.NewDecoder(bytes.NewReader(e.Response.Body))
					decoder.UseNumber()
					if err := decoder.Decode(&copied); err != nil {
						t.Fatal(err)
					}
					if !changed(copied, pointer, change) {
						continue
					}
					tried[key] = true
					body, err := json.Marshal(copied)
					if err != nil {
						t.Fatal(err)
					}
					verdict := verdictOf(t, entries, at, body)
					counted[verdict]++
					if reason := listed.of(operation, pointer, how); reason.verdict != verdict {
						t.Errorf("%s %s (%s, entry %d); the list has %q: %s", key, verdict, name, at+1, reason.verdict, reason.text)
					}
				}
			}
		}
	}
	for _, reason := range listed {
		for _, line := range reason.lines {
			if line.met == 0 {
				t.Errorf("no change is %q: take the line off the list", line.text)
			}
		}
	}
	t.Logf("%d changes of members: %v", len(tried), counted)
	if counted["fails"] < 850 {
		t.Errorf("%d changes fail a must, which are too few", counted["fails"])
	}
}

// operationOf is the operation of an exchange, "" for other traffic.
func operationOf(t *testing.T, e *vault.Exchange) (string, bool) {
	t.Helper()
	rules, err := suite()
	if err != nil {
		t.Fatal(err)
	}
	operation, _, ok := rules.Document.Operation(e.Request.Method, e.Request.URL, "")
	return operation, ok
}

// reason is why some changes fail no must.
type reason struct {
	text, verdict string
	lines         []*line
}

// line tells changes: operations, a pointer and how the member is changed.
type line struct {
	text       string
	operations []string
	pointer    string
	how        string
	met        int
}

type reasonList []reason

// of is the reason of a change. One that no line tells fails.
func (l reasonList) of(operation, pointer, how string) reason {
	for _, reason := range l {
		for _, line := range reason.lines {
			matched, err := path.Match(line.pointer, pointer)
			if err == nil && matched && slices.Contains(line.operations, operation) && (line.how == "in any way" || line.how == how) {
				line.met++
				return reason
			}
		}
	}
	return reason{verdict: "fails"}
}

// reasons reads the list: under a heading with the verdict, statements of the contract and the reason, the changes, a line each.
func reasons(t *testing.T) reasonList {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "changes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	contract, err := os.ReadFile(filepath.Join("..", "..", "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	heading := regexp.MustCompile(`^## (passes|warns), ((?:[A-Z0-9-]+,? ?)+): (.+)$`)
	var list reasonList
	for text := range strings.Lines(string(text)) {
		text = strings.TrimSpace(text)
		switch parts := heading.FindStringSubmatch(text); {
		case parts != nil:
			list = append(list, reason{verdict: parts[1], text: parts[3]})
			for _, id := range strings.Split(parts[2], ", ") {
				if !bytes.Contains(contract, []byte("| "+id+" |")) {
					t.Errorf("docs/contract.md has no statement %s", id)
				}
			}
		case text == "" || strings.HasPrefix(text, "# "):
		default:
			fields := strings.SplitN(text, " ", 3)
			if len(list) == 0 || len(fields) != 3 {
				t.Fatalf("the list has the line %q", text)
			}
			last := &list[len(list)-1]
			last.lines = append(last.lines, &line{text: text, operations: strings.Split(fields[0], ","), pointer: fields[1], how: fields[2]})
		}
	}
	return list
}
