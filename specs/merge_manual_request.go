package specs

import (
	"crypto/x509"
	"net/http"

	"github.com/onsi/gomega/types"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func mergeManualRequest(b *Book) {
	rule(b, "merge-manual-request/status", func(c *Case, p *scenarios.MergeManualRequest) {
		c.begun(p.Created)
		c.Accepts(p.Merged, match.Status())
	})
	mergedLocation(b)
	mergedBundle(b)
	mergedPolicy(b)
	mergedAfterwards(b)
	mergesRefused(b)
	mergedOthers(b)
}

// merged needs a manual request whose merge was accepted.
func merged(c *Case, p *scenarios.MergeManualRequest) {
	c.promised(p.Created)
	c.answered(p.Merged, http.StatusCreated)
}

// mergedThat adds a rule about the answer to the merge.
func mergedThat(b *Book, id string, wanted func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher) {
	rule(b, "merge-manual-request/"+id, func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged).To(wanted(c, p))
	})
}

func mergedLocation(b *Book) {
	mergedThat(b, "location", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Location(c.Facts.IDBase, "certificates", match.Name(p.Created))
	})
	mergedThat(b, "location-api-version", func(_ *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.LocationQuery("api-version", apiVersionOf(p.Merged))
	})
	mergedThat(b, "location-no-request-id", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.LocationWithout("request_id")
	})
	rule(b, "merge-manual-request/location-followed", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Followed, match.Status())
		c.Expect(p.Followed).To(match.SameMember(p.Merged, "id"))
	})
}

func mergedBundle(b *Book) {
	mergedThat(b, "id", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.VersionID(c.Facts.IDBase, match.Name(p.Created))
	})
	mergedThat(b, "version", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher { return match.VersionForm() })
	mergedThat(b, "kid", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Beside(c.Facts.IDBase, "kid", "keys", match.Name(p.Created))
	})
	mergedThat(b, "sid", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Beside(c.Facts.IDBase, "sid", "secrets", match.Name(p.Created))
	})
	mergedThat(b, "cer", func(_ *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Carries(mergedLeaf(p.Merged))
	})
	mergedThat(b, "x5t", func(_ *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.ThumbprintOf(mergedLeaf(p.Merged))
	})
	mergedThat(b, "nbf", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Begins(leafOf(c, mergedLeaf(p.Merged)))
	})
	mergedThat(b, "exp", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Ends(leafOf(c, mergedLeaf(p.Merged)))
	})
	mergedThat(b, "enabled", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Equal(true, "attributes", "enabled")
	})
	mergedThat(b, "times", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.TimesInOrder("attributes")
	})
	mergedThat(b, "pending", func(c *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.IDAt(c.Facts.IDBase, []string{"pending", "id"}, "certificates", match.Name(p.Created), "pending")
	})
}

// leafOf is a certificate that a play made; one that cannot be read is a fault of the play.
func leafOf(c *Case, der []byte) *x509.Certificate {
	certificate, err := x509.ParseCertificate(der)
	c.Need(err == nil, "a certificate that the play made")
	return certificate
}

func mergedPolicy(b *Book) {
	rule(b, "merge-manual-request/policy", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged).To(match.IDAt(c.Facts.IDBase, []string{"policy", "id"}, "certificates", match.Name(p.Created), "policy"))
		for _, group := range []string{"key_props", "secret_props", "x509_props", "lifetime_actions", "issuer", "attributes"} {
			c.Expect(p.Merged).To(match.Present("policy", group))
		}
	})
	mergedThat(b, "policy-subject", func(_ *Case, p *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.PolicySubject(requestedSubject(p.Created), "policy")
	})
	for id, read := range map[string]match.Reader{
		"policy-issuer":        match.TextAt("policy", "issuer", "name"),
		"default-content-type": match.TextAt("policy", "secret_props", "contentType"),
		"default-validity":     match.NumberAt("policy", "x509_props", "validity_months"),
	} {
		rule(b, "merge-manual-request/"+id, func(c *Case, p *scenarios.MergeManualRequest) {
			merged(c, p)
			c.Accepts(p.Merged, read)
		})
	}
	rule(b, "merge-manual-request/default-key", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Merged).To(match.Equal("RSA", "policy", "key_props", "kty"))
		c.Expect(p.Merged).To(match.Equal(2048, "policy", "key_props", "key_size"))
	})
	mergedThat(b, "default-reuse-key", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Equal(false, "policy", "key_props", "reuse_key")
	})
	mergedThat(b, "default-ekus", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.Set([]string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}, "policy", "x509_props", "ekus")
	})
	mergedThat(b, "default-lifetime-action", func(*Case, *scenarios.MergeManualRequest) types.GomegaMatcher {
		return match.OneLifetimeAction("EmailContacts", 80, "policy")
	})
	rule(b, "merge-manual-request/policy-attributes", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		for _, there := range []string{"enabled", "created", "updated"} {
			c.Expect(p.Merged).To(match.Present("policy", "attributes", there))
		}
		for _, not := range []string{"nbf", "exp"} {
			c.Expect(p.Merged).To(match.Absent("policy", "attributes", not))
		}
	})
}

