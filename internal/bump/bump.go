// Package bump says why the reports of two api-versions differ: the rules that hold at only one of them, and the operations,
// parameters and members that came or went between the two.
package bump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// mostNamed is how many things one reason names; the others it counts.
const mostNamed = 12

// Reasons lists them, each in a line: the members first, then the rules. Two api-versions with the same API have none.
func Reasons(before, after string) ([]string, error) {
	old, err := schemas.LoadVersion(before)
	if err != nil {
		return nil, err
	}
	now, err := schemas.LoadVersion(after)
	if err != nil {
		return nil, err
	}
	differences, err := schemas.Differences(old.Given(), now.Given())
	if err != nil {
		return nil, err
	}
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, err
	}
	return append(ofAPI(differences, before, after), ofRules(catalogue, before, after)...), nil
}

// ofAPI names what the API adds and removes.
func ofAPI(differences []schemas.Difference, before, after string) []string {
	var reasons []string
	for _, change := range []struct{ kind, says string }{
		{schemas.Added, "the API at %s has, and at %s has not: "}, {schemas.Removed, "the API at %s has no longer, and at %s has: "},
		{schemas.Changed, "the API at %s has otherwise than at %s: "},
	} {
		var names []string
		for _, difference := range differences {
			if difference.Change == change.kind {
				names = append(names, difference.What+" "+difference.Name)
			}
		}
		if len(names) > 0 {
			reasons = append(reasons, fmt.Sprintf(change.says, after, before)+named(names))
		}
	}
	return reasons
}

// ofRules names the rules that hold at only one of the two, by the api-version at which they begin or end.
func ofRules(catalogue *scenarios.Catalogue, before, after string) []string {
	var order []string
	rules := map[string][]string{}
	for _, id := range catalogue.RuleIDs() {
		rule, _ := catalogue.Rule(id)
		at, then := ruleset.HoldsAt(rule, before), ruleset.HoldsAt(rule, after)
		if at == then {
			continue
		}
		older := before
		if order, err := schemas.Compare(before, after); err == nil && order > 0 {
			older = after
		}
		says := "hold until " + rule.Until
		if !ruleset.HoldsAt(rule, older) {
			says = "hold since " + rule.Since
		}
		if !slices.Contains(order, says) {
			order = append(order, says)
		}
		rules[says] = append(rules[says], id)
	}
	var reasons []string
	for _, says := range order {
		count := "1 rule holds"
		if n := len(rules[says]); n > 1 {
			count = fmt.Sprintf("%d rules hold", n)
		}
		reasons = append(reasons, count+strings.TrimPrefix(says, "hold")+": "+named(rules[says]))
	}
	return reasons
}

func named(names []string) string {
	if len(names) > mostNamed {
		names = append(slices.Clone(names[:mostNamed]), fmt.Sprintf("and %d more", len(names)-mostNamed))
	}
	return strings.Join(names, ", ")
}
