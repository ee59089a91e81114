package specs

import (
	"crypto/x509"
	"net/http"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func mergeManualRequest(s *Suite) {
	rule(s, "merge-manual-request/status", func(c *Check, p *scenarios.MergeManualRequest) {
		mergeable(c, p.Merged, p.Created, p.Before)
		c.Accepts(p.Merged, match.Status())
	})
	mergedLocation(s)
	mergedBundle(s)
	mergedPolicy(s)
	mergedAfterwards(s)
	mergesRefused(s)
	mergedOthers(s)
	mergedFurther(s)
}

// merged needs a manual request whose merge was accepted.
func merged(c *Check, p *scenarios.MergeManualRequest) {
	c.requireBody(p.Merged)
}

// mergeable needs, for the refusal of a merge to count, a request in progress, as the create or a read shows it, with a
// csr that can be signed. A merge that was accepted has shown that there was something to merge.
func mergeable(c *Check, merged, created, read *vault.Exchange) {
	switch {
	case merged != nil && merged.Succeeded():
	case scenarios.ShowsOperation(created):
		c.requireInProgress(created)
	default:
		c.requireAccepted(created)
		c.requirePending(read)
	}
	c.requireSignable(merged, created, read)
}

// mergedThat adds a rule about the response to the merge.
func mergedThat(s *Suite, id string, wanted func(c *Check, p *scenarios.MergeManualRequest) match.Test) {
	rule(s, id, func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged, wanted(c, p))
	})
}

func mergedLocation(s *Suite) {
	mergedThat(s, "merge-manual-request/location", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.Location(c.Facts.IDBase, "certificates", match.Name(p.Created))
	})
	mergedThat(s, "merge-manual-request/location-api-version", func(_ *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.LocationQuery("api-version", apiVersionOf(p.Merged))
	})
	mergedThat(s, "merge-manual-request/location-no-request-id", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		c.requireOf(p.Merged, func(e *vault.Exchange) bool { return e.Response.Header.Get("Location") != "" }, "a Location")
		return match.LocationWithout("request_id")
	})
	rule(s, "merge-manual-request/location-followed", func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed, match.SameMember(p.Merged, "id"))
	})
}

func mergedBundle(s *Suite) {
	mergedThat(s, "merge-manual-request/id", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.VersionID(c.Facts.IDBase, match.Name(p.Created))
	})
	mergedThat(s, "merge-manual-request/version", func(*Check, *scenarios.MergeManualRequest) match.Test { return match.VersionForm() })
	mergedThat(s, "merge-manual-request/kid", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.VersionOf(c.Facts.IDBase, "kid", "keys", match.Name(p.Created))
	})
	mergedThat(s, "merge-manual-request/sid", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.VersionOf(c.Facts.IDBase, "sid", "secrets", match.Name(p.Created))
	})
	mergedThat(s, "merge-manual-request/cer", func(_ *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.Carries(mergedLeaf(p.Merged))
	})
	mergedThat(s, "merge-manual-request/x5t", func(_ *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.ThumbprintOf(mergedLeaf(p.Merged))
	})
	mergedThat(s, "merge-manual-request/nbf", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.Begins(leafOf(c, mergedLeaf(p.Merged)))
	})
	mergedThat(s, "merge-manual-request/exp", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.Ends(leafOf(c, mergedLeaf(p.Merged)))
	})
	mergedThat(s, "merge-manual-request/enabled", func(*Check, *scenarios.MergeManualRequest) match.Test {
		return match.Equal(true, "attributes", "enabled")
	})
	mergedThat(s, "merge-manual-request/times", func(*Check, *scenarios.MergeManualRequest) match.Test {
		return match.TimesInOrder("attributes")
	})
	mergedThat(s, "merge-manual-request/pending", func(c *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.ID(c.Facts.IDBase, "pending.id", "certificates", match.Name(p.Created), "pending")
	})
}

// leafOf is a certificate that a play made; one that cannot be read is a fault of the play.
func leafOf(c *Check, der []byte) *x509.Certificate {
	certificate, err := x509.ParseCertificate(der)
	c.Need(err == nil, "a certificate that the play made")
	return certificate
}

