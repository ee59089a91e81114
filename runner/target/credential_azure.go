package target

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// azureSource gets tokens from Azure's DefaultAzureCredential.
type azureSource struct {
	azure      Azure
	credential azcore.TokenCredential
	audience   audience
}

func (t Target) newAzureSource() (source, error) {
	client, err := t.tokenClient()
	if err != nil {
		return nil, err
	}
	credential, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: policy.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: 1}},
		TenantID:      t.Auth.Azure.Tenant,
		// The tenant that a vault names in its challenge need not be the credential's own.
		AdditionallyAllowedTenants: []string{"*"},
		// An authority that stands in for Azure's is not known to Azure.
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		return nil, wrong("/auth/azure", "the DefaultAzureCredential of Azure cannot be made: %s", oneLine(err))
	}
	return &azureSource{
		azure: *t.Auth.Azure, credential: credential, audience: t.audience("auth.azure.resources", t.Auth.Azure.Resources),
	}, nil
}

func (s *azureSource) wantsChallenge() bool { return s.azure.Scope == "" }

func (s *azureSource) fetch(ctx context.Context, challenge *vault.Challenge) (fetched, error) {
	options := policy.TokenRequestOptions{Scopes: []string{s.azure.Scope}, TenantID: s.azure.Tenant}
	if challenge != nil {
		if s.azure.Scope == "" {
			scope, err := s.audience.scope(challenge)
			if err != nil {
				return fetched{}, err
			}
			options.Scopes = strings.Fields(scope)
		}
		if u, err := url.Parse(challenge.Authorization); err == nil && s.azure.Tenant == "" {
			options.TenantID, _, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		}
	}
	token, err := s.credential.GetToken(ctx, options)
	if err != nil {
		return fetched{}, fmt.Errorf("the DefaultAzureCredential of Azure gave no token: %s", oneLine(err))
	}
	return fetched{token: token.Token, ends: token.ExpiresOn}, nil
}

// tokenText is what looks like a token in the messages of others: a member of a token endpoint's answer, or a JWT.
var tokenText = regexp.MustCompile(`"(?i:\w*token|\w*secret|\w*password)"\s*:\s*"[^"]*"?|\beyJ[\w-]+\.[\w.-]+`)

// scrubbed is the message of somebody else's without what may be a secret: some show the answer that they cannot read.
func scrubbed(text string) string {
	for _, name := range []string{"AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"} {
		if secret := os.Getenv(name); secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return tokenText.ReplaceAllString(text, "[redacted]")
}

func oneLine(err error) string {
	text := strings.Join(strings.Fields(scrubbed(err.Error())), " ")
	const most = 600
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
