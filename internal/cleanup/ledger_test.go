package cleanup

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func opened(t *testing.T, path, id string) *Ledger {
	t.Helper()
	l, err := Open(path, Entry{Run: id, Endpoint: "https://v.example", APIVersion: "7.4"}, func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func noted(t *testing.T, l *Ledger, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := l.Note(CertificateKind, name); err != nil {
			t.Fatal(err)
		}
	}
}

func namesIn(t *testing.T, path string) []string {
	t.Helper()
	entries, err := ReadLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return names
}

func TestALedgerIsOnTheDiskAtOnceAndForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "kvconform", "run.jsonl")
	l := opened(t, path, "1")
	noted(t, l, "a")
	text, err := os.ReadFile(path)
	if want := `{"run":"1","endpoint":"https://v.example","apiVersion":"7.4","kind":"certificate","name":"a","time":"2026-06-01T00:00:00Z"}` + "\n"; err != nil || string(text) != want {
		t.Errorf("%v, %s", err, text)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
	if err := l.Close(true); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) > 0 {
		t.Errorf("%v, left: %v", err, left)
	}
}

func TestALedgerStaysWhereSomethingIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	l := opened(t, path, "1")
	noted(t, l, "a", "b")
	if err := l.Close(false); err != nil {
		t.Fatal(err)
	}
	// The next run with the same file keeps what is there, and takes back only its own names.
	l = opened(t, path, "2")
	noted(t, l, "c")
	if got := namesIn(t, path); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("during the second run: %v", got)
	}
	if err := l.Close(true); err != nil {
		t.Fatal(err)
	}
	if got := namesIn(t, path); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("after the second run: %v", got)
	}
}

func TestTwoRunsCannotShareALedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	l := opened(t, path, "1")
	_, err := Open(path, Entry{Run: "2"}, time.Now)
	want := "the ledger " + path + " belongs to a run that is under way: wait for its end, or give another file with --ledger"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if !underWay(path) {
		t.Error("the run is said not to be under way")
	}
	if err := l.Close(true); err != nil {
		t.Fatal(err)
	}
	if underWay(path) {
		t.Error("the run is said to be under way after its end")
	}
}

func TestALedgerThatCannotBeWrittenIsAMistakeInUsage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(filepath.Join(file, "run.jsonl"), Entry{}, time.Now)
	if err == nil || !strings.HasSuffix(err.Error(), "cannot be written: not a directory; give another file with --ledger") {
		t.Errorf("got %v", err)
	}
}

func TestALedgerWithoutAnEndIsRejected(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l")
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Skip(err)
	}
	_, err := ReadLedger(path)
	if want := "the ledger " + path + " cannot be read: it has more than the 16777216 bytes that such a file may have"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReadingALedger(t *testing.T) {
	const line = `{"run":"1","endpoint":"https://v.example","apiVersion":"7.4","kind":"certificate","name":"a","time":"2026-06-01T00:00:00Z"}`
	for _, c := range []struct {
		name, text string
		count      int
		want       string
	}{
		{"nothing", "", 0, ""},
		{"a line", line + "\n", 1, ""},
		{"a line that a kill cut short was never sent", line + "\n" + line[:50], 1, ""},
		{"no JSON", "hello\n", 0, ":1: is no line of a ledger of kvconform: cannot be read: invalid character 'h' looking for beginning of value"},
		{"another member", line + "\n" + `{"run":"1","colour":"red"}` + "\n", 0, `:2: is no line of a ledger of kvconform: cannot be read: unknown field "colour"`},
		{"no name", `{"run":"1","endpoint":"https://v.example"}` + "\n", 0, ":1: is no line of a ledger of kvconform: it names no run, endpoint or name"},
		{"a key of its own", strings.Replace(line, `"certificate"`, `"key"`, 1) + "\n", 1, ""},
		{"another kind", strings.Replace(line, `"certificate"`, `"contact"`, 1) + "\n", 0, `:1: is no line of a ledger of kvconform: the kind "contact" is unknown`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			entries, err := ReadLedger(path)
			switch {
			case c.want == "" && (err != nil || len(entries) != c.count):
				t.Errorf("%v, %v", entries, err)
			case c.want != "" && (err == nil || err.Error() != path+c.want):
				t.Errorf("got %v", err)
			}
		})
	}
}
