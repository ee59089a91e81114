package vault

import (
	"context"
	"net/http"
)

// GetDeletedCertificates reads the first page of the vault's deleted certificates (GET /deletedcertificates).
func (c *Client) GetDeletedCertificates(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, GetDeletedCertificates, http.MethodGet, []string{"deletedcertificates"}, nil, options)
}

// GetIssuers reads the first page of the vault's issuers (GET /certificates/issuers).
func (c *Client) GetIssuers(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, GetCertificateIssuers, http.MethodGet, []string{"certificates", "issuers"}, nil, options)
}

// GetContacts reads the contacts of the vault (GET /certificates/contacts).
func (c *Client) GetContacts(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, GetCertificateContacts, http.MethodGet, []string{"certificates", "contacts"}, nil, options)
}

// RecoverDeletedCertificate brings a soft-deleted certificate back (POST /deletedcertificates/{name}/recover).
func (c *Client) RecoverDeletedCertificate(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, RecoverDeletedCertificate, http.MethodPost, []string{"deletedcertificates", name, "recover"}, nil, options)
}
