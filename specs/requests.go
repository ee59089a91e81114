package specs

import (
	"fmt"
	"net/url"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// OwnFaults checks the requests that the plays sent against the OpenAPI document. Whatever it finds is a fault of
// kvconform, not of the target. Requests that break the contract on purpose are left out, and so are those to a
// link, and with a body, that the target gave.
func (s *Suite) OwnFaults(e *vault.Exchange, facts Facts) []string {
	if vault.IsCompanion(e.Operation) || e.Request.Deliberate || e.Request.Followed || e.Request.SentBack || neverSent(e) {
		return nil
	}
	var faults []string
	for _, problem := range s.Document.CheckRequest(sent(e, facts)) {
		faults = append(faults, fmt.Sprintf("our request %s %s breaks our own document: %s", e.Request.Method, e.Request.URL, problem.Message))
	}
	return faults
}

// neverSent reports whether no request went out: the client refused it, or the target does not claim what it needs.
func neverSent(e *vault.Exchange) bool {
	return e.Failure != nil && (e.Failure.Kind == vault.NotSent || e.Failure.Kind == vault.NotClaimed)
}

// sent is an exchange's request as the document checks it.
func sent(e *vault.Exchange, facts Facts) schemas.Request {
	request := asking(e, facts)
	if body, err := e.Request.JSON(); err == nil {
		request.Body = body
	}
	return request
}

// asking is an exchange's request without its decoded body, for whoever looks at the response only.
func asking(e *vault.Exchange, facts Facts) schemas.Request {
	return schemas.Request{
		Method: e.Request.Method, URL: e.Request.URL, BasePath: basePath(e.Request.URL, facts),
		Header: e.Request.Header, Raw: e.Request.Body, Like: facts.Like,
	}
}

// received is an exchange's response as the document checks it.
func received(e *vault.Exchange) schemas.Response {
	body, err := e.Response.JSON()
	if err != nil {
		body = nil
	}
	return schemas.Response{Status: e.Response.Status, Header: e.Response.Header, Raw: e.Response.Body, Body: body}
}

// basePath is the prefix of the path that belongs to the target's address: that of the endpoint, or of the ids where
// the request followed a link.
func basePath(link string, facts Facts) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	for _, base := range []string{facts.Endpoint, facts.IDBase} {
		if s, err := url.Parse(base); err == nil && s.Host == u.Host {
			return s.Path
		}
	}
	return ""
}
