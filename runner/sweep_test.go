package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

// shelf is a vault of nothing but names, to be deleted and purged in ways that a real vault might.
type shelf struct {
	mu                    sync.Mutex
	live, binned, issuers []string
	refuse                map[string]int // "METHOD path" and the status to answer with
	slow                  int            // looks until a deletion is seen
	settling              int
	asked                 []string
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := r.Method + " " + r.URL.Path
	s.asked = append(s.asked, request)
	if status, refused := s.refuse[request]; refused {
		s.say(w, status, map[string]any{"error": map[string]any{"code": "No", "message": "no"}})
		return
	}
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	base := "http://" + r.Host + "/"
	switch {
	case request == "GET /certificates":
		s.page(w, r, base+"certificates/", s.live)
	case request == "GET /certificates/issuers":
		s.page(w, r, base+"certificates/issuers/", s.issuers)
	case request == "GET /deletedcertificates":
		s.page(w, r, base+"deletedcertificates/", s.binned)
	case len(segments) == 3 && segments[1] == "issuers":
		s.one(w, r, &s.issuers, segments[2], func() {})
	case len(segments) == 2 && segments[0] == "certificates":
		s.one(w, r, &s.live, segments[1], func() { s.binned, s.settling = append(s.binned, segments[1]), s.slow })
	case len(segments) == 2 && segments[0] == "deletedcertificates" && s.settling > 0:
		s.settling--
		s.say(w, http.StatusNotFound, map[string]any{})
	case len(segments) == 2 && segments[0] == "deletedcertificates":
		s.one(w, r, &s.binned, segments[1], func() {})
	default:
		s.say(w, http.StatusNotFound, map[string]any{})
	}
}

func (s *shelf) say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s *shelf) one(w http.ResponseWriter, r *http.Request, names *[]string, name string, removed func()) {
	at := slices.Index(*names, name)
	if at < 0 {
		s.say(w, http.StatusNotFound, map[string]any{})
		return
	}
	if r.Method == http.MethodDelete {
		*names = slices.Delete(*names, at, at+1)
		removed()
	}
	s.say(w, http.StatusOK, map[string]any{"id": name, "recoveryId": "http://" + r.Host + "/deletedcertificates/" + name})
}

// page gives two names at a time.
func (s *shelf) page(w http.ResponseWriter, r *http.Request, base string, names []string) {
	var from int
	_, _ = fmt.Sscan(r.URL.Query().Get("from"), &from)
	body := map[string]any{}
	var items []any
	for _, name := range names[min(from, len(names)):min(from+2, len(names))] {
		items = append(items, map[string]any{"id": base + name})
	}
	body["value"] = items
	if from+2 < len(names) {
		body["nextLink"] = fmt.Sprintf("http://%s%s?from=%d", r.Host, r.URL.Path, from+2)
	}
	s.say(w, http.StatusOK, body)
}

func (s *shelf) serve(t *testing.T) runner.Target {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return runner.Target{
		Endpoint: server.URL, Cleanup: target.Purge,
		Polling: runner.Polling{Min: time.Millisecond, Max: time.Millisecond, Timeout: 5 * time.Second},
	}
}

func (s *shelf) deletions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var deletions []string
	for _, request := range s.asked {
		if strings.HasPrefix(request, "DELETE ") && !strings.HasSuffix(request, "/pending") {
			deletions = append(deletions, request)
		}
	}
	slices.Sort(deletions)
	return deletions
}

