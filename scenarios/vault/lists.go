package vault

import (
	"context"
	"net/http"
)

// GetDeletedCertificates reads the first page of the vault's deleted certificates (GET /deletedcertificates).
func (c *Client) GetDeletedCertificates(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, "GetDeletedCertificates", http.MethodGet, []string{"deletedcertificates"}, nil, options)
}

// GetIssuers reads the first page of the vault's issuers (GET /certificates/issuers).
func (c *Client) GetIssuers(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, "GetCertificateIssuers", http.MethodGet, []string{"certificates", "issuers"}, nil, options)
}
