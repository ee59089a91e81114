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

func requestFromIssuer(b *Book) {
	rule(b, "request-from-issuer/create-status", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.Accepts(p.Created, match.Status())
	})
	requestedLocation(b)
	requestedOperation(b)
	requestedState(b)
	requestedCSR(b)
	requestedFromNobody(b)
	requestedFromOwnIssuer(b)
	rule(b, "request-from-issuer/retry-after", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.RetryAfter())
	})
}

func requestedLocation(b *Book) {
	rule(b, "request-from-issuer/location-path", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Location(c.Facts.IDBase, "certificates", match.Name(p.Created), "pending"))
	})
	rule(b, "request-from-issuer/location-api-version", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		version, _ := p.Created.Request.Query("api-version")
		c.Expect(p.Created).To(match.LocationQuery("api-version", version))
	})
	rule(b, "request-from-issuer/location-request-id", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Text("request_id"))
		c.Expect(p.Created).To(match.LocationQuery("request_id", p.Created.Text("request_id")))
	})
	rule(b, "request-from-issuer/location-read", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Followed).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Followed).To(match.SameMember(p.Created, "request_id"))
	})
}

func requestedOperation(b *Book) {
	rule(b, "request-from-issuer/operation-id", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Created), "pending"))
	})
	rule(b, "request-from-issuer/issuer-name", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		issuer := requestedIssuer(p.Created)
		c.Expect(p.Created).To(match.IssuerName(issuer))
	})
	rule(b, "request-from-issuer/issuer-name-spelling", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		issuer := requestedIssuer(p.Created)
		name, err := match.At(p.Created, "issuer", "name")
		c.given(err == nil && strings.EqualFold(fmt.Sprint(name), issuer))
		c.Expect(p.Created).To(match.Equal(issuer, "issuer", "name"))
	})
	rule(b, "request-from-issuer/request-id", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Text("request_id"))
	})
	rule(b, "request-from-issuer/request-id-format", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.given(p.Created.Text("request_id") != "")
		form := regexp.MustCompile("^[0-9a-f]{32}$")
		c.Expect(p.Created).To(match.Member("to be 32 lower-case hexadecimal digits", func(value any) bool {
			text, ok := value.(string)
			return ok && form.MatchString(text)
		}, "request_id"))
	})
	rule(b, "request-from-issuer/request-id-unique", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.promised(p.Detailed)
		c.given(p.Created.Text("request_id") != "" && p.Detailed.Text("request_id") != "")
		c.Expect(p.Detailed).To(match.OtherMember(p.Created, "request_id"))
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
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func requestedState(b *Book) {
	rule(b, "request-from-issuer/cancellation-not-requested", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Equal(false, "cancellation_requested"))
	})
	rule(b, "request-from-issuer/state", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Accepts(p.Created, match.State())
	})
	rule(b, "request-from-issuer/state-spelling", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.begun(p.Created)
		c.Accepts(p.Created, match.StateSpelling())
	})
	rule(b, "request-from-issuer/status-details", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.begun(p.Created)
		c.Expect(p.Created).To(match.Text("status_details"))
	})
	rule(b, "request-from-issuer/no-error", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.begun(p.Created)
		c.Expect(p.Created).To(match.Absent("error"))
	})
	rule(b, "request-from-issuer/no-target", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.begun(p.Created)
		c.Expect(p.Created).To(match.Absent("target"))
	})
}

func requestedFromNobody(b *Book) {
	rule(b, "request-from-issuer/unknown-issuer-status", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.Expect(p.UnknownIssuer).To(match.Refused())
	})
	rule(b, "request-from-issuer/unknown-issuer-error", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.refused(p.UnknownIssuer)
		c.Expect(p.UnknownIssuer).To(match.Text("error", "code"))
		c.Expect(p.UnknownIssuer).To(match.Member("to be a string", isString, "error", "message"))
	})
	rule(b, "request-from-issuer/unknown-issuer-starts-nothing", func(c *Case, p *scenarios.RequestFromIssuer) {
		c.promised(p.Created)
		c.answered(p.Followed, http.StatusOK)
		c.refused(p.UnknownIssuer)
		c.Expect(p.UnknownPending).To(match.NotInProgress())
	})
}

func isString(value any) bool {
	_, ok := value.(string)
	return ok
}