func swept(t *testing.T, options cleanup.SweepOptions) (*cleanup.Sweep, []cleanup.Removal) {
	t.Helper()
	found, err := cleanup.Find(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	removals, err := found.Remove(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return found, removals
}

func TestSweepingByPrefixTouchesOnlyNamesOfRuns(t *testing.T) {
	const id = "-0123456789ab-"
	s := &shelf{
		live:    []string{"prod", "kvconform" + id + "one", "kvconformance-prod", "kvconform" + id + "two", "other" + id + "one"},
		binned:  []string{"kvconform" + id + "three", "prod-old"},
		issuers: []string{"kvconform" + id + "issuer", "digicert"},
	}
	found, removals := swept(t, cleanup.SweepOptions{Target: s.serve(t), Prefix: "kvconform"})
	want := []string{
		"DELETE /certificates/issuers/kvconform" + id + "issuer",
		"DELETE /certificates/kvconform" + id + "one", "DELETE /certificates/kvconform" + id + "two",
		"DELETE /deletedcertificates/kvconform" + id + "one", "DELETE /deletedcertificates/kvconform" + id + "three", "DELETE /deletedcertificates/kvconform" + id + "two",
	}
	if got := s.deletions(); !slices.Equal(got, want) {
		t.Errorf("sent %q", got)
	}
	if !slices.Equal(s.live, []string{"prod", "kvconformance-prod", "other" + id + "one"}) || !slices.Equal(s.binned, []string{"prod-old"}) ||
		!slices.Equal(s.issuers, []string{"digicert"}) {
		t.Errorf("left: %q %q %q", s.live, s.binned, s.issuers)
	}
	if !slices.Equal(found.Spared, []string{"kvconformance-prod"}) || len(removals) != 4 {
		t.Errorf("spared %q, removed %v", found.Spared, removals)
	}
}

func TestLookingForLeftoversDeletesNothing(t *testing.T) {
	s := &shelf{live: []string{"kvconform-0123456789ab-one"}}
	found, err := cleanup.Find(context.Background(), cleanup.SweepOptions{Target: s.serve(t), Prefix: "kvconform"})
	if err != nil || len(found.Leftovers) != 1 || len(s.deletions()) > 0 {
		t.Errorf("%v, found %v, sent %q", err, found, s.deletions())
	}
}

// ledgerOf writes a ledger as a run would have left it.
func ledgerOf(t *testing.T, path, endpoint string, names ...string) string {
	t.Helper()
	var text strings.Builder
	for _, name := range names {
		kind := cleanup.CertificateKind
		if strings.HasSuffix(name, "issuer") {
			kind = cleanup.IssuerKind
		}
		line, err := json.Marshal(cleanup.Entry{Run: "1", Endpoint: endpoint, APIVersion: "7.4", Kind: kind, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		text.Write(append(line, '\n'))
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSweepingByLedgerRemovesWhatItNamesAndThenTheLedger(t *testing.T) {
	s := &shelf{live: []string{"a", "b", "prod"}, binned: []string{"c"}, issuers: []string{"an-issuer"}, slow: 3}
	target := s.serve(t)
	path := ledgerOf(t, filepath.Join(t.TempDir(), "l.jsonl"), target.Endpoint, "a", "b", "c", "never-made", "an-issuer", "a")
	target.Endpoint = "" // the ledger knows it
	found, removals := swept(t, cleanup.SweepOptions{Target: target, Ledgers: []string{path}})
	if !slices.Equal(s.live, []string{"prod"}) || len(s.binned)+len(s.issuers) > 0 {
		t.Errorf("left: %q %q %q; found %v", s.live, s.binned, s.issuers, found.Leftovers)
	}
	for _, removal := range removals {
		if removal.Fate != cleanup.Gone {
			t.Errorf("%+v", removal)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the ledger is still there: %v", err)
	}
}

func TestWhatCannotBeRemovedStaysInTheLedger(t *testing.T) {
	s := &shelf{live: []string{"a", "b"}, refuse: map[string]int{"DELETE /certificates/a": 409}}
	target := s.serve(t)
	path := ledgerOf(t, filepath.Join(t.TempDir(), "l.jsonl"), target.Endpoint, "a", "b")
	_, removals := swept(t, cleanup.SweepOptions{Target: target, Ledgers: []string{path}})
	if removals[0].Fate != cleanup.Live || removals[0].String() != "a: DELETE returned 409 No" || removals[1].Fate != cleanup.Gone {
		t.Errorf("%v", removals)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestAVaultThatDoesNotPurgeIsNoFailure(t *testing.T) {
	for _, status := range []int{403, 404, 405, 501} {
		s := &shelf{live: []string{"a"}, refuse: map[string]int{"DELETE /deletedcertificates/a": status}}
		target := s.serve(t)
		path := ledgerOf(t, filepath.Join(t.TempDir(), "l.jsonl"), target.Endpoint, "a")
		_, removals := swept(t, cleanup.SweepOptions{Target: target, Ledgers: []string{path}})
		if removals[0].Fate != cleanup.Unpurged {
			t.Errorf("%d: %+v", status, removals)
		}
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%d: the ledger is still there: %v", status, err)
		}
	}
}

func TestASweepThatCannotBeginIsSaid(t *testing.T) {
	refusing := &shelf{live: []string{"a"}, refuse: map[string]int{"GET /certificates/a": 401, "GET /certificates": 403}}
	target := refusing.serve(t)
	folder := t.TempDir()
	here := ledgerOf(t, filepath.Join(folder, "here.jsonl"), target.Endpoint, "a")
	there := ledgerOf(t, filepath.Join(folder, "there.jsonl"), "https://elsewhere.example", "a")
	for _, c := range []struct {
		name    string
		options cleanup.SweepOptions
		want    string
	}{
		{"no token", cleanup.SweepOptions{Target: target, Ledgers: []string{here}}, "GetCertificate returned 401 No; give a token"},
		{"no permission to list", cleanup.SweepOptions{Target: target, Prefix: "kvconform"}, "GetCertificates returned 403 No; give a token"},
		{"several vaults", cleanup.SweepOptions{Ledgers: []string{here, there}}, "the ledgers name several vaults, http"},
		{"both ways", cleanup.SweepOptions{Ledgers: []string{here}, Prefix: "kvconform"}, "leave --ledger out"},
		{"no vault", cleanup.SweepOptions{Prefix: "kvconform"}, "no endpoint"},
		{"no ledger", cleanup.SweepOptions{Ledgers: []string{filepath.Join(folder, "none")}}, "cannot be read: no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := cleanup.Find(context.Background(), c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if sent := refusing.deletions(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
	found, err := cleanup.Find(context.Background(), cleanup.SweepOptions{Target: target, Ledgers: []string{there}})
	if err != nil || len(found.Leftovers) > 0 || len(found.Elsewhere) != 1 {
		t.Errorf("of another vault: %v, %+v", err, found)
	}
}

func TestARunAgainstAVaultThatKeepsEverythingSaysSoAndKeepsItsLedger(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	keeping := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && !strings.HasSuffix(r.URL.Path, "/pending") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"error":{"code":"Forbidden","message":"no"}}`))
			return
		}
		vault.ServeHTTP(w, r)
	})
	served, err := refserver.Serve("127.0.0.1:0", keeping)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = served.Close() }()
	target := ownTarget()
	target.Endpoint, target.TLS.Insecure = served.URL, true
	path := filepath.Join(t.TempDir(), "l.jsonl")
	report := run(t, runner.Options{Target: target, Ledger: path, Rules: []string{"conflict-while-in-progress/create-status"}})
	if len(report.Left) != 6 || !strings.HasSuffix(report.Left[0], ": DELETE returned 403 Forbidden") {
		t.Errorf("left: %q", report.Left)
	}
	if note := strings.Join(report.Notes, "\n"); !strings.Contains(note, "`kvconform sweep --ledger "+path+"` removes them") {
		t.Errorf("notes: %q", note)
	}
	if entries, err := cleanup.ReadLedger(path); err != nil || len(entries) != 6 {
		t.Errorf("the ledger holds %v, %v", entries, err)
	}
}

func TestARunThatLeavesWhatItMadeKeepsItsLedgerForASweep(t *testing.T) {
	kept := reference(t, "observed", nil)
	kept.Cleanup = target.Leave
	path := filepath.Join(t.TempDir(), "l.jsonl")
	report := run(t, runner.Options{Target: kept, Ledger: path, Rules: []string{"conflict-while-in-progress/create-status"}})
	if len(report.Left) > 0 || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "left in the vault, as asked: ") {
		t.Errorf("left %q, notes %q", report.Left, report.Notes)
	}
	kept.Cleanup = target.Purge
	found, removals := swept(t, cleanup.SweepOptions{Target: kept, Ledgers: []string{path}})
	if len(found.Leftovers) != 6 || removals[0].Fate != cleanup.Gone {
		t.Errorf("found %v, removed %v", found.Leftovers, removals)
	}
	if found, _ := swept(t, cleanup.SweepOptions{Target: kept, Prefix: "kvconform"}); len(found.Leftovers) > 0 {
		t.Errorf("after the sweep: %v", found.Leftovers)
	}
}
