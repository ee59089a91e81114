package cleanup_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner/target"
)

// vaultOf serves a reference vault and sends to it as a run that was killed did.
func vaultOf(t *testing.T) (swept target.Target, send func(method, path, body string) int) {
	t.Helper()
	reference, err := refvault.New(refvault.Options{Token: "t", IssueAfter: -1, Keys: refvault.NewKeyPool(1)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(reference)
	t.Cleanup(server.Close)
	swept = target.Target{
		Endpoint: server.URL, Cleanup: target.Purge, Auth: target.Auth{Token: target.Secret{Value: "t"}},
		Polling: target.Polling{Min: time.Millisecond, Max: time.Millisecond, Timeout: 5 * time.Second},
	}
	return swept, func(method, path, body string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(context.Background(), method, server.URL+path+"?api-version=7.4", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer t")
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close() // only the status is wanted
		return response.StatusCode
	}
}

// ledgerOf writes the ledger of a run that was killed.
func ledgerOf(t *testing.T, endpoint string, entries ...cleanup.Entry) string {
	t.Helper()
	var text strings.Builder
	for _, entry := range entries {
		entry.Run, entry.Endpoint, entry.APIVersion = "1", endpoint, "7.4"
		if err := json.NewEncoder(&text).Encode(entry); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "l.jsonl")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const selfSigned = `{"policy":{"issuer":{"name":"Self"},"x509_props":{"subject":"CN=a"}}}`

func TestASecretAndAKeyOfTheirOwnAreSwept(t *testing.T) {
	swept, send := vaultOf(t)
	for _, made := range [][3]string{
		{http.MethodPut, "/secrets/live-secret", `{"value":"v"}`},
		{http.MethodPost, "/keys/live-key/create", `{"kty":"EC","crv":"P-256"}`},
		{http.MethodPut, "/secrets/binned-secret", `{"value":"v"}`},
		{http.MethodDelete, "/secrets/binned-secret", ""},
		{http.MethodPut, "/secrets/of-others", `{"value":"v"}`},
	} {
		if status := send(made[0], made[1], made[2]); status != http.StatusOK {
			t.Fatalf("%s %s returned %d", made[0], made[1], status)
		}
	}
	names := []string{"live-secret", "live-key", "binned-secret"}
	for _, name := range names {
		if status := send(http.MethodPost, "/certificates/"+name+"/create", selfSigned); status != http.StatusConflict {
			t.Fatalf("before the sweep, a certificate called %s: %d", name, status)
		}
	}
	path := ledgerOf(t, swept.Endpoint,
		cleanup.Entry{Kind: cleanup.CertificateKind, Name: "live-secret"}, cleanup.Entry{Kind: cleanup.SecretKind, Name: "live-secret"},
		cleanup.Entry{Kind: cleanup.KeyKind, Name: "live-key"}, cleanup.Entry{Kind: cleanup.SecretKind, Name: "binned-secret"},
		cleanup.Entry{Kind: cleanup.KeyKind, Name: "never-made"})
	sweep, err := cleanup.Find(context.Background(), cleanup.SweepOptions{Target: swept, Ledgers: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	removals, err := sweep.Remove(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, removal := range removals {
		if removal.Fate != cleanup.Gone {
			t.Errorf("%+v", removal)
		}
	}
	for _, name := range names { // a name is free again once nothing is in the bin either
		if status := send(http.MethodPost, "/certificates/"+name+"/create", selfSigned); status != http.StatusAccepted {
			t.Errorf("after the sweep, a certificate called %s: %d", name, status)
		}
	}
	if status := send(http.MethodGet, "/secrets/of-others", ""); status != http.StatusOK {
		t.Errorf("a secret that the ledger does not name: %d", status)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the ledger is still there: %v", err)
	}
}

func TestTheSecretOfACertificateIsNotSweptForOneOfItsOwn(t *testing.T) {
	swept, send := vaultOf(t)
	if status := send(http.MethodPost, "/certificates/a/create", selfSigned); status != http.StatusAccepted {
		t.Fatal(status)
	}
	for began := time.Now(); send(http.MethodGet, "/secrets/a", "") != http.StatusOK; {
		if time.Since(began) > 5*time.Second {
			t.Fatal("the certificate has no secret")
		}
	}
	path := ledgerOf(t, swept.Endpoint, cleanup.Entry{Kind: cleanup.SecretKind, Name: "a"}, cleanup.Entry{Kind: cleanup.KeyKind, Name: "a"})
	sweep, err := cleanup.Find(context.Background(), cleanup.SweepOptions{Target: swept, Ledgers: []string{path}})
	if err != nil || len(sweep.Leftovers) > 0 {
		t.Errorf("%v, found %v", err, sweep.Leftovers)
	}
}
