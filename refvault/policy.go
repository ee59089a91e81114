package refvault

import (
	"crypto/elliptic"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// policy is the API's CertificatePolicy. One that is stored has every group filled in.
type policy struct {
	ID              string            `json:"id,omitempty"`
	KeyProps        *keyProps         `json:"key_props,omitempty"`
	SecretProps     *secretProps      `json:"secret_props,omitempty"`
	X509Props       *x509Props        `json:"x509_props,omitempty"`
	LifetimeActions []lifetimeAction  `json:"lifetime_actions,omitzero"`
	Issuer          *issuerParameters `json:"issuer,omitempty"`
	Attributes      *policyAttributes `json:"attributes,omitempty"`
}

type keyProps struct {
	Exportable *bool  `json:"exportable,omitempty"`
	Type       string `json:"kty,omitempty"`
	Size       *int   `json:"key_size,omitempty"`
	ReuseKey   *bool  `json:"reuse_key,omitempty"`
	Curve      string `json:"crv,omitempty"`
}

type secretProps struct {
	ContentType string `json:"contentType,omitempty"`
}

type x509Props struct {
	Subject          string                   `json:"subject,omitempty"`
	SANs             *subjectAlternativeNames `json:"sans,omitempty"`
	EKUs             []string                 `json:"ekus,omitzero"`
	KeyUsage         []string                 `json:"key_usage,omitzero"`
	ValidityMonths   *int                     `json:"validity_months,omitempty"`
	BasicConstraints *basicConstraints        `json:"basic_constraints,omitempty"`
}

type basicConstraints struct {
	CA bool `json:"ca"`
}

type subjectAlternativeNames struct {
	Emails      []string `json:"emails,omitzero"`
	DNSNames    []string `json:"dns_names,omitzero"`
	UPNs        []string `json:"upns,omitzero"`
	URIs        []string `json:"uris,omitzero"`
	IPAddresses []string `json:"ipAddresses,omitzero"`
}

func (s *subjectAlternativeNames) empty() bool {
	return s == nil || len(s.Emails)+len(s.DNSNames)+len(s.UPNs)+len(s.URIs)+len(s.IPAddresses) == 0
}

type lifetimeAction struct {
	Trigger lifetimeTrigger    `json:"trigger"`
	Action  lifetimeActionType `json:"action"`
}

type lifetimeTrigger struct {
	Percentage       *int `json:"lifetime_percentage,omitempty"`
	DaysBeforeExpiry *int `json:"days_before_expiry,omitempty"`
}

type lifetimeActionType struct {
	Type string `json:"action_type"`
}

type issuerParameters struct {
	Name             string `json:"name,omitempty"`
	CertificateType  string `json:"cty,omitempty"`
	CertTransparency *bool  `json:"cert_transparency,omitempty"`
}

type policyAttributes struct {
	Enabled *bool `json:"enabled,omitempty"`
	Created int64 `json:"created,omitempty"`
	Updated int64 `json:"updated,omitempty"`
}

const (
	issuerSelf    = "Self"
	issuerUnknown = "Unknown"

	contentPKCS12 = "application/x-pkcs12"
	contentPEM    = "application/x-pem-file"

	actionAutoRenew     = "AutoRenew"
	actionEmailContacts = "EmailContacts"
)

type namedCurve struct {
	name  string
	bits  int
	curve elliptic.Curve // nil where the standard library has none
}

func curves() []namedCurve {
	return []namedCurve{
		{"P-256", 256, elliptic.P256()},
		{"P-384", 384, elliptic.P384()},
		{"P-521", 521, elliptic.P521()},
		{"P-256K", 256, nil},
	}
}

func curveNamed(name string) (namedCurve, bool) {
	for _, c := range curves() {
		if c.name == name {
			return c, true
		}
	}
	return namedCurve{}, false
}

func isRSASize(bits int) bool { return bits == 2048 || bits == 3072 || bits == 4096 }

func isEC(kty string) bool { return strings.HasPrefix(kty, "EC") }

// clone returns a deep copy.
func (p *policy) clone() *policy {
	var copied policy
	if err := json.Unmarshal(encode(p), &copied); err != nil {
		panic(fmt.Sprintf("copying a policy: %v", err)) // it was encoded from the same type
	}
	return &copied
}

// overlay puts the members of patch, as JSON, over a copy of p. Groups that patch does not name stay; within a group,
// so do the members that it does not name. Lists are replaced.
func (p *policy) overlay(patch []byte) (*policy, error) {
	var sent policy
	if err := decodeBody(patch, &sent); err != nil {
		return nil, err
	}
	merged := p.clone()
	// Decoding reuses what is there: lists would keep members of their old elements.
	if sent.LifetimeActions != nil {
		merged.LifetimeActions = nil
	}
	if sent.X509Props != nil && sent.X509Props.SANs != nil {
		merged.X509Props.SANs = nil
	}
	// Another kind of key has another size.
	if sent.KeyProps != nil && sent.KeyProps.Type != "" && sent.KeyProps.Type != merged.KeyProps.Type {
		merged.KeyProps.Size, merged.KeyProps.Curve = nil, ""
	}
	if sent.KeyProps != nil && sent.KeyProps.Curve != "" {
		merged.KeyProps.Size = nil
	}
	if err := decodeBody(patch, merged); err != nil {
		return nil, err
	}
	return merged, nil
}

// stamp sets the times of a policy that replaces earlier, which is nil for the first one.
func (p *policy) stamp(earlier *policy, now time.Time) {
	enabled := true
	if p.Attributes == nil {
		p.Attributes = &policyAttributes{}
	}
	if p.Attributes.Enabled == nil {
		p.Attributes.Enabled = &enabled
	}
	p.Attributes.Created, p.Attributes.Updated = now.Unix(), now.Unix()
	if earlier != nil {
		p.Attributes.Created = earlier.Attributes.Created
	}
}

// policyAnswer is the policy as clients see it.
func (c *call) policyAnswer(cert *certificate) *policy {
	shown := cert.policy.clone()
	shown.ID = c.certificateURL(cert.name) + "/policy"
	return shown
}

// getPolicy is GetCertificatePolicy.
func (v *Vault) getPolicy(c *call) (*response, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	return ok(c.policyAnswer(cert)), nil
}

// updatePolicy is UpdateCertificatePolicy. It touches no version that exists already.
func (v *Vault) updatePolicy(c *call) (*response, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	updated, err := cert.policy.overlay(c.body)
	if err != nil {
		return nil, err
	}
	if err := updated.complete(); err != nil {
		return nil, err
	}
	if _, err := v.outcomeOf(updated.Issuer.Name); err != nil {
		return nil, err
	}
	updated.stamp(cert.policy, c.now)
	cert.policy = updated
	return ok(c.policyAnswer(cert)), nil
}
