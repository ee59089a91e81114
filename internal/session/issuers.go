package session

import (
	"context"
	"fmt"
	"maps"

	"github.com/kvconform/kvconform/runner/target"
)

// SetUpIssuers makes the issuers that the target file describes and names them by outcome. NewName gives the name for a
// purpose and is called before the request is sent. What the vault refuses is an Incomplete run: nothing that
// depends on the issuer could come about, and the owner of the target has said that it can.
func (s *Session) SetUpIssuers(ctx context.Context, newName func(purpose string) (string, error)) error {
	t := s.Target
	issuers := maps.Clone(t.Issuers)
	for _, outcome := range target.Outcomes() {
		issuer := t.Issuers[outcome]
		if issuer.SetUp == nil {
			continue
		}
		password, err := issuer.ReadPassword(outcome)
		if err != nil {
			return t.Located(err)
		}
		name, err := newName(string(outcome))
		if err != nil {
			return fmt.Errorf("naming an issuer: %w", err)
		}
		set := s.Client.SetIssuer(ctx, name, issuer.SetUp.Parameters(password))
		if !set.Succeeded() {
			return &Incomplete{
				Message: fmt.Sprintf("the issuer for issuers.%s cannot be set up: %s%s", outcome, set.Line(), Code(set)),
				Advice:  "check the provider " + issuer.SetUp.Provider + ", or name an issuer that the vault has",
			}
		}
		issuers[outcome] = target.Issuer{Name: name}
	}
	s.Facts.Issuers = issuers.Names()
	return nil
}

// Provider is the provider of the issuers that the target file sets up, "" if it sets up none.
func (s *Session) Provider() string {
	for _, outcome := range target.Outcomes() {
		if setUp := s.Target.Issuers[outcome].SetUp; setUp != nil {
			return setUp.Provider
		}
	}
	return ""
}
