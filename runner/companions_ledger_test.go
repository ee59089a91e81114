package runner_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

func TestASecretAndAKeyAreInTheLedgerBeforeTheyAreMadeAndNotOnceTheyAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.jsonl")
	var mu sync.Mutex
	made := map[cleanup.Kind]string{}
	described := reference(t, "", func(vault http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			kind := map[string]cleanup.Kind{"PUT secrets": cleanup.SecretKind, "POST keys": cleanup.KeyKind}[r.Method+" "+segments[0]]
			if kind != "" {
				mu.Lock()
				made[kind] = segments[1]
				mu.Unlock()
				if !inLedger(t, path, kind, segments[1]) {
					t.Errorf("the %s %s is made before it is in the ledger", kind, segments[1])
				}
			}
			vault.ServeHTTP(w, r)
		})
	})
	described.Cleanup = target.Leave
	run(t, runner.Options{Target: described, Rules: []string{"companions/secret-name-taken", "companions/key-name-taken"}, Ledger: path})
	for _, kind := range []cleanup.Kind{cleanup.SecretKind, cleanup.KeyKind} {
		if made[kind] == "" || inLedger(t, path, kind, made[kind]) {
			t.Errorf("the %s %q that the play purged is in the ledger of what is left, or none was made", kind, made[kind])
		}
	}
}

func inLedger(t *testing.T, path string, kind cleanup.Kind, name string) bool {
	entries, err := cleanup.ReadLedger(path)
	if err != nil {
		t.Error(err)
	}
	for _, entry := range entries {
		if entry.Kind == kind && entry.Name == name {
			return true
		}
	}
	return false
}
