package specs

import (
	"net/http"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func issueNextVersion(s *Suite) {
	reusedKey(s)
	firstVersion(s)
	selfSigned(s)
	readVersions(s)
	nextVersion(s)
	earlierVersions(s)
	listedVersions(s)
	nextVersionByHand(s)
	patchedPolicy(s)
	updatedCertificate(s)
	deletedName(s)
}

// issued needs a first version that was completed and read.
func issued(c *Check, p *scenarios.FirstVersion) {
	c.requireCompleted(p.Taken(), p.Polls)
	c.requireBody(p.Current)
}

func firstVersion(s *Suite) {
	rule(s, "issue-next-version/policy-required", func(c *Check, p *scenarios.FirstVersion) {
		c.requireOnlyFlaw(p.WithoutPolicy, p.Taken())
		c.Accepts(p.WithoutPolicy, match.StatusClass())
	})
	rule(s, "issue-next-version/first-accepted", func(c *Check, p *scenarios.FirstVersion) {
		c.requireControl(p.Created, p.Taken())
		c.Accepts(p.Created, match.Accepted())
	})
	rule(s, "issue-next-version/first-completes", func(c *Check, p *scenarios.FirstVersion) {
		completes(c, p.Taken(), p.Polls)
	})
	rule(s, "issue-next-version/first-current", func(c *Check, p *scenarios.FirstVersion) {
		c.requireCompleted(p.Taken(), p.Polls)
		c.Accepts(p.Current, match.Status())
		c.Expect(p.Current, match.VersionID(c.Facts.IDBase, match.Name(p.Taken())))
		c.Expect(p.Current, match.CertificateParses())
	})
	rule(s, "issue-next-version/tags", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.requireNeeds(len(askedTags(p.Taken())) > 0)
		c.Expect(p.Current, match.Tags(askedTags(p.Taken())))
	})
	rule(s, "issue-next-version/key-usage-default", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.Expect(p.Policy, match.Set([]string{"digitalSignature", "keyEncipherment"}, "x509_props", "key_usage"))
	})
	rule(s, "issue-next-version/one-policy", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.Expect(p.Policy, match.HasStatus(http.StatusOK))
		c.Expect(p.Policy, match.ID(c.Facts.IDBase, "id", "certificates", match.Name(p.Taken()), "policy"))
		c.Expect(p.Current, match.SamePolicy(p.Policy, nil, "policy"))
	})
	rule(s, "issue-next-version/incomplete-first-version", func(c *Check, p *scenarios.IncompleteFirstVersion) {
		c.requireAccepted(p.Created)
		c.requirePending(p.Pending)
		c.Accepts(p.Current, match.Status())
		c.Expect(p.Current, match.NotIssued())
	})
}

// completes judges that a request, once it has ended, has ended as completed.
func completes(c *Check, created *vault.Exchange, polls []*vault.Exchange) {
	c.requireAccepted(created)
	last := c.Got(scenarios.Last(polls))
	c.Need(!scenarios.InProgress(last), "a request that ends within polling.timeout")
	c.Expect(last, match.HasStatus(http.StatusOK))
	c.Accepts(last, match.State())
}

func selfSigned(s *Suite) {
	says := func(id string, what func(c *Check, p *scenarios.FirstVersion) match.Test) {
		rule(s, id, func(c *Check, p *scenarios.FirstVersion) {
			issued(c, p)
			c.Expect(p.Current, what(c, p))
		})
	}
	says("issue-next-version/self-signed", func(*Check, *scenarios.FirstVersion) match.Test { return match.SelfSigned() })
	says("issue-next-version/self-signed-subject", func(_ *Check, p *scenarios.FirstVersion) match.Test {
		return match.CertificateSubject(requestedSubject(p.Taken()))
	})
	says("issue-next-version/self-signed-names", func(c *Check, p *scenarios.FirstVersion) match.Test {
		asked := askedTexts(p.Taken(), "policy", "x509_props", "sans", "dns_names")
		c.Need(len(asked) > 0, "a policy that asks for names")
		return match.CertificateDNSNames(asked)
	})
	says("issue-next-version/self-signed-usages", func(c *Check, p *scenarios.FirstVersion) match.Test {
		asked := askedTexts(p.Taken(), "policy", "x509_props", "ekus")
		c.Need(len(asked) > 0, "a policy that asks for extended key usages")
		return match.CertificateExtendedKeyUsages(asked)
	})
	says("issue-next-version/self-signed-validity", func(_ *Check, p *scenarios.FirstVersion) match.Test {
		const usual, tolerance = 12, 48 * time.Hour
		months := askedNumber(p.Taken(), "policy", "x509_props", "validity_months")
		if months == 0 {
			months = usual
		}
		return match.ValidFor(months, tolerance)
	})
	says("issue-next-version/self-signed-key", func(c *Check, p *scenarios.FirstVersion) match.Test {
		request, err := match.CSR(p.Taken())
		c.Need(err == nil, "a csr that can be read")
		return match.PublicKeyOf(request)
	})
}