func mergedPolicy(s *Suite) {
	rule(s, "merge-manual-request/policy", func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged, match.ID(c.Facts.IDBase, "policy.id", "certificates", match.Name(p.Created), "policy"))
		for _, group := range []string{"key_props", "secret_props", "x509_props", "issuer", "attributes"} {
			c.Expect(p.Merged, match.Present("policy", group))
		}
	})
	mergedThat(s, "merge-manual-request/policy-subject", func(_ *Check, p *scenarios.MergeManualRequest) match.Test {
		return match.PolicySubject(requestedSubject(p.Created), "policy")
	})
	for id, read := range map[string]match.Reader{
		"merge-manual-request/policy-issuer":        match.IssuerAt("policy", "issuer", "name"),
		"merge-manual-request/default-content-type": match.TextAt("policy", "secret_props", "contentType"),
		"merge-manual-request/default-validity":     match.NumberAt("policy", "x509_props", "validity_months"),
	} {
		rule(s, id, func(c *Check, p *scenarios.MergeManualRequest) {
			merged(c, p)
			c.Accepts(p.Merged, read)
		})
	}
	rule(s, "merge-manual-request/default-key", func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged, match.Equal("RSA", "policy", "key_props", "kty"))
		c.Expect(p.Merged, match.Equal(2048, "policy", "key_props", "key_size"))
	})
	mergedThat(s, "merge-manual-request/default-reuse-key", func(*Check, *scenarios.MergeManualRequest) match.Test {
		return match.Equal(false, "policy", "key_props", "reuse_key")
	})
	mergedThat(s, "merge-manual-request/default-ekus", func(*Check, *scenarios.MergeManualRequest) match.Test {
		return match.Set([]string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}, "policy", "x509_props", "ekus")
	})
	mergedThat(s, "merge-manual-request/default-lifetime-action", func(*Check, *scenarios.MergeManualRequest) match.Test {
		return match.OneLifetimeAction("EmailContacts", 80, "policy")
	})
	rule(s, "merge-manual-request/policy-attributes", func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		for _, there := range []string{"enabled", "created", "updated"} {
			c.Expect(p.Merged, match.Present("policy", "attributes", there))
		}
		for _, not := range []string{"nbf", "exp"} {
			c.Expect(p.Merged, match.Absent("policy", "attributes", not))
		}
	})
}

func mergedAfterwards(s *Suite) {
	rule(s, "merge-manual-request/completed", func(c *Check, p *scenarios.MergeManualRequest) {
		c.requireSuccess(p.Merged)
		c.Accepts(p.Pending, match.State())
	})
	for id, member := range map[string][]string{
		"merge-manual-request/completed-request-id": {"request_id"},
		"merge-manual-request/completed-issuer":     {"issuer", "name"},
		"merge-manual-request/completed-csr":        {"csr"},
	} {
		rule(s, id, func(c *Check, p *scenarios.MergeManualRequest) {
			c.requireSuccess(p.Merged)
			c.requireOperation(p.Pending)
			c.Expect(p.Pending, match.SameMember(showing(p.Created, p.Before), member...))
		})
	}
	rule(s, "merge-manual-request/completed-target", func(c *Check, p *scenarios.MergeManualRequest) {
		c.requireSuccess(p.Merged)
		c.Expect(p.Pending, match.Link(c.Facts.IDBase, "target", "certificates", match.Name(p.Created)))
	})
	rule(s, "merge-manual-request/current", func(c *Check, p *scenarios.MergeManualRequest) {
		c.requireSuccess(p.Merged)
		c.Expect(p.Current, match.HasStatus(http.StatusOK))
		c.Expect(p.Current, match.Carries(mergedLeaf(p.Merged)))
		if p.Merged.Text("id") != "" {
			c.Expect(p.Current, match.SameMember(p.Merged, "id"))
		}
	})
	rule(s, "merge-manual-request/readable-version", func(c *Check, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Version, match.Status())
		c.Expect(p.Version, match.SameMember(p.Merged, "id"))
		c.Expect(p.Version, match.Carries(mergedLeaf(p.Merged)))
	})
	rule(s, "merge-manual-request/nothing-pending", func(c *Check, p *scenarios.MergeManualRequest) {
		c.requireOnlyFlaw(p.Nothing, p.Merged)
		c.Accepts(p.Nothing, match.Status())
	})
	rule(s, "merge-manual-request/nothing-pending-code", func(c *Check, p *scenarios.MergeManualRequest) {
		c.requireOnlyFlaw(p.Nothing, p.Merged)
		c.requireRefused(p.Nothing)
		c.Accepts(p.Nothing, match.ErrorCode())
	})
}

// showing is the first of two responses that shows a certificate operation, the second where neither does.
func showing(first, second *vault.Exchange) *vault.Exchange {
	if first != nil && scenarios.ShowsOperation(first) {
		return first
	}
	return second
}

