package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func apiVersion(b *Book) {
	rule(b, "api-version/accepted", func(c *Case, p *scenarios.APIVersions) {
		c.promised(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	versionRefused(b)
	versionNothingDone(b)
	versionFollowed(b)
}

// versioned needs a request that can be made and read with the api-version under test.
func versioned(c *Case, p *scenarios.APIVersions) {
	c.promised(p.Created)
	c.ok(p.Read)
}

func versionRefused(b *Book) {
	for id, step := range map[string]func(p *scenarios.APIVersions) *vault.Exchange{
		"missing":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Missing },
		"empty":          func(p *scenarios.APIVersions) *vault.Exchange { return p.Empty },
		"unknown":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Unknown },
		"garbage":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Garbage },
		"create-missing": func(p *scenarios.APIVersions) *vault.Exchange { return p.CreatedMissing },
		"delete-missing": func(p *scenarios.APIVersions) *vault.Exchange { return p.DeletedMissing },
	} {
		rule(b, "api-version/"+id, func(c *Case, p *scenarios.APIVersions) {
			versioned(c, p)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(b, "api-version/list-missing", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.ok(p.Listed)
		c.Accepts(p.ListedMissing, match.StatusClass())
	})
	rule(b, "api-version/missing-status", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.Accepts(p.Missing, match.Status())
	})
	rule(b, "api-version/unknown-status", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.Accepts(p.Unknown, match.Status())
	})
	rule(b, "api-version/unknown-code", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.refused(p.Unknown)
		c.Accepts(p.Unknown, match.ErrorCode())
	})
}

func versionNothingDone(b *Book) {
	rule(b, "api-version/create-nothing-made", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.refused(p.CreatedMissing)
		c.given(c.Got(p.ReadAfterCreation).Status() == http.StatusOK || c.Got(p.CreatedAtLast).Status() == http.StatusAccepted)
		c.Accepts(p.ReadAfterCreation, match.Status())
	})
	rule(b, "api-version/delete-nothing-deleted", func(c *Case, p *scenarios.APIVersions) {
		versioned(c, p)
		c.refused(p.DeletedMissing)
		c.Accepts(p.ReadAfterDeletion, match.Status())
		c.Expect(p.ReadAfterDeletion).To(match.SameMember(p.Read, "request_id"))
	})
}

func versionFollowed(b *Book) {
	rule(b, "api-version/location", func(c *Case, p *scenarios.APIVersions) {
		c.promised(p.Created)
		c.Expect(p.Created).To(match.LocationQuery("api-version", apiVersionOf(p.Created)))
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed).To(match.SameMember(p.Created, "request_id"))
	})
	rule(b, "api-version/target", func(c *Case, p *scenarios.APIVersionOfTarget) {
		c.finished(p.Created, p.Looks)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed).To(match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
	})
}