func readVersions(s *Suite) {
	rule(s, "issue-next-version/slash", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.Accepts(p.WithSlash, match.Status())
		c.Expect(p.WithSlash, match.SameMember(p.Current, "id"))
	})
	rule(s, "issue-next-version/version-unknown", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.Accepts(p.UnknownVersion, match.Status())
	})
	rule(s, "issue-next-version/version-unknown-code", func(c *Check, p *scenarios.FirstVersion) {
		issued(c, p)
		c.requireRefused(p.UnknownVersion)
		c.Accepts(p.UnknownVersion, match.ErrorCode())
	})
}

func nextVersion(s *Suite) {
	first := func(c *Check, p *scenarios.NextVersion) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.First)
	}
	accepted := func(c *Check, p *scenarios.NextVersion) {
		first(c, p)
		c.requireSuccess(p.Next())
	}
	rule(s, "issue-next-version/next-without-policy", func(c *Check, p *scenarios.NextVersion) {
		first(c, p)
		c.Accepts(p.CreatedNext, match.Status())
	})
	rule(s, "issue-next-version/next-request-id", func(c *Check, p *scenarios.NextVersion) {
		accepted(c, p)
		c.Expect(p.Next(), match.OtherMember(p.Created, "request_id"))
	})
	rule(s, "issue-next-version/next-stored-policy", func(c *Check, p *scenarios.NextVersion) {
		first(c, p)
		c.requireSuccess(p.CreatedNext)
		if _, err := match.CSR(p.CreatedNext); err == nil {
			c.Expect(p.CreatedNext, match.CSRSubject(requestedSubject(p.Created)))
			return
		}
		// A csr that is missing or cannot be read is a failure of its own rules; the certificate shows the policy as well.
		c.requireCompleted(p.CreatedNext, p.NextPolls)
		c.requireBody(p.Second)
		c.Expect(p.Second, match.CertificateSubject(requestedSubject(p.Created)))
	})
	rule(s, "issue-next-version/next-completes", func(c *Check, p *scenarios.NextVersion) {
		accepted(c, p)
		completes(c, p.Next(), p.NextPolls)
	})
}

func earlierVersions(s *Suite) {
	two := func(c *Check, p *scenarios.NextVersion) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.First)
		c.requireCompleted(p.Next(), p.NextPolls)
		c.requireBody(p.Second)
	}
	rule(s, "issue-next-version/next-current", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		c.Expect(p.Second, match.OtherMember(p.First, "id"))
		c.Expect(p.Second, match.OtherMember(p.First, "cer"))
	})
	rule(s, "issue-next-version/next-key", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		c.Expect(p.Second, match.OtherKey(p.First))
	})
	rule(s, "issue-next-version/earlier-readable", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		c.Accepts(p.Earlier, match.Status())
		c.Expect(p.Earlier, match.SameMember(p.First, "id"))
		c.Expect(p.Earlier, match.SameMember(p.First, "cer"))
	})
	rule(s, "issue-next-version/versions-listed", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		c.Got(scenarios.Last(p.Versions))
		for _, version := range []*vault.Exchange{p.First, p.Second} {
			if id := version.Text("id"); !listedIn(p.Versions, id) {
				c.Fail(scenarios.Last(p.Versions), "a list of versions with "+id, "a list of "+strings.Join(itemIDs(p.Versions), ", "))
			}
		}
	})
}

