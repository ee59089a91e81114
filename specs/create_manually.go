package specs

import (
	"fmt"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func createManually(s *Suite) {
	rule(s, "create-manually/status", func(c *Check, p *scenarios.CreateManually) {
		c.Accepts(p.Created, match.Status())
	})
	manualLocation(s)
	manualOperation(s)
	manualCSR(s)
	manualWithoutIssuer(s)
	manualUnfinished(s)
	namesAtLimits(s)
}

func manualLocation(s *Suite) {
	rule(s, "create-manually/location", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.Location(c.Facts.IDBase, "certificates", match.Name(p.Taken()), "pending"))
	})
	rule(s, "create-manually/location-api-version", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.LocationQuery("api-version", apiVersionOf(p.Taken())))
	})
	rule(s, "create-manually/location-request-id", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.Text("request_id"))
		c.Expect(p.Taken(), match.LocationQuery("request_id", p.Taken().Text("request_id")))
	})
	rule(s, "create-manually/location-followed", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed, match.SameMember(p.Taken(), "request_id"))
	})
}

func manualOperation(s *Suite) {
	rule(s, "create-manually/id", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Taken()), "pending"))
	})
	rule(s, "create-manually/issuer", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Accepts(p.Taken(), match.IssuerAt("issuer", "name"))
	})
	rule(s, "create-manually/issuer-spelling", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.requireNeeds(match.IssuerName(scenarios.Unknown)(p.Taken()) == nil)
		c.Expect(p.Taken(), match.Equal(scenarios.Unknown, "issuer", "name"))
	})
	rule(s, "create-manually/state", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Accepts(p.Taken(), match.State())
	})
	rule(s, "create-manually/status-details", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.Text("status_details"))
	})
	rule(s, "create-manually/cancellation-not-requested", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Expect(p.Taken(), match.Uncancelled())
	})
	rule(s, "create-manually/stays-in-progress", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Taken())
		c.Accepts(p.Later, match.State())
	})
	for id, member := range map[string]string{
		"create-manually/read-request-id": "request_id",
		"create-manually/csr-kept":        "csr",
	} {
		rule(s, id, func(c *Check, p *scenarios.CreateManually) {
			c.requireAccepted(p.Taken())
			c.requireBody(p.Read)
			c.Expect(p.Read, match.SameMember(p.Taken(), member))
			c.Expect(p.Later, match.SameMember(p.Taken(), member))
		})
	}
}

func manualCSR(s *Suite) {
	says := func(id string, what func(p *scenarios.CreateManually) match.Test) {
		rule(s, id, func(c *Check, p *scenarios.CreateManually) {
			c.requireAccepted(p.Taken())
			c.Expect(p.Taken(), what(p))
		})
	}
	says("create-manually/csr", func(*scenarios.CreateManually) match.Test { return match.CSRParses() })
	says("create-manually/csr-signature", func(*scenarios.CreateManually) match.Test { return match.CSRSigned() })
	says("create-manually/csr-subject", func(p *scenarios.CreateManually) match.Test {
		return match.CSRSubject(requestedSubject(p.Taken()))
	})
	says("create-manually/csr-key", func(p *scenarios.CreateManually) match.Test {
		const usual = 2048
		size := askedNumber(p.Taken(), "policy", "key_props", "key_size")
		if size == 0 {
			size = usual
		}
		return match.CSRKey(fmt.Sprintf("RSA %d", size))
	})
	rule(s, "create-manually/csr-names", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.CSRDNSNames(askedTexts(p.Created, "policy", "x509_props", "sans", "dns_names")))
	})
	rule(s, "create-manually/ec-accepted", func(c *Check, p *scenarios.CreateManually) {
		c.requireControl(p.Elliptic, p.Taken())
		c.Accepts(p.Elliptic, match.Accepted())
	})
	rule(s, "create-manually/csr-ec-key", func(c *Check, p *scenarios.CreateManually) {
		c.requireAccepted(p.Elliptic)
		c.Expect(p.Elliptic, match.CSRKey("EC P-256"))
	})
}

func manualWithoutIssuer(s *Suite) {
	rule(s, "create-manually/issuer-omitted-status", func(c *Check, p *scenarios.CreateWithoutIssuer) {
		c.Accepts(p.Created, match.Status())
	})
	rule(s, "create-manually/issuer-omitted", func(c *Check, p *scenarios.CreateWithoutIssuer) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Created, match.IssuerAt("issuer", "name"))
	})
	rule(s, "create-manually/issuer-omitted-policy", func(c *Check, p *scenarios.CreateWithoutIssuer) {
		c.requireAccepted(p.Created)
		c.requireBody(p.Policy)
		c.Accepts(p.Policy, match.IssuerAt("issuer", "name"))
	})
	rule(s, "create-manually/issuer-unnamed", func(c *Check, p *scenarios.CreateWithoutIssuer) {
		c.requireAccepted(p.Unnamed)
		c.Accepts(p.Unnamed, match.IssuerAt("issuer", "name"))
	})
}
