package credential

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// azureSource gets tokens from Azure's DefaultAzureCredential.
type azureSource struct {
	azure      Azure
	credential azcore.TokenCredential
	audience   audience
}

func newAzureSource(azure Azure, env Env) (source, error) {
	client, err := env.HTTP()
	if err != nil {
		return nil, err
	}
	credential, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: policy.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: 1}},
		TenantID:      azure.Tenant,
		// The tenant that a vault names in its challenge need not be the credential's own.
		AdditionallyAllowedTenants: []string{"*"},
		// An authority that stands in for Azure's is not known to Azure.
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		return nil, input.Wrong("/auth/azure", "the DefaultAzureCredential of Azure cannot be made: %s", input.OneLine(err))
	}
	return &azureSource{
		azure: azure, credential: credential, audience: newAudience(env.Endpoint, "auth.azure.resources", azure.Resources),
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
		return fetched{}, fmt.Errorf("the DefaultAzureCredential of Azure gave no token: %s", input.OneLine(err))
	}
	return fetched{token: token.Token, ends: token.ExpiresOn}, nil
}
