package vault

import (
	"context"
	"net/http"
	"net/url"
)

// UpdateParameters is the body that changes a version of a certificate.
type UpdateParameters struct {
	Policy     *Policy           `json:"policy,omitempty"`
	Attributes *Attributes       `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
}

// UpdateCertificate changes the current version of a certificate (PATCH /certificates/{name}).
func (c *Client) UpdateCertificate(ctx context.Context, name string, body UpdateParameters, options ...Option) *Exchange {
	return c.call(ctx, UpdateCertificate, http.MethodPatch, certificate(name), &content{value: body}, options)
}

// UpdateCertificateVersion changes one version of a certificate (PATCH /certificates/{name}/{version}).
func (c *Client) UpdateCertificateVersion(ctx context.Context, name, version string, body UpdateParameters, options ...Option) *Exchange {
	return c.call(ctx, UpdateCertificate, http.MethodPatch, certificate(name, version), &content{value: body}, options)
}

// Update sends any body to PATCH /certificates/{name}/{version}, or to the path without a version if that is "".
func (c *Client) Update(ctx context.Context, name, version string, body any, options ...Option) *Exchange {
	path := certificate(name)
	if version != "" {
		path = certificate(name, version)
	}
	return c.call(ctx, UpdateCertificate, http.MethodPatch, path, &content{value: body}, options)
}

// UpdateCertificatePolicy changes the members of the policy that are sent (PATCH /certificates/{name}/policy).
func (c *Client) UpdateCertificatePolicy(ctx context.Context, name string, body Policy, options ...Option) *Exchange {
	return c.call(ctx, UpdateCertificatePolicy, http.MethodPatch, certificate(name, "policy"), &content{value: body}, options)
}

// Merge sends any body to POST /certificates/{name}/pending/merge.
func (c *Client) Merge(ctx context.Context, name string, body any, options ...Option) *Exchange {
	return c.call(ctx, MergeCertificate, http.MethodPost, certificate(name, "pending", "merge"), &content{value: body}, options)
}

// Send sends any request to an absolute URL within the vault, for what the other methods would not send. The operation
// names what the request is meant to be; the api-version is added where the URL has none. A nil body sends none.
func (c *Client) Send(ctx context.Context, operation, method, link string, body any, options ...Option) *Exchange {
	u, err := url.Parse(link)
	if err != nil || !u.IsAbs() || u.Host == "" {
		return c.notSent(operation, method, link, "is no absolute URL")
	}
	if !c.owns(u) {
		return c.notSent(operation, method, link, "leads away from "+c.options.Endpoint.Host)
	}
	k := &call{operation: operation, method: method, url: u, apiVersion: c.options.APIVersion, keepVersion: true}
	if body != nil {
		k.content = &content{value: body}
	}
	return c.send(ctx, k, options)
}

// Scheme sends the token under another scheme than Bearer.
func Scheme(name string) Option { return func(c *call) { c.scheme = name } }