func listedVersions(s *Suite) {
	two := func(c *Check, p *scenarios.NextVersion) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireCompleted(p.Next(), p.NextPolls)
		c.requireSuccess(scenarios.Last(p.Versions))
	}
	rule(s, "issue-next-version/versions-once", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		seen := map[string]bool{}
		for _, id := range itemIDs(p.Versions) {
			if seen[strings.ToLower(id)] {
				c.Fail(scenarios.Last(p.Versions), "a list of versions with each once", id+" twice")
			}
			seen[strings.ToLower(id)] = true
		}
		c.Need(len(seen) > 0, "a list that is not empty")
	})
	rule(s, "issue-next-version/versions-thumbprints", func(c *Check, p *scenarios.NextVersion) {
		two(c, p)
		for _, version := range []*vault.Exchange{p.First, p.Second} {
			c.requireBody(version)
			c.requireNeeds(listedIn(p.Versions, version.Text("id")) && version.Text("x5t") != "")
			if got := listedThumbprint(p.Versions, version.Text("id")); got != version.Text("x5t") {
				c.Fail(scenarios.Last(p.Versions), "x5t "+version.Text("x5t")+" of "+version.Text("id"), "x5t "+got)
			}
		}
	})
}

func nextVersionByHand(s *Suite) {
	first := func(c *Check, p *scenarios.NextVersionByHand) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Before)
	}
	accepted := func(c *Check, p *scenarios.NextVersionByHand) {
		first(c, p)
		c.requireSuccess(p.CreatedNext)
	}
	underWay := func(c *Check, p *scenarios.NextVersionByHand) {
		accepted(c, p)
		c.requirePending(p.Pending)
	}
	rule(s, "issue-next-version/replace-policy-status", func(c *Check, p *scenarios.NextVersionByHand) {
		first(c, p)
		c.Accepts(p.CreatedNext, match.Status())
	})
	rule(s, "issue-next-version/replace-policy", func(c *Check, p *scenarios.NextVersionByHand) {
		accepted(c, p)
		subject := match.PolicySubject(requestedSubject(p.CreatedNext))
		shown := p.Policy
		// No source says when the policy is replaced: with the create, or when the version is merged.
		if c.Got(shown); subject(shown) != nil && p.Merged.Succeeded() && p.PolicyAfter != nil {
			shown = p.PolicyAfter
		}
		c.Expect(shown, match.HasStatus(http.StatusOK))
		c.Expect(shown, subject)
		c.Expect(shown, match.IssuerName(scenarios.Unknown))
	})
	rule(s, "issue-next-version/replace-policy-csr", func(c *Check, p *scenarios.NextVersionByHand) {
		accepted(c, p)
		c.Expect(p.CreatedNext, match.CSRSubject(requestedSubject(p.CreatedNext)))
	})
	for id, member := range map[string]string{
		"issue-next-version/current-kept":             "id",
		"issue-next-version/current-kept-certificate": "cer",
	} {
		rule(s, id, func(c *Check, p *scenarios.NextVersionByHand) {
			underWay(c, p)
			c.Expect(p.During, match.HasStatus(http.StatusOK))
			c.Expect(p.During, match.SameMember(p.Before, member))
		})
	}
	rule(s, "issue-next-version/merged-current", func(c *Check, p *scenarios.NextVersionByHand) {
		underWay(c, p)
		c.requireBody(p.Merged)
		c.Expect(p.After, match.HasStatus(http.StatusOK))
		c.Expect(p.After, match.SameMember(p.Merged, "id"))
		c.Expect(p.After, match.OtherMember(p.Before, "id"))
		c.Expect(p.After, match.Carries(mergedLeaf(p.Merged)))
	})
	rule(s, "issue-next-version/merged-earlier", func(c *Check, p *scenarios.NextVersionByHand) {
		underWay(c, p)
		c.requireSuccess(p.Merged)
		c.Accepts(p.Earlier, match.Status())
		c.Expect(p.Earlier, match.SameMember(p.Before, "id"))
		c.Expect(p.Earlier, match.SameMember(p.Before, "cer"))
	})
}

