package specs

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func requestFromIssuer(s *Suite) {
	rule(s, "request-from-issuer/create-status", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.Accepts(p.Created, match.Status())
	})
	rule(s, "request-from-issuer/least-policy-accepted", func(c *Check, p *scenarios.FormsOfCreate) {
		c.Accepts(p.Minimal, match.Accepted())
		c.requireOf(p.Read, func(e *vault.Exchange) bool { return showsOperationOf(e, match.Name(p.Minimal)) },
			"the operation that was created")
	})
	requestedLocation(s)
	requestedOperation(s)
	requestedState(s)
	requestedCSR(s)
	requestedFromNobody(s)
	requestedFromOwnIssuer(s)
	rule(s, "request-from-issuer/retry-after", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.RetryAfter())
	})
}

func requestedLocation(s *Suite) {
	rule(s, "request-from-issuer/location-path", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.Location(c.Facts.IDBase, "certificates", match.Name(p.Created), "pending"))
	})
	rule(s, "request-from-issuer/location-api-version", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		version, _ := p.Created.Request.Query("api-version")
		c.Expect(p.Created, match.LocationQuery("api-version", version))
	})
	rule(s, "request-from-issuer/location-request-id", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.Text("request_id"))
		c.Expect(p.Created, match.LocationQuery("request_id", p.Created.Text("request_id")))
	})
	rule(s, "request-from-issuer/location-read", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Followed, match.HasStatus(http.StatusOK))
		c.Expect(p.Followed, match.SameMember(p.Created, "request_id"))
	})
}

func requestedOperation(s *Suite) {
	rule(s, "request-from-issuer/operation-id", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Created), "pending"))
	})
	rule(s, "request-from-issuer/issuer-name", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		issuer := requestedIssuer(p.Created)
		c.Expect(p.Created, match.IssuerName(issuer))
	})
	rule(s, "request-from-issuer/issuer-name-spelling", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		issuer := requestedIssuer(p.Created)
		name, err := match.At(p.Created, "issuer", "name")
		c.requireNeeds(err == nil && strings.EqualFold(fmt.Sprint(name), issuer))
		c.Expect(p.Created, match.Equal(issuer, "issuer", "name"))
	})
	rule(s, "request-from-issuer/request-id", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.Text("request_id"))
	})
	rule(s, "request-from-issuer/request-id-format", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.requireNeeds(p.Created.Text("request_id") != "")
		form := regexp.MustCompile("^[0-9a-f]{32}$")
		c.Expect(p.Created, match.Member("to be 32 lower-case hexadecimal digits", func(value any) bool {
			text, ok := value.(string)
			return ok && form.MatchString(text)
		}, "request_id"))

	})
	rule(s, "request-from-issuer/request-id-unique", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.requireAccepted(p.Detailed)
		c.requireNeeds(p.Created.Text("request_id") != "" && p.Detailed.Text("request_id") != "")
		c.Expect(p.Detailed, match.OtherMember(p.Created, "request_id"))
	})
}

// requestedIssuer is the issuer that a create named, "" where it named none.
func requestedIssuer(created *vault.Exchange) string {
	name, _ := asked(created, "policy", "issuer", "name").(string)
	return name
}

// asked is a member of the request's JSON, nil where it is not there or nothing was asked.
func asked(e *vault.Exchange, path ...string) any {
	if e == nil {
		return nil
	}
	value, err := e.Request.JSON()
	if err != nil {
		return nil
	}
	return within(value, path...)
}

// within is the value at a path of members in a decoded body, nil if there is none.
func within(value any, path ...string) any {
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func requestedState(s *Suite) {
	rule(s, "request-from-issuer/cancellation-not-requested", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.Equal(false, "cancellation_requested"))
	})
	rule(s, "request-from-issuer/state", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Created, match.State())
	})
	rule(s, "request-from-issuer/state-spelling", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireInProgress(p.Created)
		c.spelled(p.Created)
	})
	rule(s, "request-from-issuer/status-details", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireInProgress(p.Created)
		c.Expect(p.Created, match.Text("status_details"))
	})
	rule(s, "request-from-issuer/no-error", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireInProgress(p.Created)
		c.Expect(p.Created, match.Absent("error"))
	})
	rule(s, "request-from-issuer/no-target", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireInProgress(p.Created)
		c.Expect(p.Created, match.Absent("target"))
	})
}

func requestedFromNobody(s *Suite) {
	rule(s, "request-from-issuer/unknown-issuer-status", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.Expect(p.UnknownIssuer, match.Refused())
	})
	rule(s, "request-from-issuer/unknown-issuer-error", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		c.requireRefused(p.UnknownIssuer)
		c.Expect(p.UnknownIssuer, match.Text("error", "code"))
		c.Expect(p.UnknownIssuer, match.Member("to be a string", isString, "error", "message"))
	})
	rule(s, "request-from-issuer/unknown-issuer-starts-nothing", func(c *Check, p *scenarios.RequestFromIssuer) {
		c.requireAccepted(p.Created)
		read := p.Followed
		if p.Read != nil {
			read = p.Read
		}
		c.requireBody(read)
		c.requireRefused(p.UnknownIssuer)
		c.Expect(p.UnknownPending, match.NotInProgress())
	})
}

func isString(value any) bool {
	_, ok := value.(string)
	return ok
}
