// Package selection chooses what of the catalogue is judged, and the plays that this needs, by scenario, rule, api-version
// and the features that a target does not claim. It sends nothing and knows no target.
package selection

import (
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// Selection is what of the catalogue is judged, and what has to be played for that.
type Selection struct {
	Specs []specs.Spec
	Plays []scenarios.Play
}

// Options say what to select.
type Options struct {
	// Scenarios and Rules limit the selection to those named; both empty means the whole catalogue.
	Scenarios, Rules []string
	// APIVersion leaves out the rules that hold only before or after it.
	APIVersion string
	// Without names the features that the target does not claim: plays that serve only their rules are left out.
	Without []string
}

// Choose selects the specs that the options name and that hold at the api-version. A name that the catalogue does not
// know is a mistake in usage.
func Choose(suite *specs.Suite, options Options) (*Selection, error) {
	if err := checkNames(suite.Catalogue, options); err != nil {
		return nil, err
	}
	chosen := &Selection{}
	for _, spec := range suite.Specs() {
		rule, _ := suite.Catalogue.Rule(spec.Rule)
		if options.Names(spec.Rule) && ruleset.HoldsAt(rule, options.APIVersion) {
			chosen.Specs = append(chosen.Specs, spec)
		}
	}
	chosen.Plays = playsFor(chosen.Specs, suite.Catalogue, options.Without)
	return chosen, nil
}

// Names reports whether the options name a rule; options that name nothing name all.
func (o Options) Names(rule string) bool {
	scenario, _, _ := strings.Cut(rule, "/")
	return len(o.Scenarios)+len(o.Rules) == 0 || slices.Contains(o.Scenarios, scenario) || slices.Contains(o.Rules, rule)
}

func checkNames(catalogue *scenarios.Catalogue, options Options) error {
	for _, id := range options.Scenarios {
		if _, ok := catalogue.Scenario(id); !ok {
			return input.Usagef("there is no scenario %q%s", id, input.Suggest(id, scenarioNames(catalogue)))
		}
	}
	for _, id := range options.Rules {
		if _, ok := catalogue.Rule(id); !ok {
			return input.Usagef("there is no rule %q%s", id, input.Suggest(id, catalogue.RuleIDs()))
		}
	}
	for _, feature := range options.Without {
		if !slices.Contains(scenarios.Features(), feature) {
			return input.Usagef("there is no feature %q to be without%s", feature, input.Suggest(feature, scenarios.Features()))
		}
	}
	return nil
}

func scenarioNames(catalogue *scenarios.Catalogue) []string {
	var names []string
	for _, scenario := range catalogue.Scenarios {
		names = append(names, scenario.ID)
	}
	return names
}

// playsFor are the plays that the specs need, in the order of the repertoire. A spec that judges every exchange needs
// them all. A play that only serves rules which the target does not claim is not played.
func playsFor(chosen []specs.Spec, catalogue *scenarios.Catalogue, without []string) []scenarios.Play {
	needed, unclaimed := map[string]bool{}, map[string]bool{}
	all := false
	for _, spec := range chosen {
		rule, _ := catalogue.Rule(spec.Rule)
		switch {
		case slices.Contains(without, rule.Feature):
			unclaimed[spec.Play] = true
		case spec.Play == "":
			all = true
		default:
			needed[spec.Play] = true
		}
	}
	var played []scenarios.Play
	for _, play := range scenarios.Plays() {
		if needed[play.Name] || all && !unclaimed[play.Name] {
			played = append(played, play)
		}
	}
	return WithForms(played, without)
}

// WithForms puts the plays that find out the forms of a request before plays that may need to know them.
func WithForms(played []scenarios.Play, without []string) []scenarios.Play {
	if len(played) == 0 {
		return nil
	}
	var all []scenarios.Play
	for _, play := range scenarios.Plays() {
		unclaimed := play.Scenario == "import-certificate" && slices.Contains(without, "import")
		if scenarios.FindsForms(play) && !unclaimed {
			all = append(all, play)
		}
	}
	for _, play := range played {
		if !scenarios.FindsForms(play) {
			all = append(all, play)
		}
	}
	return all
}

// RuleNamed finds a rule of the catalogue; a name that it does not know is a mistake in usage.
func RuleNamed(id string) (*scenarios.Rule, error) {
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, err
	}
	if err := checkNames(catalogue, Options{Rules: []string{id}}); err != nil {
		return nil, err
	}
	rule, _ := catalogue.Rule(id)
	return rule, nil
}