func patchedPolicy(s *Suite) {
	changeable := func(c *Check, p *scenarios.ChangedCertificate) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Current)
	}
	patched := func(c *Check, p *scenarios.ChangedCertificate) {
		changeable(c, p)
		c.requireBody(p.PolicyPatched)
	}
	rule(s, "issue-next-version/policy-patch-status", func(c *Check, p *scenarios.ChangedCertificate) {
		changeable(c, p)
		c.Accepts(p.PolicyPatched, match.Status())
	})
	rule(s, "issue-next-version/policy-patch-sets", func(c *Check, p *scenarios.ChangedCertificate) {
		patched(c, p)
		size := askedNumber(p.PolicyPatched, "key_props", "key_size")
		c.Expect(p.PolicyPatched, match.Equal(size, "key_props", "key_size"))
		c.Expect(p.PolicyAfter, match.Equal(size, "key_props", "key_size"))
	})
	rule(s, "issue-next-version/policy-patch-keeps", func(c *Check, p *scenarios.ChangedCertificate) {
		patched(c, p)
		c.requireBody(p.Policy)
		kept := 0
		for _, group := range []string{"x509_props", "issuer", "secret_props", "lifetime_actions"} {
			if p.Policy.Member(group) != nil { // one that was not there has nothing to keep
				c.Expect(p.PolicyAfter, match.SameGroup(p.Policy, group))
				kept++
			}
		}
		c.requireOf(p.Policy, func(*vault.Exchange) bool { return kept > 0 }, "a group that the PATCH does not send")
	})
	rule(s, "issue-next-version/policy-patch-later-only", func(c *Check, p *scenarios.ChangedCertificate) {
		patched(c, p)
		c.Expect(p.AfterPatch, match.HasStatus(http.StatusOK))
		c.Expect(p.AfterPatch, match.SameMember(p.Current, "id"))
		c.Expect(p.AfterPatch, match.SameMember(p.Current, "cer"))
		c.expectSameMembers(p.Current, p.AfterPatch, []string{"tags"}, []string{"attributes", "enabled"})
	})
}

func updatedCertificate(s *Suite) {
	current := func(c *Check, p *scenarios.ChangedCertificate) {
		c.requireCompleted(p.Created, p.Polls)
		c.requireBody(p.Current)
	}
	updated := func(c *Check, p *scenarios.ChangedCertificate) {
		current(c, p)
		c.requireBody(p.Update())
	}
	for id, step := range map[string]func(p *scenarios.ChangedCertificate) *vault.Exchange{
		"issue-next-version/update-version": func(p *scenarios.ChangedCertificate) *vault.Exchange { return p.UpdatedVersion },
		"issue-next-version/update-slash":   func(p *scenarios.ChangedCertificate) *vault.Exchange { return p.UpdatedSlash },
		"issue-next-version/update-bare":    func(p *scenarios.ChangedCertificate) *vault.Exchange { return p.Updated },
	} {
		rule(s, id, func(c *Check, p *scenarios.ChangedCertificate) {
			current(c, p)
			c.Accepts(step(p), match.Status())
			c.Expect(step(p), match.SameMember(p.Current, "id"))
		})
	}
	rule(s, "issue-next-version/update-enabled", func(c *Check, p *scenarios.ChangedCertificate) {
		updated(c, p)
		c.Expect(p.Update(), match.Equal(false, "attributes", "enabled"))
	})
	rule(s, "issue-next-version/update-tags", func(c *Check, p *scenarios.ChangedCertificate) {
		updated(c, p)
		c.Expect(p.Update(), match.Tags(askedTags(p.Update())))
	})
	rule(s, "issue-next-version/update-tags-kept", func(c *Check, p *scenarios.ChangedCertificate) {
		updated(c, p)
		c.requireBody(p.AfterUpdate)
		c.Expect(p.AfterUpdate, match.Tags(askedTags(p.Update())))
	})
	rule(s, "issue-next-version/update-kept", func(c *Check, p *scenarios.ChangedCertificate) {
		updated(c, p)
		c.requireBody(p.AfterUpdate)
		c.Expect(p.AfterUpdate, match.Equal(false, "attributes", "enabled"))
		c.Expect(p.AfterUpdate, match.SameMember(p.Current, "id"))
		c.Expect(p.AfterUpdate, match.SameMember(p.Current, "cer"))
	})
	rule(s, "issue-next-version/disabled-readable", func(c *Check, p *scenarios.ChangedCertificate) {
		updated(c, p)
		c.Accepts(p.Version, match.Status())
	})
}
