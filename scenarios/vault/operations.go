package vault

import (
	"context"
	"net/http"
	"net/url"
)

// CreateCertificate starts the creation of a certificate (POST /certificates/{name}/create).
func (c *Client) CreateCertificate(ctx context.Context, name string, body CreateParameters, options ...Option) *Exchange {
	return c.call(ctx, CreateCertificate, http.MethodPost, certificate(name, "create"), &content{value: body}, options)
}

// ImportCertificate imports a certificate with its private key (POST /certificates/{name}/import).
func (c *Client) ImportCertificate(ctx context.Context, name string, body ImportParameters, options ...Option) *Exchange {
	return c.call(ctx, ImportCertificate, http.MethodPost, certificate(name, "import"),
		&content{value: body, redacted: body.redacted(), certificates: body.Certificates}, options)
}

// GetPending reads the certificate operation (GET /certificates/{name}/pending).
func (c *Client) GetPending(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificateOperation, http.MethodGet, certificate(name, "pending"), nil, options)
}

// CancelPending asks to cancel the certificate operation, or takes that back (PATCH /certificates/{name}/pending).
func (c *Client) CancelPending(ctx context.Context, name string, requested bool, options ...Option) *Exchange {
	return c.UpdatePending(ctx, name, map[string]any{"cancellation_requested": requested}, options...)
}

// UpdatePending sends any body to PATCH /certificates/{name}/pending.
func (c *Client) UpdatePending(ctx context.Context, name string, body any, options ...Option) *Exchange {
	return c.call(ctx, UpdateCertificateOperation, http.MethodPatch, certificate(name, "pending"), &content{value: body}, options)
}

// DeletePending deletes the certificate operation (DELETE /certificates/{name}/pending).
func (c *Client) DeletePending(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, DeleteCertificateOperation, http.MethodDelete, certificate(name, "pending"), nil, options)
}

// MergeCertificate merges a signed certificate with the pending request (POST /certificates/{name}/pending/merge).
func (c *Client) MergeCertificate(ctx context.Context, name string, body MergeParameters, options ...Option) *Exchange {
	return c.call(ctx, MergeCertificate, http.MethodPost, certificate(name, "pending", "merge"), &content{value: body}, options)
}

// GetCertificate reads the current version of a certificate (GET /certificates/{name}).
func (c *Client) GetCertificate(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificate, http.MethodGet, certificate(name), nil, options)
}

// GetCertificateVersion reads one version of a certificate (GET /certificates/{name}/{version}).
func (c *Client) GetCertificateVersion(ctx context.Context, name, version string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificate, http.MethodGet, certificate(name, version), nil, options)
}

// GetCertificateVersions reads the first page of a certificate's versions (GET /certificates/{name}/versions).
func (c *Client) GetCertificateVersions(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificateVersions, http.MethodGet, certificate(name, "versions"), nil, options)
}

// GetCertificates reads the first page of the vault's certificates (GET /certificates).
func (c *Client) GetCertificates(ctx context.Context, options ...Option) *Exchange {
	return c.call(ctx, GetCertificates, http.MethodGet, []string{"certificates"}, nil, options)
}

// GetCertificatePolicy reads a certificate's policy (GET /certificates/{name}/policy).
func (c *Client) GetCertificatePolicy(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificatePolicy, http.MethodGet, certificate(name, "policy"), nil, options)
}

// DeleteCertificate deletes a certificate with all its versions (DELETE /certificates/{name}).
func (c *Client) DeleteCertificate(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, DeleteCertificate, http.MethodDelete, certificate(name), nil, options)
}

// GetDeletedCertificate reads a soft-deleted certificate (GET /deletedcertificates/{name}).
func (c *Client) GetDeletedCertificate(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, GetDeletedCertificate, http.MethodGet, []string{"deletedcertificates", name}, nil, options)
}

// PurgeDeletedCertificate removes a soft-deleted certificate for good (DELETE /deletedcertificates/{name}).
func (c *Client) PurgeDeletedCertificate(ctx context.Context, name string, options ...Option) *Exchange {
	return c.call(ctx, PurgeDeletedCertificate, http.MethodDelete, []string{"deletedcertificates", name}, nil, options)
}

// SetIssuer creates or replaces an issuer (PUT /certificates/issuers/{issuer}).
func (c *Client) SetIssuer(ctx context.Context, issuer string, body IssuerParameters, options ...Option) *Exchange {
	return c.call(ctx, SetCertificateIssuer, http.MethodPut, []string{"certificates", "issuers", issuer},
		&content{value: body, redacted: body.redacted()}, options)
}

// GetIssuer reads an issuer (GET /certificates/issuers/{issuer}).
func (c *Client) GetIssuer(ctx context.Context, issuer string, options ...Option) *Exchange {
	return c.call(ctx, GetCertificateIssuer, http.MethodGet, []string{"certificates", "issuers", issuer}, nil, options)
}

// DeleteIssuer deletes an issuer (DELETE /certificates/issuers/{issuer}).
func (c *Client) DeleteIssuer(ctx context.Context, issuer string, options ...Option) *Exchange {
	return c.call(ctx, DeleteCertificateIssuer, http.MethodDelete, []string{"certificates", "issuers", issuer}, nil, options)
}

// Follow sends a GET to a link that the vault gave (a Location, a target, a nextLink) exactly as it is; the operation
// names what the link is said to lead to. An api-version is added where the link has none. A link to another host is
// not followed, since the token would go there: the exchange then has a NotSent failure.
func (c *Client) Follow(ctx context.Context, operation, link string, options ...Option) *Exchange {
	if link == "" {
		return c.notSent(operation, http.MethodGet, link, "not followed: there is no link")
	}
	u, err := url.Parse(link)
	if err != nil || !u.IsAbs() || u.Host == "" {
		return c.notSent(operation, http.MethodGet, link, "not followed: the link is no absolute URL")
	}
	if !c.owns(u) {
		return c.notSent(operation, http.MethodGet, link, "not followed: the link leads away from "+c.options.Endpoint.Host)
	}
	return c.send(ctx, &call{
		operation: operation, method: http.MethodGet, url: u, apiVersion: c.options.APIVersion, keepVersion: true, followed: true,
	}, options)
}

func certificate(name string, more ...string) []string {
	return append([]string{"certificates", name}, more...)
}
