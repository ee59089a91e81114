package specs

// The kinds of rules that several scenarios have: each scenario's file names its ids and its steps.

import (
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// unknownRefused adds the rules that a request for a thing that does not exist is rejected, and by which code; the same
// request for one that does is beside it.
func unknownRefused[P any](s *Suite, status, code string, of func(p *P) (unknown, known *vault.Exchange)) {
	rule(s, status, func(c *Check, p *P) {
		c.requireOnlyFlaw(of(p))
		c.Accepts(first(of(p)), match.Status())
	})
	rule(s, code, func(c *Check, p *P) {
		c.requireOnlyFlaw(of(p))
		c.requireStatus(first(of(p)), http.StatusNotFound)
		c.Accepts(first(of(p)), match.ErrorCode())
	})
}

func first(e, _ *vault.Exchange) *vault.Exchange { return e }

// cameBack is a certificate with two versions before it was gone, and after it came back.
type cameBack struct {
	current, first, policy             *vault.Exchange
	afterCurrent, afterFirst, afterPol *vault.Exchange
	versions                           []*vault.Exchange
}

// pairs are the reads of each version before and after.
func (b cameBack) pairs() []struct{ before, after *vault.Exchange } {
	return []struct{ before, after *vault.Exchange }{{b.current, b.afterCurrent}, {b.first, b.afterFirst}}
}

func (b cameBack) whole(c *Check) {
	c.requireBody(b.first)
	c.Expect(b.afterFirst, match.HasStatus(http.StatusOK))
	for _, member := range []string{"id", "cer"} {
		c.Expect(b.afterFirst, match.SameMember(b.first, member))
	}
	c.expectListed(b.versions, b.first.Text("id"), b.current.Text("id"))
}

func (b cameBack) tags(c *Check) {
	for _, version := range b.pairs() {
		c.requireMember(version.before, "tags")
		c.requireBody(version.after)
		c.Expect(version.after, match.SameMember(version.before, "tags"))
	}
}

func (b cameBack) attributes(c *Check) {
	for _, version := range b.pairs() {
		c.requireMember(version.before, "attributes")
		c.requireBody(version.after)
		for _, member := range []string{"enabled", "nbf", "exp", "created"} {
			c.expectSameMembers(version.before, version.after, []string{"attributes", member})
		}
	}
}

func (b cameBack) samePolicy(c *Check) {
	c.requireBody(b.policy)
	c.Expect(b.afterPol, match.HasStatus(http.StatusOK))
	c.Expect(b.afterPol, match.SamePolicy(b.policy, nil))
}

// comingBack has the ids of the rules about a certificate that came back.
type comingBack struct{ versions, tags, attributes, policy string }

// comesBack adds the rules about a certificate that came back.
func comesBack[P any](s *Suite, ids comingBack, require func(c *Check, p *P) cameBack) {
	for id, judge := range map[string]func(b cameBack, c *Check){
		ids.versions: cameBack.whole, ids.tags: cameBack.tags, ids.attributes: cameBack.attributes, ids.policy: cameBack.samePolicy,
	} {
		rule(s, id, func(c *Check, p *P) { judge(require(c, p), c) })
	}
}