func mergesRefused(s *Suite) {
	for id, step := range map[string]func(p *scenarios.MergeRefused) *vault.Exchange{
		"merge-manual-request/x5c-missing":         func(p *scenarios.MergeRefused) *vault.Exchange { return p.Missing },
		"merge-manual-request/x5c-empty":           func(p *scenarios.MergeRefused) *vault.Exchange { return p.Empty },
		"merge-manual-request/x5c-garbage":         func(p *scenarios.MergeRefused) *vault.Exchange { return p.Garbage },
		"merge-manual-request/x5c-pem":             func(p *scenarios.MergeRefused) *vault.Exchange { return p.InPEM },
		"merge-manual-request/x5c-garbage-behind":  func(p *scenarios.MergeRefused) *vault.Exchange { return p.GarbageBehind },
		"merge-manual-request/foreign-key-refused": func(p *scenarios.MergeRefused) *vault.Exchange { return p.Foreign },
	} {
		rule(s, id, func(c *Check, p *scenarios.MergeRefused) {
			c.requireOnlyFlaw(step(p), p.Merged)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	for id, step := range map[string]func(p *scenarios.MergeRefused) *vault.Exchange{
		"merge-manual-request/x5c-empty-code":   func(p *scenarios.MergeRefused) *vault.Exchange { return p.Empty },
		"merge-manual-request/x5c-garbage-code": func(p *scenarios.MergeRefused) *vault.Exchange { return p.Garbage },
	} {
		rule(s, id, func(c *Check, p *scenarios.MergeRefused) {
			c.requireOnlyFlaw(step(p), p.Merged)
			c.requireRefused(step(p))
			c.Accepts(step(p), match.ErrorCode())
		})
	}
	rule(s, "merge-manual-request/foreign-key-status", func(c *Check, p *scenarios.MergeRefused) {
		c.requireOnlyFlaw(p.Foreign, p.Merged)
		c.Accepts(p.Foreign, match.Status())
	})
	rule(s, "merge-manual-request/foreign-key-code", func(c *Check, p *scenarios.MergeRefused) {
		c.requireOnlyFlaw(p.Foreign, p.Merged)
		c.requireRefused(p.Foreign)
		c.Accepts(p.Foreign, match.ErrorCode())
	})
	rule(s, "merge-manual-request/foreign-key-unchanged", func(c *Check, p *scenarios.MergeRefused) {
		c.requirePending(p.Before)
		c.requireRefused(p.Foreign)
		c.Accepts(p.AfterForeign, match.State())
		c.expectSameRequest(showing(p.Created, p.Before), p.AfterForeign)
		c.Expect(p.AfterForeign, match.Uncancelled())
	})
	rule(s, "merge-manual-request/x5c-refused-unchanged", func(c *Check, p *scenarios.MergeRefused) {
		c.requirePending(p.Before)
		for _, refused := range []*vault.Exchange{p.Foreign, p.Missing, p.Empty, p.Garbage} {
			c.requireRefused(refused)
		}
		c.Accepts(p.AfterRefusals, match.State())
		c.expectSameRequest(showing(p.Created, p.Before), p.AfterRefusals)
		c.Expect(p.AfterRefusals, match.Uncancelled())
	})
}

func mergedOthers(s *Suite) {
	rule(s, "merge-manual-request/enabled-false", func(c *Check, p *scenarios.MergeWithAttributes) {
		c.requireBody(p.Merged)
		c.Expect(p.Merged, match.Equal(false, "attributes", "enabled"))
	})
	rule(s, "merge-manual-request/tags", func(c *Check, p *scenarios.MergeWithAttributes) {
		c.requireBody(p.Merged)
		c.Expect(p.Merged, match.Tags(askedTags(p.Merged)))
		c.requireBody(p.Current)
		c.Expect(p.Current, match.Tags(askedTags(p.Merged)))
	})
	rule(s, "merge-manual-request/chain-status", func(c *Check, p *scenarios.MergeChain) {
		mergeable(c, p.Merged, p.Created, p.Before)
		c.Accepts(p.Merged, match.Status())
	})
	rule(s, "merge-manual-request/chain-cer", func(c *Check, p *scenarios.MergeChain) {
		c.requireBody(p.Merged)
		c.Expect(p.Merged, match.Carries(mergedLeaf(p.Merged)))
		c.Expect(p.Current, match.Carries(mergedLeaf(p.Merged)))
	})
	rule(s, "merge-manual-request/future-status", func(c *Check, p *scenarios.MergeFuture) {
		mergeable(c, p.Merged, p.Created, p.Before)
		c.Accepts(p.Merged, match.Status())
	})
}
