// Package survey looks at a vault and proposes a target file for it. It sends GET requests only and changes nothing in the
// vault; whatever it cannot see without a change, such as whether an import works, it leaves to a run.
package survey

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// A Survey is what the GET requests have shown of a vault.
type Survey struct {
	// Target is how the vault was reached.
	Target target.Target
	// Open says that the vault responds without a token, WantsToken that it rejects the token that was sent, or that it got
	// none; Challenge is what its 401 asks for.
	Open, WantsToken bool
	Challenge        *vault.Challenge
	// Bare is the status of the response to a request without a token.
	Bare int
	// IDBase is what its ids begin with, "" if they begin with the endpoint or none was seen; SawID says that one was seen.
	IDBase string
	SawID  bool
	// Issuers are the names of its issuers.
	Issuers []string
	// Versions are the api-versions that it accepts, and Checks says that it rejects one that does not exist.
	Versions []string
	Checks   bool
	// Without are the features that it has shown that it lacks.
	Without []string
	// Unseen are the requests that were rejected in a way that tells nothing, with what came.
	Unseen []string

	lists int // how many lists were asked for
}

// Look surveys the vault of a target. The error is a *Usage if the target is wrong, an *Incomplete if it cannot be reached.
func Look(ctx context.Context, t target.Target) (*Survey, error) {
	versions, err := t.APIVersions()
	if err != nil {
		return nil, err
	}
	given := t.APIVersion
	t.APIVersion = versions[:1]
	on, err := session.Connect(t, session.Options{})
	if err != nil {
		return nil, err
	}
	s := &Survey{Target: t}
	s.Target.APIVersion = given
	if err := s.authentication(ctx, on); err != nil {
		return nil, err
	}
	if s.WantsToken {
		return s, nil // every other request would be rejected too
	}
	s.versions(ctx, on.Client)
	s.offers(ctx, on.Client)
	return s, nil
}

// authentication finds out whether the vault wants a token, and accepts the one that there is.
func (s *Survey) authentication(ctx context.Context, on *session.Session) error {
	bare := on.Client.GetCertificates(ctx, vault.Parameter("maxresults", "1"), vault.WithoutToken())
	if bare.Failure != nil {
		return on.Ready(ctx) // which says it in full, with advice
	}
	s.Bare, s.Open = bare.Status(), bare.Succeeded()
	if bare.Status() != http.StatusUnauthorized {
		return on.Ready(ctx) // a page, or a server that speaks https, is no vault
	}
	s.Challenge, _ = vault.ParseChallenge(bare.Response.Header.Get("WWW-Authenticate")) // nil where there is none that can be read
	look := on.Client.GetCertificates(ctx, vault.Parameter("maxresults", "1"))
	s.WantsToken = look.Failed() || look.Status() == http.StatusUnauthorized
	return nil
}

// versions tries every known api-version, and one that does not exist.
func (s *Survey) versions(ctx context.Context, client *vault.Client) {
	accepts := func(version string) bool {
		return client.GetCertificates(ctx, vault.Parameter("maxresults", "1"), vault.APIVersion(version)).Succeeded()
	}
	for _, version := range schemas.Versions() {
		if accepts(string(version)) {
			s.Versions = append(s.Versions, string(version))
		}
	}
	s.Checks = !accepts("1999-01-01")
}

// offers looks at the lists of the vault. A list that is not there is a feature that it lacks.
func (s *Survey) offers(ctx context.Context, client *vault.Client) {
	for _, list := range []struct {
		feature string
		get     func(context.Context, ...vault.Option) *vault.Exchange
	}{{"list", client.GetCertificates}, {"issuers", client.GetIssuers}, {"soft-delete", client.GetDeletedCertificates}} {
		look := list.get(ctx)
		s.lists++
		switch status := look.Status(); {
		case look.Succeeded():
			ids := idsIn(look)
			s.noteBase(ids)
			if list.feature == "issuers" {
				s.Issuers = lastSegments(ids)
			}
		case slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}, status):
			s.Without = append(s.Without, list.feature)
		default:
			s.Unseen = append(s.Unseen, look.Line())
		}
	}
}

// Missing reports whether none of the lists is there, so that the endpoint is hardly a vault.
func (s *Survey) Missing() bool {
	return len(s.Versions) == 0 && len(s.Without) > 0 && len(s.Without) == s.lists
}

// noteBase remembers what an id begins with, if it is another base than the endpoint.
func (s *Survey) noteBase(ids []string) {
	for _, id := range ids {
		u, err := url.Parse(id)
		if err != nil || u.Host == "" {
			continue
		}
		s.SawID = true
		before, _, _ := strings.Cut(u.Path, "/certificates/")
		if base := u.Scheme + "://" + u.Host + before; base != strings.TrimSuffix(s.Target.Endpoint, "/") {
			s.IDBase = base
		}
		return
	}
}

// idsIn are the ids of the members of a list.
func idsIn(e *vault.Exchange) (ids []string) {
	items, _ := e.Member("value").([]any)
	for _, item := range items {
		if member, ok := item.(map[string]any); ok {
			if id, ok := member["id"].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func lastSegments(ids []string) (names []string) {
	for _, id := range ids {
		if u, err := url.Parse(id); err == nil {
			names = append(names, path.Base(u.Path))
		}
	}
	return names
}
