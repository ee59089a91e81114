package target

import (
	"slices"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// IssuerSetUp describes an issuer that a run makes for itself.
type IssuerSetUp struct {
	Provider     string `yaml:"provider"`
	AccountID    string `yaml:"accountID,omitempty"`
	Password     Secret `yaml:"password,omitempty"`
	Organization string `yaml:"organization,omitempty"`
}

// Outcomes are the keys of issuers in a target file, each with the member that it fills.
func Outcomes(issuers *Issuers) map[string]*string {
	return map[string]*string{
		"staysInProgress": &issuers.StaysInProgress, "completes": &issuers.Completes,
		"fails": &issuers.Fails, "rejects": &issuers.Rejects,
	}
}

// OutcomeOrder is the order in which issuers are set up and named.
func OutcomeOrder() []string { return []string{"staysInProgress", "completes", "fails", "rejects"} }

func (t Target) checkIssuers() error {
	for key, setUp := range t.SetUp {
		if !slices.Contains(OutcomeOrder(), key) {
			return wrong("/issuers", "there is no outcome %q to set up an issuer for; it is one of %v", key, OutcomeOrder())
		}
		if setUp.Provider == "" {
			return wrong("/issuers/"+key+"/setUp/provider", "the issuer to set up for %s has no provider", key)
		}
	}
	return nil
}

// Parameters are what a request to set the issuer carries.
func (s IssuerSetUp) Parameters(password string) vault.IssuerParameters {
	parameters := vault.IssuerParameters{Provider: s.Provider}
	if s.AccountID != "" || password != "" {
		parameters.Credentials = &vault.IssuerCredentials{AccountID: s.AccountID, Password: password}
	}
	if s.Organization != "" {
		parameters.Organization = &vault.Organization{ID: s.Organization}
	}
	return parameters
}
