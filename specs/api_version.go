package specs

import (
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func apiVersion(s *Suite) {
	withoutVersion(s)
	rule(s, "api-version/accepted", func(c *Check, p *scenarios.APIVersions) {
		c.requireAccepted(p.Created)
		c.Accepts(p.Read, match.Status())
	})
	versionRefused(s)
	versionNothingDone(s)
	versionFollowed(s)
}

// versioned needs a request that can be made and read with the api-version under test.
func versioned(c *Check, p *scenarios.APIVersions) { c.requireOperation(p.Read) }

func versionRefused(s *Suite) {
	type steps struct{ wrong, right *vault.Exchange }
	for id, of := range map[string]func(p *scenarios.APIVersions) steps{
		"api-version/missing":        func(p *scenarios.APIVersions) steps { return steps{p.Missing, p.Read} },
		"api-version/empty":          func(p *scenarios.APIVersions) steps { return steps{p.Empty, p.Read} },
		"api-version/unknown":        func(p *scenarios.APIVersions) steps { return steps{p.Unknown, p.Read} },
		"api-version/garbage":        func(p *scenarios.APIVersions) steps { return steps{p.Garbage, p.Read} },
		"api-version/create-missing": func(p *scenarios.APIVersions) steps { return steps{p.CreatedMissing, p.Created} },
		"api-version/delete-missing": func(p *scenarios.APIVersions) steps { return steps{p.DeletedMissing, p.DeletedAtLast} },
		"api-version/list-missing":   func(p *scenarios.APIVersions) steps { return steps{p.ListedMissing, p.Listed} },
	} {
		rule(s, id, func(c *Check, p *scenarios.APIVersions) {
			c.requireOnlyFlaw(of(p).wrong, of(p).right)
			c.Accepts(of(p).wrong, match.StatusClass())
		})
	}
	for id, step := range map[string]func(p *scenarios.APIVersions) *vault.Exchange{
		"api-version/missing-status": func(p *scenarios.APIVersions) *vault.Exchange { return p.Missing },
		"api-version/unknown-status": func(p *scenarios.APIVersions) *vault.Exchange { return p.Unknown },
	} {
		rule(s, id, func(c *Check, p *scenarios.APIVersions) {
			c.requireOnlyFlaw(step(p), p.Read)
			c.Accepts(step(p), match.Status())
		})
	}
	rule(s, "api-version/unknown-code", func(c *Check, p *scenarios.APIVersions) {
		c.requireOnlyFlaw(p.Unknown, p.Read)
		c.requireRefused(p.Unknown)
		c.Accepts(p.Unknown, match.ErrorCode())
	})
}

func versionNothingDone(s *Suite) {
	rule(s, "api-version/create-nothing-made", func(c *Check, p *scenarios.APIVersions) {
		c.requireRefused(p.CreatedMissing)
		if c.Got(p.ReadAfterCreation); !p.ReadAfterCreation.Succeeded() {
			c.requireSuccess(p.CreatedAtLast)
		}
		c.Accepts(p.ReadAfterCreation, match.StatusClass())
	})
	rule(s, "api-version/delete-nothing-deleted", func(c *Check, p *scenarios.APIVersions) {
		versioned(c, p)
		c.requireRefused(p.DeletedMissing)
		nothingDeleted(c, p.Read, p.DeletedMissing, p.ReadAfterDeletion)
	})
}

func versionFollowed(s *Suite) {
	rule(s, "api-version/location", func(c *Check, p *scenarios.APIVersions) {
		c.requireAccepted(p.Created)
		c.Expect(p.Created, match.LocationQuery("api-version", apiVersionOf(p.Created)))
		c.Accepts(p.Followed, match.Status())
		c.expectSameRequest(p.Created, p.Followed)
	})
	rule(s, "api-version/target", func(c *Check, p *scenarios.APIVersionOfTarget) {
		c.requireCompleted(p.Created, p.Polls)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed, match.VersionID(c.Facts.IDBase, match.Name(p.Created)))
	})
}