func mergedAfterwards(b *Book) {
	rule(b, "merge-manual-request/completed", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Pending, match.State())
	})
	rule(b, "merge-manual-request/completed-request-id", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Pending).To(match.SameMember(p.Created, "request_id"))
	})
	rule(b, "merge-manual-request/completed-target", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Pending).To(match.Link(c.Facts.IDBase, "target", "certificates", match.Name(p.Created)))
	})
	rule(b, "merge-manual-request/current", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Expect(p.Current).To(match.HasStatus(http.StatusOK))
		c.Expect(p.Current).To(match.SameMember(p.Merged, "id"))
		c.Expect(p.Current).To(match.Carries(mergedLeaf(p.Merged)))
	})
	rule(b, "merge-manual-request/readable-version", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Version, match.Status())
		c.Expect(p.Version).To(match.SameMember(p.Merged, "id"))
		c.Expect(p.Version).To(match.Carries(mergedLeaf(p.Merged)))
	})
	rule(b, "merge-manual-request/nothing-pending", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.Accepts(p.Nothing, match.Status())
	})
	rule(b, "merge-manual-request/nothing-pending-code", func(c *Case, p *scenarios.MergeManualRequest) {
		merged(c, p)
		c.refused(p.Nothing)
		c.Accepts(p.Nothing, match.ErrorCode())
	})
}

func mergesRefused(b *Book) {
	for id, step := range map[string]func(p *scenarios.MergeRefused) *vault.Exchange{
		"x5c-missing":         func(p *scenarios.MergeRefused) *vault.Exchange { return p.Missing },
		"x5c-empty":           func(p *scenarios.MergeRefused) *vault.Exchange { return p.Empty },
		"x5c-garbage":         func(p *scenarios.MergeRefused) *vault.Exchange { return p.Garbage },
		"foreign-key-refused": func(p *scenarios.MergeRefused) *vault.Exchange { return p.Foreign },
	} {
		rule(b, "merge-manual-request/"+id, func(c *Case, p *scenarios.MergeRefused) {
			c.begun(p.Created)
			c.alone(step(p), p.Merged, http.StatusCreated)
			c.Accepts(step(p), match.StatusClass())
		})
	}
	rule(b, "merge-manual-request/foreign-key-status", func(c *Case, p *scenarios.MergeRefused) {
		c.begun(p.Created)
		c.alone(p.Foreign, p.Merged, http.StatusCreated)
		c.Accepts(p.Foreign, match.Status())
	})
	rule(b, "merge-manual-request/foreign-key-code", func(c *Case, p *scenarios.MergeRefused) {
		c.begun(p.Created)
		c.alone(p.Foreign, p.Merged, http.StatusCreated)
		c.refused(p.Foreign)
		c.Accepts(p.Foreign, match.ErrorCode())
	})
	rule(b, "merge-manual-request/foreign-key-unchanged", func(c *Case, p *scenarios.MergeRefused) {
		c.begun(p.Created)
		c.refused(p.Foreign)
		c.Accepts(p.AfterForeign, match.State())
		c.Expect(p.AfterForeign).To(match.SameMember(p.Created, "request_id"))
		c.Expect(p.AfterForeign).To(match.SameMember(p.Created, "csr"))
		c.Expect(p.AfterForeign).To(match.Uncancelled())
	})
	rule(b, "merge-manual-request/x5c-refused-unchanged", func(c *Case, p *scenarios.MergeRefused) {
		c.begun(p.Created)
		c.refused(p.Missing)
		c.refused(p.Empty)
		c.refused(p.Garbage)
		c.Accepts(p.AfterRefusals, match.State())
		c.Expect(p.AfterRefusals).To(match.SameMember(p.Created, "request_id"))
		c.Expect(p.AfterRefusals).To(match.Uncancelled())
	})
}

func mergedOthers(b *Book) {
	rule(b, "merge-manual-request/enabled-false", func(c *Case, p *scenarios.MergeWithAttributes) {
		c.begun(p.Created)
		c.answered(p.Merged, http.StatusCreated)
		c.Expect(p.Merged).To(match.Equal(false, "attributes", "enabled"))
	})
	rule(b, "merge-manual-request/tags", func(c *Case, p *scenarios.MergeWithAttributes) {
		c.begun(p.Created)
		c.answered(p.Merged, http.StatusCreated)
		c.Expect(p.Merged).To(match.Tags(askedTags(p.Merged)))
		c.ok(p.Current)
		c.Expect(p.Current).To(match.Tags(askedTags(p.Merged)))
	})
	rule(b, "merge-manual-request/chain-status", func(c *Case, p *scenarios.MergeChain) {
		c.begun(p.Created)
		c.Accepts(p.Merged, match.Status())
	})
	rule(b, "merge-manual-request/chain-cer", func(c *Case, p *scenarios.MergeChain) {
		c.begun(p.Created)
		c.answered(p.Merged, http.StatusCreated)
		c.Expect(p.Merged).To(match.Carries(mergedLeaf(p.Merged)))
		c.Expect(p.Current).To(match.Carries(mergedLeaf(p.Merged)))
	})
	rule(b, "merge-manual-request/future-status", func(c *Case, p *scenarios.MergeFuture) {
		c.begun(p.Created)
		c.Accepts(p.Merged, match.Status())
	})
}
