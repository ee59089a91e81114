package session

import (
	"context"
	"fmt"

	"github.com/kvconform/kvconform/runner/target"
)

// SetUpIssuers makes the issuers that the target file describes and names them by outcome. NewName gives the name for a
// purpose and is called before the request is sent. What the vault refuses is an Incomplete run: nothing that
// depends on the issuer could come about, and the owner of the target has said that it can.
func (s *Session) SetUpIssuers(ctx context.Context, newName func(purpose string) (string, error)) error {
	t := s.Target
	members := target.Outcomes(&s.Target.Issuers)
	for _, key := range target.OutcomeOrder() {
		setUp, ok := t.SetUp[key]
		if !ok {
			continue
		}
		password, err := setUp.Password.Read("/issuers/"+key+"/setUp/password", "the password of the issuer "+key)
		if err != nil {
			return t.Located(err)
		}
		name, err := newName(key)
		if err != nil {
			return fmt.Errorf("naming an issuer: %w", err)
		}
		set := s.Client.SetIssuer(ctx, name, setUp.Parameters(password))
		if !set.Succeeded() {
			return &Incomplete{
				Message: fmt.Sprintf("the issuer for issuers.%s cannot be set up: %s%s", key, set.Line(), Code(set)),
				Advice:  "check the provider " + setUp.Provider + ", or name an issuer that the vault has",
			}
		}
		*members[key] = name
	}
	s.Facts.Issuers = s.Target.Issuers
	return nil
}
