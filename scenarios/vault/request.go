package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// call is one request in the making.
type call struct {
	operation  string
	method     string
	url        *url.URL
	query      [][2]string
	apiVersion string
	// keepVersion leaves an api-version that the URL already has.
	keepVersion bool
	token       *string // nil: the credential's
	scheme      string  // "": Bearer
	deliberate  bool
	followed    bool
	sentBack    bool
	content     *content
	set         []setting
	body        []byte
	request     Request
}

// content is a body and what of it may be kept.
type content struct {
	value        any
	redacted     any // nil: the value itself
	certificates [][]byte
}

func (c *Client) call(ctx context.Context, operation, method string, path []string, body *content, options []Option) *Exchange {
	escaped := make([]string, len(path))
	for i, segment := range path {
		escaped[i] = url.PathEscape(segment)
	}
	return c.send(ctx, &call{
		operation:  operation,
		method:     method,
		url:        c.options.Endpoint.JoinPath(escaped...),
		apiVersion: c.options.APIVersion,
		content:    body,
	}, options)
}

// prepare finishes the URL and the body, and the request as it will be kept.
func (c *Client) prepare(k *call) error {
	target := *k.url
	query := []string{}
	if target.RawQuery != "" {
		query = append(query, target.RawQuery)
	}
	if k.apiVersion != "" && (!k.keepVersion || !target.Query().Has("api-version")) {
		query = append(query, "api-version="+url.QueryEscape(k.apiVersion))
	}
	for _, pair := range k.query {
		query = append(query, url.QueryEscape(pair[0])+"="+url.QueryEscape(pair[1]))
	}
	target.RawQuery = strings.Join(query, "&")
	k.url = &target
	k.request = Request{Method: k.method, URL: target.String(), Deliberate: k.deliberate, Followed: k.followed, SentBack: k.sentBack,
		Header: http.Header{"Accept": {"application/json"}}}
	if dialled := c.dialled(k.url).String(); dialled != k.request.URL {
		k.request.Dialled = dialled
	}
	for name := range c.options.Header {
		k.request.Header[http.CanonicalHeaderKey(name)] = []string{redactedText}
	}
	if k.token != nil {
		k.request.OwnToken = *k.token
	}
	if k.content == nil {
		return nil
	}
	body, err := json.Marshal(k.content.value)
	if err != nil {
		return fmt.Errorf("writing the body of %s: %w", k.operation, err)
	}
	kept := body
	if k.content.redacted != nil {
		if kept, err = json.Marshal(k.content.redacted); err != nil {
			return fmt.Errorf("redacting the body of %s: %w", k.operation, err)
		}
	}
	if k.body, err = withSettings(body, k.set); err != nil {
		return fmt.Errorf("writing the body of %s: %w", k.operation, err)
	}
	if k.request.Body, err = withSettings(kept, k.set); err != nil {
		return fmt.Errorf("redacting the body of %s: %w", k.operation, err)
	}
	k.request.Certificates = k.content.certificates
	k.request.Header.Set("Content-Type", "application/json")
	return nil
}

// httpRequest is the request as it goes out, secrets and all.
func (c *Client) httpRequest(ctx context.Context, k *call, token string) (*http.Request, error) {
	target := c.dialled(k.url)
	var request *http.Request
	var err error
	if k.body != nil {
		request, err = http.NewRequestWithContext(ctx, k.method, target.String(), bytes.NewReader(k.body))
	} else {
		request, err = http.NewRequestWithContext(ctx, k.method, target.String(), http.NoBody)
	}
	if err != nil {
		return nil, fmt.Errorf("making the request of %s: %w", k.operation, err)
	}
	for name, values := range k.request.Header {
		request.Header[name] = values
	}
	for name, values := range c.options.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if token != "" {
		request.Header.Set("Authorization", k.authorization(token))
	}
	return request, nil
}

// authorization is the header of that name for a token.
func (k *call) authorization(token string) string {
	if k.scheme == "" {
		return "Bearer " + token
	}
	return k.scheme + " " + token
}

// owns reports whether a link stays in this vault: the host and port that it dials, or that it writes into its ids.
func (c *Client) owns(u *url.URL) bool {
	return sameHost(u, c.options.Endpoint) || sameHost(u, c.base)
}

// dialled rewrites a link that begins as the vault's ids do to the endpoint that can be dialled. Where both are on one host,
// the paths tell them apart.
func (c *Client) dialled(u *url.URL) *url.URL {
	endpoint := c.options.Endpoint
	rest, ids := below(u, c.base)
	if _, there := below(u, endpoint); !ids || there && len(endpoint.Path) >= len(c.base.Path) {
		return u
	}
	rewritten := *u
	rewritten.Scheme, rewritten.Host = endpoint.Scheme, endpoint.Host
	rewritten.Path, rewritten.RawPath = strings.TrimSuffix(endpoint.Path, "/")+rest, ""
	return &rewritten
}

// below returns what follows a base URL in the path of another, and whether that is below it at all.
func below(u, base *url.URL) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(u.Path, strings.TrimSuffix(base.Path, "/"))
	return rest, ok && sameHost(u, base) && (rest == "" || rest[0] == '/')
}

func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

func (c *Client) notSent(operation, method, link, why string) *Exchange {
	e := &Exchange{
		Operation: operation,
		Started:   c.options.Clock.Now(),
		Request:   Request{Method: method, URL: link},
		Failure:   &Failure{Kind: NotSent, Message: why},
	}
	return e
}
