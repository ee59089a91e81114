package target

import (
	"errors"
	"slices"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Outcome is how the requests of an issuer end.
type Outcome string

// The outcomes, as a target file calls them.
const (
	StaysInProgress Outcome = "staysInProgress"
	Completes       Outcome = "completes"
	Fails           Outcome = "fails"
	Rejects         Outcome = "rejects"
)

// Outcomes lists them all, in the order in which issuers are set up and named.
func Outcomes() []Outcome { return []Outcome{StaysInProgress, Completes, Fails, Rejects} }

// Issuers are the target's issuers by how their requests end.
type Issuers map[Outcome]Issuer

// Issuer is one that the vault has, by its name, or one that a run makes for itself.
type Issuer struct {
	Name  string       `yaml:"-"`
	SetUp *IssuerSetUp `yaml:"setUp,omitempty"`
}

// IssuerSetUp describes an issuer that a run makes for itself.
type IssuerSetUp struct {
	Provider     string `yaml:"provider"`
	AccountID    string `yaml:"accountID,omitempty"`
	Password     Secret `yaml:"password,omitempty"`
	Organization string `yaml:"organization,omitempty"`
}

// UnmarshalYAML reads a name, or how to set the issuer up.
func (i *Issuer) UnmarshalYAML(unmarshal func(any) error) error {
	var name string
	if unmarshal(&name) == nil {
		*i = Issuer{Name: name}
		return nil
	}
	type plain Issuer
	return unmarshal((*plain)(i))
}

// MarshalYAML writes the name, or how to set the issuer up.
func (i Issuer) MarshalYAML() (any, error) {
	type plain Issuer
	switch {
	case i.Name != "" && i.SetUp != nil:
		return nil, errors.New("an issuer is named and set up too; a target file says one of the two")
	case i.SetUp != nil:
		return plain(i), nil
	default:
		return i.Name, nil
	}
}

// Names are the issuers that have a name, for the scripts.
func (i Issuers) Names() scenarios.Issuers {
	return scenarios.Issuers{
		StaysInProgress: i[StaysInProgress].Name, Completes: i[Completes].Name, Fails: i[Fails].Name, Rejects: i[Rejects].Name,
	}
}

// Named are issuers that the vault has; outcomes without a name are left out.
func Named(names scenarios.Issuers) Issuers {
	issuers := Issuers{}
	for outcome, name := range map[Outcome]string{
		StaysInProgress: names.StaysInProgress, Completes: names.Completes, Fails: names.Fails, Rejects: names.Rejects,
	} {
		if name != "" {
			issuers[outcome] = Issuer{Name: name}
		}
	}
	return issuers
}

func (t Target) checkIssuers() error {
	for outcome, issuer := range t.Issuers {
		pointer := "/issuers/" + string(outcome)
		switch {
		case !slices.Contains(Outcomes(), outcome):
			return input.Wrong("/issuers", "there is no outcome %q to have an issuer for; it is one of %v", outcome, Outcomes())
		case issuer.SetUp == nil:
		case issuer.Name != "":
			return input.Wrong(pointer, "the issuer for %s is named and set up too; keep one of the two", outcome)
		case issuer.SetUp.Provider == "":
			return input.Wrong(pointer+"/setUp/provider", "the issuer to set up for %s has no provider", outcome)
		}
	}
	return nil
}

// ReadPassword finds the password of an issuer that a run sets up, "" where it has none.
func (i Issuer) ReadPassword(outcome Outcome) (string, error) {
	if i.SetUp == nil {
		return "", nil
	}
	return i.SetUp.Password.Read("/issuers/"+string(outcome)+"/setUp/password", "the password of the issuer "+string(outcome))
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
