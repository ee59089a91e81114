package vault

import (
	"context"
	"net/http"
)

// UpdateIssuer changes the members of an issuer that are sent (PATCH /certificates/issuers/{issuer}).
func (c *Client) UpdateIssuer(ctx context.Context, issuer string, body IssuerParameters, options ...Option) *Exchange {
	return c.call(ctx, UpdateCertificateIssuer, http.MethodPatch, []string{"certificates", "issuers", issuer},
		&content{value: body, redacted: body.redacted()}, options)
}

// ContactList is the body that sets the contacts of a vault.
type ContactList struct {
	Contacts []any `json:"contacts"`
}

// SetContacts replaces the contacts of the vault (PUT /certificates/contacts).
func (c *Client) SetContacts(ctx context.Context, body ContactList, options ...Option) *Exchange {
	return c.call(ctx, SetCertificateContacts, http.MethodPut, []string{"certificates", "contacts"}, &content{value: body}, options)
}

// DeleteContacts deletes the contacts of the vault (DELETE /certificates/contacts).
func (c *Client) DeleteContacts(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, DeleteCertificateContacts, http.MethodDelete, []string{"certificates", "contacts"}, nil, options)
}
