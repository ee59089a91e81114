package vault

import (
	"context"
	"net/http"
	"slices"
)

// A certificate has two companions: a key at its kid and a secret at its sid. They belong to APIs of their own, so a target
// claims them (the feature companions), and a token of its own may be needed for them. What an exchange of these operations
// keeps is less than what came: see seal.
const (
	GetKey       = "GetKey"
	CreateKey    = "CreateKey"
	DeleteKey    = "DeleteKey"
	PurgeKey     = "PurgeDeletedKey"
	GetSecret    = "GetSecret"
	SetSecret    = "SetSecret"
	DeleteSecret = "DeleteSecret"
	PurgeSecret  = "PurgeDeletedSecret"
)

// CompanionOperations lists the operations on the key and the secret of a certificate. They are none of the certificates API:
// no rule about every response is about them, and no OpenAPI document of certificates has them.
func CompanionOperations() []string {
	return []string{GetKey, CreateKey, DeleteKey, PurgeKey, GetSecret, SetSecret, DeleteSecret, PurgeSecret}
}

// IsCompanion reports whether an operation is on the key or the secret of a certificate.
func IsCompanion(operation string) bool { return slices.Contains(CompanionOperations(), operation) }

// GetKey reads the key of a certificate's current version by its name (GET /keys/{name}). Follow reads the one at a kid.
func (c *Client) GetKey(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetKey, http.MethodGet, []string{"keys", name}, nil, options)
}

// CreateKey creates a key of its own on the curve P-256 (POST /keys/{name}/create).
func (c *Client) CreateKey(ctx context.Context, name string, options ...Option) *Exchange {
	body := &content{value: map[string]string{"kty": "EC", "crv": "P-256"}}
	return c.call(ctx, CreateKey, http.MethodPost, []string{"keys", name, "create"}, body, options)
}

// PurgeKey purges a deleted key (DELETE /deletedkeys/{name}).
func (c *Client) PurgeKey(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, PurgeKey, http.MethodDelete, []string{"deletedkeys", name}, nil, options)
}

// PurgeSecret purges a deleted secret (DELETE /deletedsecrets/{name}).
func (c *Client) PurgeSecret(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, PurgeSecret, http.MethodDelete, []string{"deletedsecrets", name}, nil, options)
}

// GetSecret reads the secret of a certificate's current version by its name (GET /secrets/{name}). Follow reads the one at a sid.
func (c *Client) GetSecret(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetSecret, http.MethodGet, []string{"secrets", name}, nil, options)
}

// SetSecret sets a secret (PUT /secrets/{name}). The value is one that protects nothing: it stays in the exchange.
func (c *Client) SetSecret(ctx context.Context, name, value string, options ...Option) *Exchange {
	return c.call(ctx, SetSecret, http.MethodPut, []string{"secrets", name}, &content{value: map[string]string{"value": value}}, options)
}

// DeleteSecret deletes a secret with all its versions (DELETE /secrets/{name}).
func (c *Client) DeleteSecret(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, DeleteSecret, http.MethodDelete, []string{"secrets", name}, nil, options)
}

// DeleteKey deletes a key with all its versions (DELETE /keys/{name}).
func (c *Client) DeleteKey(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, DeleteKey, http.MethodDelete, []string{"keys", name}, nil, options)
}
