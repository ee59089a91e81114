package survey_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/survey"
	"github.com/kvconform/kvconform/runner/target"
)

// looked surveys the reference vault with something put before it, and reads the proposed file again.
func looked(t *testing.T, wrap func(http.Handler) http.Handler, describe func(*target.Target)) (*survey.Survey, string, target.Target) {
	t.Helper()
	reference, err := refserver.New(refserver.Options{Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("the survey sends %s %s", r.Method, r.URL)
		}
		reference.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	described := target.Target{Endpoint: server.URL, Auth: target.Auth{Token: target.Secret{Value: reference.Token}}}
	if describe != nil {
		describe(&described)
	}
	s, err := survey.Look(context.Background(), described)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.File()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), reference.Token) {
		t.Errorf("the proposed file holds the token:\n%s", text)
	}
	path := filepath.Join(t.TempDir(), "proposed.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := target.Load(path)
	if err != nil {
		t.Fatalf("the proposed file cannot be read: %v\n%s", err, text)
	}
	return s, string(text), read
}

func TestAProposedFileDescribesTheVaultAsItResponds(t *testing.T) {
	t.Parallel()
	s, text, read := looked(t, nil, nil)
	if s.WantsToken || s.Open || !s.Checks || len(s.Versions) == 0 || len(s.Without) > 0 {
		t.Errorf("got %+v", s)
	}
	for _, issuer := range []string{"completes", "stays", "fails"} {
		if !slices.Contains(s.Issuers, issuer) {
			t.Errorf("the issuers are %v, without %s", s.Issuers, issuer)
		}
	}
	if read.Auth.Token.Env != survey.TokenVariable || !strings.Contains(text, "#  completes: ") {
		t.Errorf("the file is\n%s", text)
	}
}

func TestAProposedFileTellsWhatTheVaultLacks(t *testing.T) {
	t.Parallel()
	without := func(path string, status int) func(http.Handler) http.Handler {
		return func(vault http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path {
					w.WriteHeader(status)
					return
				}
				vault.ServeHTTP(w, r)
			})
		}
	}
	for name, c := range map[string]struct {
		wrap    func(http.Handler) http.Handler
		without []string
		unseen  bool
	}{
		"no issuers":          {without("/certificates/issuers", 404), []string{"issuers"}, false},
		"no soft delete":      {without("/deletedcertificates", 405), []string{"soft-delete"}, false},
		"a missing right":     {without("/deletedcertificates", 403), nil, true},
		"an error of its own": {without("/certificates/issuers", 500), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, text, read := looked(t, c.wrap, nil)
			if !slices.Equal(read.Without, c.without) || (len(s.Unseen) > 0) != c.unseen {
				t.Errorf("without %v, unseen %v:\n%s", read.Without, s.Unseen, text)
			}
		})
	}
}

func TestAVaultThatWantsATokenIsToldApartFromAnOpenOne(t *testing.T) {
	t.Parallel()
	s, text, _ := looked(t, nil, func(t *target.Target) { t.Auth = target.Auth{} })
	if !s.WantsToken || !strings.Contains(text, "and none was given; its 401 names the authority http://") || !strings.Contains(text, "#  token: {env: KVCONFORM_TOKEN}") {
		t.Errorf("got %+v:\n%s", s, text)
	}
	s, text, _ = looked(t, nil, func(t *target.Target) { t.Auth = target.Auth{Token: target.Secret{Value: "a wrong one"}} })
	if !s.WantsToken || !strings.Contains(text, "rejects the one that was given") {
		t.Errorf("got %+v:\n%s", s, text)
	}
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"value":[{"id":"https://myvault.vault.example/certificates/a"}],"nextLink":null}`))
	}))
	defer open.Close()
	s, err := survey.Look(context.Background(), target.Target{Endpoint: open.URL})
	if err != nil || !s.Open || s.Checks || s.IDBase != "https://myvault.vault.example" {
		t.Errorf("got %+v, %v", s, err)
	}
	text2, err := s.File()
	if err != nil || !strings.Contains(string(text2), "none: true") || !strings.Contains(string(text2), "idBase: https://myvault.vault.example") {
		t.Errorf("%v:\n%s", err, text2)
	}
}

// An endpoint that is no vault is told as it is in a run, and nothing is said of a token that nobody gave.
func TestAnEndpointThatIsNoVaultIsToldSo(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer secure.Close()
	_, err := survey.Look(context.Background(), target.Target{Endpoint: strings.Replace(secure.URL, "https", "http", 1)})
	if err == nil || !strings.Contains(err.Error(), "speaks https") {
		t.Errorf("plain http to a server of https: %v", err)
	}
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	s, err := survey.Look(context.Background(), target.Target{Endpoint: elsewhere.URL})
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.File()
	if err != nil || !s.Missing() || !strings.Contains(string(text), "it returns 404 to a request without") || strings.Contains(string(text), "was given") {
		t.Errorf("%v:\n%s", err, text)
	}
}

func TestAnEndpointThatIsNotThereIsNoSurvey(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if _, err := survey.Look(context.Background(), target.Target{Endpoint: gone.URL}); err == nil || !strings.Contains(err.Error(), "nothing listens there") {
		t.Errorf("got %v", err)
	}
}
