package specs

import (
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// claims marks a rule that could not be judged, or that a consequence of a request breaks, if that request was not sent
// because the target does not claim what it needs.
func (c *Check) claims(spec Spec, performances Performances) {
	if len(c.Facts.Without) == 0 || c.finding.Kind == Held || c.finding.Panicked {
		return
	}
	if spec.Play == "" {
		unclaimed := excusing(c.Facts.Without)
		if c.finding.Kind == NotReached && len(unclaimed) > 0 && anySuccess(performances.All(c.ctx)) {
			c.finding.Unclaimed = "the target does not claim " + strings.Join(unclaimed, ", ")
		}
		return
	}
	if c.performance == nil {
		return
	}
	for _, step := range c.performance.Steps() {
		unsent := step.Exchange
		if unsent.Failure == nil || unsent.Failure.Kind != vault.NotClaimed {
			continue
		}
		if c.finding.Kind != Broken || follows(c.finding.Exchange, unsent) {
			c.finding.Unclaimed = unsent.Failure.Message
			return
		}
	}
}

// excusing are the features whose absence can keep a rule about every response from being judged. The contacts, and the keys and
// secrets, are not among them: a rule that needs their responses names the feature, and no other rule gets anything from them.
func excusing(without []string) []string {
	return slices.DeleteFunc(slices.Clone(without), func(feature string) bool { return feature == "contacts" || feature == "companions" })
}

// follows reports whether an exchange is about the same certificate as one that was not sent, and later.
func follows(e, unsent *vault.Exchange) bool {
	return e != nil && !e.Started.Before(unsent.Started) && strings.EqualFold(match.Name(e), match.Name(unsent))
}

func anySuccess(performances []*scenarios.Performance) bool {
	for _, performance := range performances {
		for _, step := range performance.Steps() {
			if step.Exchange.Succeeded() {
				return true
			}
		}
	}
	return false
}
