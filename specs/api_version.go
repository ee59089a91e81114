package specs

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func apiVersion(s *Suite) {
	rule(s, "api-version/accepted", func(c *Check, p *scenarios.APIVersions) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	versionRefused(s)
	versionNothingDone(s)
	versionFollowed(s)
}

// versioned needs a request that can be made and read with the api-version under test.
func versioned(c *Check, p *scenarios.APIVersions) {
	c.requireAccepted(p.Created)
	c.requireBody(p.Read)
}

func versionRefused(s *Suite) {
	for id, step := range map[string]func(p *scenarios.APIVersions) *vault.Exchange{
		"api-version/missing":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Missing },
		"api-version/empty":          func(p *scenarios.APIVersions) *vault.Exchange { return p.Empty },
		"api-version/unknown":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Unknown },
		"api-version/garbage":        func(p *scenarios.APIVersions) *vault.Exchange { return p.Garbage },
		"api-version/create-missing": func(p *scenarios.APIVersions) *vault.Exchange { return p.CreatedMissing },
		"api-version/delete-missing": func(p *scenarios.APIVersions) *vault.Exchange { return p.DeletedMissing },
	} {
		rule(s, id, func(c *Check, p *scenarios.APIVersions) {
			versioned(c, p)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(s, "api-version/list-missing", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.requireBody(p.Listed)
		c.Accepts(p.ListedMissing, match.StatusClass())
	})
	rule(s, "api-version/missing-status", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.Accepts(p.Missing, match.Status())
	})
	rule(s, "api-version/unknown-status", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.Accepts(p.Unknown, match.Status())
	})
	rule(s, "api-version/unknown-code", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.requireRefused(p.Unknown)
		c.Accepts(p.Unknown, match.ErrorCode())
	})
}

func versionNothingDone(s *Suite) {
	rule(s, "api-version/create-nothing-made", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.requireRefused(p.CreatedMissing)
		c.requireNeeds(c.Got(p.ReadAfterCreation).Status() == http.StatusOK || c.Got(p.CreatedAtLast).Status() == http.StatusAccepted)
		c.Accepts(p.ReadAfterCreation, match.Status())
	})
	rule(s, "api-version/delete-nothing-deleted", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.requireRefused(p.DeletedMissing)
		c.Accepts(p.ReadAfterDeletion, match.Status())
		c.Expect(p.ReadAfterDeletion, match.SameMember(p.Read, "request_id"))
	})
}

func versionFollowed(s *Suite) {
	rule(s, "api-version/location", func(c *Check, p *scenarios.APIVersions) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.LocationQuery("api-version", apiVersionOf(p.Created)))
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed, match.SameMember(p.Created, "request_id"))
	})
	rule(s, "api-version/target", func(c *Check, p *scenarios.APIVersionOfTarget) {
		c.requireCompleted(p.Created, p.Looks)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed, match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
	})
}
