package scenarios

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios/members"
)

// addTabled adds the rules that the table of members has for the scenario.
func (s *Scenario) addTabled() error {
	table, err := members.Table()
	if err != nil {
		return fmt.Errorf("reading the table of members: %w", err)
	}
	for _, request := range table {
		for _, member := range request.Rows() {
			for _, place := range member.Shows {
				if place.Elsewhere || !strings.HasPrefix(place.Rule, s.ID+"/") {
					continue
				}
				s.Rules = append(s.Rules, tabledRule(request, member, place))
			}
		}
	}
	return nil
}

func tabledRule(request members.Request, member members.Member, place members.Place) Rule {
	rule := Rule{
		ID: place.Rule, Level: Level(place.Level), Statement: place.Statement, Covers: place.Covers, After: place.After,
		Feature: member.Feature, Since: member.Since, Needs: "a request with " + member.Called + " that was accepted",
	}
	if place.At == members.AtAccepted {
		rule.Accepts, rule.Needs = accepted(place), "a simpler request that was accepted"
	}
	if place.At == members.AtRejected || place.At == members.AtCode {
		rule.Accepts, rule.Needs = rejected(place), "a request without the illegal value that was accepted"
	}
	if place.At == members.AtPolicy {
		rule.Feature = "policy"
	}
	if place.At == members.AtCertificate || place.At == members.AtBundle && request.Schema == "create-request" {
		rule.Feature = "self-signed"
	}
	for _, source := range place.Sources {
		rule.Sources = append(rule.Sources, Source{Key: source.Key, Reasoning: source.Reasoning})
	}
	return rule
}

// accepted is what a rule about a legal value accepts, on the side that its sources are of.
func accepted(place members.Place) Accepts {
	sides := sidesOf(place, "2xx")
	if sides.Documented != nil {
		return Accepts{Documented: sides.Documented}
	}
	return sides
}

// rejected is what a rule about an illegal value accepts, on the sides that its sources are of.
func rejected(place members.Place) Accepts {
	if place.At == members.AtCode {
		return Accepts{Observed: []string{"BadParameter"}}
	}
	return sidesOf(place, "4xx")
}

// sidesOf lists a response on each side that has a source of its kind.
func sidesOf(place members.Place, response string) Accepts {
	accepts := Accepts{}
	for _, source := range place.Sources {
		switch {
		case source.Reasoning != "":
			accepts.Inferred = []string{response}
		case strings.HasPrefix(source.Key, "rec-"), strings.HasPrefix(source.Key, "issue-"):
			accepts.Observed = []string{response}
		default:
			accepts.Documented = []string{response}
		}
	}
	return accepts
}
