package specs_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// TestSpecs runs the suite against the reference vault under `go test` and `ginkgo`, so that one spec can be focused:
// go test ./specs -run TestSpecs -ginkgo.focus cancel-in-progress.
func TestSpecs(t *testing.T) {
	book, err := specs.NewSuite()
	if err != nil {
		t.Fatal(err)
	}
	reference, err := refvault.New(refvault.Options{Token: "a token", Keys: refvault.NewKeyPool(2)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(reference)
	t.Cleanup(server.Close)
	stand, err := standOn(server)
	if err != nil {
		t.Fatal(err)
	}
	session := &specs.Judgement{
		Suite: book, Oracle: scenarios.Either, Facts: stand.facts, Performances: stand, Specs: book.Specs(),
	}
	session.Register(context.Background())
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "kvconform on the reference vault")
}

// stand performs plays against a server when a spec asks for them.
type stand struct {
	company *scenarios.Pool
	facts   specs.Facts
}

func standOn(server *httptest.Server) (*stand, error) {
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		return nil, err
	}
	issuers := scenarios.Issuers{StaysInProgress: "stays", Completes: "completes", Fails: "fails", Rejects: "rejects"}
	version := string(schemas.Default())
	client := vault.NewClient(vault.Options{
		Endpoint: endpoint, Transport: server.Client().Transport, APIVersion: version, Credential: vault.StaticToken("a token"),
	})
	return &stand{
		facts: specs.Facts{Endpoint: server.URL, IDBase: server.URL, APIVersion: version, Issuers: issuers},
		company: &scenarios.Pool{Limit: 8, Now: time.Now, NewEnv: func(piece scenarios.Play) (*scenarios.Env, error) {
			return &scenarios.Env{
				Vault: client, Issuers: issuers, Knows: specs.Knows(version), Clock: vault.SystemClock{},
				Polling: scenarios.Polling{Min: 20 * time.Millisecond, Max: 50 * time.Millisecond, Timeout: 20 * time.Second},
				NewName: func(purpose string) (string, error) {
					return fmt.Sprintf("%s-%s", piece.Name, purpose), nil
				},
			}, nil
		}},
	}, nil
}

// Performance performs a piece.
func (s *stand) Performance(ctx context.Context, piece scenarios.Play) *scenarios.Performance {
	s.company.Start(ctx, scenarios.Plays()...)
	return s.company.Performance(ctx, piece)
}

// All performs every piece.
func (s *stand) All(ctx context.Context) []*scenarios.Performance {
	var all []*scenarios.Performance
	for _, piece := range scenarios.Plays() {
		all = append(all, s.Performance(ctx, piece))
	}
	return all
}
