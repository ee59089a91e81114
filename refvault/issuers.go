package refvault

import (
	"net/http"
	"strings"
	"time"
)

// outcome is what becomes of a request that an issuer gets.
type outcome string

const (
	outcomeManual    outcome = "manual" // Unknown: a person sees to it
	outcomeSelf      outcome = "self"
	outcomeStays     outcome = "stays"
	outcomeCompletes outcome = "completes"
	outcomeFails     outcome = "fails"
	outcomeRejects   outcome = "rejects"
)

// namedOutcomes are those that an issuer has by its name or provider.
func namedOutcomes() []outcome {
	return []outcome{outcomeStays, outcomeCompletes, outcomeFails, outcomeRejects}
}

// answers reports whether the request comes to an end without a client's doing.
func (o outcome) answers() bool { return o != outcomeManual && o != outcomeStays }

// outcomeOf says what becomes of requests to the issuer that a policy names.
func (v *Vault) outcomeOf(name string) (outcome, error) {
	switch {
	case strings.EqualFold(name, issuerSelf):
		return outcomeSelf, nil
	case strings.EqualFold(name, issuerUnknown):
		return outcomeManual, nil
	}
	known := v.issuers[strings.ToLower(name)]
	if known == nil {
		return "", badParameter("The member policy.issuer is not valid: there is no issuer %q in this vault.", name)
	}
	for _, o := range namedOutcomes() {
		if strings.EqualFold(known.provider, string(o)) {
			return o, nil
		}
	}
	return outcomeCompletes, nil
}

// An issuer is what the vault keeps of one. The password of its account is not kept: nothing ever asks for it.
type issuer struct {
	name             string // as it was first written
	provider         string
	credentials      *credentials
	organization     *organization
	enabled          bool
	created, updated time.Time
}

func newIssuer(name, provider string, now time.Time) *issuer {
	return &issuer{name: name, provider: provider, enabled: true, created: now, updated: now}
}

type credentials struct {
	AccountID string `json:"account_id,omitempty"`
}

type organization struct {
	ID string `json:"id,omitempty"`
	// Zip is in no model; the service returns it whenever there is an organization.
	Zip            int             `json:"zip"`
	Administrators []administrator `json:"admin_details,omitzero"`
}

type administrator struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

type issuerBundle struct {
	ID           string           `json:"id"`
	Provider     string           `json:"provider"`
	Credentials  *credentials     `json:"credentials,omitempty"`
	Organization *organization    `json:"org_details,omitempty"`
	Attributes   issuerAttributes `json:"attributes"`
}

type issuerAttributes struct {
	Enabled bool  `json:"enabled"`
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
}

type issuerSetParameters struct {
	Provider     string              `json:"provider"`
	Credentials  *credentials        `json:"credentials"`
	Organization *organization       `json:"org_details"`
	Attributes   requestedAttributes `json:"attributes"`
}

func (c *call) issuerURL(name string) string { return c.base + "/certificates/issuers/" + name }

func (c *call) issuerBundle(i *issuer) *issuerBundle {
	return &issuerBundle{
		ID: c.issuerURL(i.name), Provider: i.provider, Credentials: i.credentials, Organization: i.organization,
		Attributes: issuerAttributes{Enabled: i.enabled, Created: i.created.Unix(), Updated: i.updated.Unix()},
	}
}

// change puts what was sent over what is there.
func (i *issuer) change(sent *issuerSetParameters, now time.Time) {
	if sent.Provider != "" {
		i.provider = sent.Provider
	}
	if sent.Credentials != nil {
		i.credentials = sent.Credentials
	}
	if sent.Organization != nil {
		sent.Organization.Zip = 0
		i.organization = sent.Organization
	}
	if sent.Attributes.Enabled != nil {
		i.enabled = *sent.Attributes.Enabled
	}
	i.updated = now
}

// setIssuer is SetCertificateIssuer: it replaces all but the time of creation.
func (v *Vault) setIssuer(c *call) (*response, error) {
	var sent issuerSetParameters
	if err := decodeBody(c.body, &sent); err != nil {
		return nil, err
	}
	if sent.Provider == "" {
		return nil, badParameter("The member provider is required.")
	}
	if strings.EqualFold(c.name, issuerSelf) || strings.EqualFold(c.name, issuerUnknown) {
		return nil, badParameter("The issuer name %s is reserved.", c.name)
	}
	set := newIssuer(c.name, sent.Provider, c.now)
	if earlier := v.issuers[strings.ToLower(c.name)]; earlier != nil {
		set.name, set.created = earlier.name, earlier.created
	}
	set.change(&sent, c.now)
	v.issuers[strings.ToLower(c.name)] = set
	return ok(c.issuerBundle(set)), nil
}

// updateIssuer is UpdateCertificateIssuer.
func (v *Vault) updateIssuer(c *call) (*response, error) {
	var sent issuerSetParameters
	if err := decodeBody(c.body, &sent); err != nil {
		return nil, err
	}
	found, err := v.issuer(c)
	if err != nil {
		return nil, err
	}
	found.change(&sent, c.now)
	return ok(c.issuerBundle(found)), nil
}

// getIssuer is GetCertificateIssuer.
func (v *Vault) getIssuer(c *call) (*response, error) {
	found, err := v.issuer(c)
	if err != nil {
		return nil, err
	}
	return ok(c.issuerBundle(found)), nil
}

// deleteIssuer is DeleteCertificateIssuer. Operations that the issuer has already go on.
func (v *Vault) deleteIssuer(c *call) (*response, error) {
	found, err := v.issuer(c)
	if err != nil {
		return nil, err
	}
	delete(v.issuers, strings.ToLower(c.name))
	return ok(c.issuerBundle(found)), nil
}

func (v *Vault) issuer(c *call) (*issuer, error) {
	if found := v.issuers[strings.ToLower(c.name)]; found != nil {
		return found, nil
	}
	return nil, &refusal{status: http.StatusNotFound, code: codeIssuerMissing, message: "There is no such issuer."}
}
