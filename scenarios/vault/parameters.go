package vault

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// redactedText stands wherever a secret was.
const redactedText = "[redacted]"

// CreateParameters is the body of a create.
type CreateParameters struct {
	Policy     *Policy           `json:"policy,omitempty"`
	Attributes *Attributes       `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
}

// Attributes are those members of a certificate's attributes that a client may send.
type Attributes struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// Policy is a certificate policy as a client sends it.
type Policy struct {
	KeyProperties    *KeyProperties    `json:"key_props,omitempty"`
	SecretProperties *SecretProperties `json:"secret_props,omitempty"`
	X509Properties   *X509Properties   `json:"x509_props,omitempty"`
	LifetimeActions  []LifetimeAction  `json:"lifetime_actions,omitempty"`
	Issuer           *Issuer           `json:"issuer,omitempty"`
}

// KeyProperties say which key pair is made.
type KeyProperties struct {
	Exportable *bool  `json:"exportable,omitempty"`
	KeyType    string `json:"kty,omitempty"`
	KeySize    int    `json:"key_size,omitempty"`
	ReuseKey   *bool  `json:"reuse_key,omitempty"`
	Curve      string `json:"crv,omitempty"`
}

// SecretProperties say in which form the certificate's secret is kept.
type SecretProperties struct {
	ContentType string `json:"contentType,omitempty"`
}

// X509Properties are what the certificate says.
type X509Properties struct {
	Subject                 string                   `json:"subject,omitempty"`
	SubjectAlternativeNames *SubjectAlternativeNames `json:"sans,omitempty"`
	ExtendedKeyUsages       []string                 `json:"ekus,omitempty"`
	KeyUsage                []string                 `json:"key_usage,omitempty"`
	// ValidityMonths counts calendar months.
	ValidityMonths int `json:"validity_months,omitempty"`
}

// SubjectAlternativeNames are the further names of a certificate.
type SubjectAlternativeNames struct {
	DNSNames []string `json:"dns_names,omitempty"`
	Emails   []string `json:"emails,omitempty"`
	UPNs     []string `json:"upns,omitempty"`
}

// LifetimeAction is what happens at some point of a certificate's life.
type LifetimeAction struct {
	Trigger Trigger `json:"trigger"`
	Action  Action  `json:"action"`
}

// Trigger is when a lifetime action happens: at a share of the lifetime in percent, or days before its end.
type Trigger struct {
	LifetimePercentage int `json:"lifetime_percentage,omitempty"`
	DaysBeforeExpiry   int `json:"days_before_expiry,omitempty"`
}

// Action is EmailContacts or AutoRenew.
type Action struct {
	Type string `json:"action_type"`
}

// Issuer names who signs: an issuer of the vault, Self or Unknown.
type Issuer struct {
	Name            string `json:"name,omitempty"`
	CertificateType string `json:"cty,omitempty"`
}

// MergeParameters is the body of a merge: the leaf and its chain, each standard base64 of DER.
type MergeParameters struct {
	X5C        []string          `json:"x5c"`
	Attributes *Attributes       `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
}

// Chain makes the x5c of certificates in DER.
func Chain(certificates ...[]byte) []string {
	x5c := make([]string, len(certificates))
	for i, der := range certificates {
		x5c[i] = base64.StdEncoding.EncodeToString(der)
	}
	return x5c
}

// ImportParameters is the body of an import: a PFX in base64, or PEM text.
type ImportParameters struct {
	Value      string            `json:"value,omitempty"`
	Password   string            `json:"pwd,omitempty"`
	Policy     *Policy           `json:"policy,omitempty"`
	Attributes *Attributes       `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	// Certificates are those that Value carries, in DER and leaf first; they are kept in the exchange, even if Value is not.
	Certificates [][]byte `json:"-"`
	// Throwaway says that key and password were made for the request and open nothing else: they are kept in the exchange,
	// so that it can be repeated.
	Throwaway bool `json:"-"`
}

// redacted hides the password and all of the value but the certificates of a PEM, unless they are to be thrown away.
func (p ImportParameters) redacted() any {
	if p.Throwaway {
		return p
	}
	if p.Password != "" {
		p.Password = redactedText
	}
	if p.Value != "" {
		p.Value = redactedPEM(p.Value)
	}
	return p
}

func redactedPEM(value string) string {
	var kept strings.Builder
	rest := []byte(value)
	for {
		block, more := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = more
		if block.Type == "CERTIFICATE" {
			_ = pem.Encode(&kept, block) // a strings.Builder never fails
		}
	}
	return kept.String() + redactedText
}

// IssuerParameters is the body that sets an issuer.
type IssuerParameters struct {
	Provider     string             `json:"provider,omitempty"`
	Credentials  *IssuerCredentials `json:"credentials,omitempty"`
	Organization *Organization      `json:"org_details,omitempty"`
	Attributes   *Attributes        `json:"attributes,omitempty"`
}

// IssuerCredentials are the account at the provider.
type IssuerCredentials struct {
	AccountID string `json:"account_id,omitempty"`
	Password  string `json:"pwd,omitempty"`
	// Throwaway says that the password opens nothing: it is kept in the exchange.
	Throwaway bool `json:"-"`
}

// Organization says whom the provider deals with.
type Organization struct {
	ID     string          `json:"id,omitempty"`
	Admins []Administrator `json:"admin_details,omitempty"`
}

// Administrator is a person at the organization.
type Administrator struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

func (p IssuerParameters) redacted() any {
	if p.Credentials != nil && p.Credentials.Password != "" && !p.Credentials.Throwaway {
		hidden := *p.Credentials
		hidden.Password = redactedText
		p.Credentials = &hidden
	}
	return p
}
