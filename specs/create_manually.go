package specs

import (
	"fmt"
	"net/http"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs/match"
)

func createManually(b *Book) {
	rule(b, "create-manually/status", func(c *Case, p *scenarios.CreateManually) {
		c.Accepts(p.Created, match.Status())
	})
	manualLocation(b)
	manualOperation(b)
	manualCSR(b)
	manualWithoutIssuer(b)
}

func manualLocation(b *Book) {
	rule(b, "create-manually/location", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Location(c.Facts.IDBase, "certificates", match.Name(p.Created), "pending"))
	})
	rule(b, "create-manually/location-api-version", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.LocationQuery("api-version", apiVersionOf(p.Created)))
	})
	rule(b, "create-manually/location-request-id", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Text("request_id"))
		c.Expect(p.Created).To(match.LocationQuery("request_id", p.Created.Text("request_id")))
	})
	rule(b, "create-manually/location-followed", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed).To(match.SameMember(p.Created, "request_id"))
	})
}

func manualOperation(b *Book) {
	rule(b, "create-manually/id", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Created), "pending"))
	})
	rule(b, "create-manually/issuer", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Accepts(p.Created, match.TextAt("issuer", "name"))
	})
	rule(b, "create-manually/state", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Accepts(p.Created, match.State())
	})
	rule(b, "create-manually/status-details", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Text("status_details"))
	})
	rule(b, "create-manually/cancellation-not-requested", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.Uncancelled())
	})
	rule(b, "create-manually/stays-in-progress", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Created)
		c.Accepts(p.Later, match.State())
	})
	for id, member := range map[string]string{
		"create-manually/read-request-id": "request_id",
		"create-manually/csr-kept":        "csr",
	} {
		rule(b, id, func(c *Case, p *scenarios.CreateManually) {
			c.promised(p.Created)
			c.ok(p.Read)
			c.Expect(p.Read).To(match.SameMember(p.Created, member))
			c.Expect(p.Later).To(match.SameMember(p.Created, member))
		})
	}
}

func manualCSR(b *Book) {
	says := func(id string, what func(p *scenarios.CreateManually) types.GomegaMatcher) {
		rule(b, id, func(c *Case, p *scenarios.CreateManually) {
			c.promised(p.Created)
			c.Expect(p.Created).To(what(p))
		})
	}
	says("create-manually/csr", func(*scenarios.CreateManually) types.GomegaMatcher { return match.CSRParses() })
	says("create-manually/csr-signature", func(*scenarios.CreateManually) types.GomegaMatcher { return match.CSRSigned() })
	says("create-manually/csr-subject", func(p *scenarios.CreateManually) types.GomegaMatcher {
		return match.CSRSubject(requestedSubject(p.Created))
	})
	says("create-manually/csr-key", func(p *scenarios.CreateManually) types.GomegaMatcher {
		const usual = 2048
		size := askedNumber(p.Created, "policy", "key_props", "key_size")
		if size == 0 {
			size = usual
		}
		return match.CSRKey(fmt.Sprintf("RSA %d", size))
	})
	says("create-manually/csr-names", func(p *scenarios.CreateManually) types.GomegaMatcher {
		return match.CSRDNSNames(askedTexts(p.Created, "policy", "x509_props", "sans", "dns_names"))
	})
	rule(b, "create-manually/csr-ec-key", func(c *Case, p *scenarios.CreateManually) {
		c.promised(p.Elliptic)
		c.Expect(p.Elliptic).To(match.CSRKey("EC P-256"))
	})
}

func manualWithoutIssuer(b *Book) {
	rule(b, "create-manually/issuer-omitted-status", func(c *Case, p *scenarios.CreateWithoutIssuer) {
		c.Accepts(p.Created, match.Status())
	})
	rule(b, "create-manually/issuer-omitted", func(c *Case, p *scenarios.CreateWithoutIssuer) {
		c.promised(p.Created)
		c.Accepts(p.Created, match.TextAt("issuer", "name"))
	})
	rule(b, "create-manually/issuer-omitted-policy", func(c *Case, p *scenarios.CreateWithoutIssuer) {
		c.promised(p.Created)
		c.Expect(p.Policy).To(match.HasStatus(http.StatusOK))
		c.Accepts(p.Policy, match.TextAt("issuer", "name"))
	})
	rule(b, "create-manually/issuer-unnamed", func(c *Case, p *scenarios.CreateWithoutIssuer) {
		c.promised(p.Unnamed)
		c.Accepts(p.Unnamed, match.TextAt("issuer", "name"))
	})
}
