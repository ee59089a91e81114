package runner

import (
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// selection is what of the catalogue a run judges, and what it has to play for that.
type selection struct {
	specs  []specs.Spec
	pieces []scenarios.Play
}

// choose selects the specs of the scenarios and rules named, all where none is, that hold at the api-version. A name
// that the catalogue does not know is a mistake in usage.
func choose(book *specs.Suite, scenarioIDs, ruleIDs []string, t Target) (*selection, error) {
	if err := checkNames(book.Catalogue, scenarioIDs, ruleIDs, t.Without); err != nil {
		return nil, err
	}
	chosen := &selection{}
	for _, spec := range book.Specs() {
		rule, _ := book.Catalogue.Rule(spec.Rule)
		if !named(spec.Rule, scenarioIDs, ruleIDs) || !holdsAt(rule, t.APIVersion) {
			continue
		}
		chosen.specs = append(chosen.specs, spec)
	}
	chosen.pieces = pieces(chosen.specs, book.Catalogue, t.Without)
	return chosen, nil
}

// named tells whether a selection names a rule; one that names nothing names all.
func named(rule string, scenarioIDs, ruleIDs []string) bool {
	scenario, _, _ := strings.Cut(rule, "/")
	return len(scenarioIDs)+len(ruleIDs) == 0 || slices.Contains(scenarioIDs, scenario) || slices.Contains(ruleIDs, rule)
}

func checkNames(catalogue *scenarios.Catalogue, scenarioIDs, ruleIDs, without []string) error {
	for _, id := range scenarioIDs {
		if _, ok := catalogue.Scenario(id); !ok {
			return usage("there is no scenario %q%s", id, input.Suggest(id, scenarioNames(catalogue)))
		}
	}
	for _, id := range ruleIDs {
		if _, ok := catalogue.Rule(id); !ok {
			return usage("there is no rule %q%s", id, input.Suggest(id, catalogue.RuleIDs()))
		}
	}
	for _, feature := range without {
		if !slices.Contains(scenarios.Features(), feature) {
			return usage("there is no feature %q to be without%s", feature, input.Suggest(feature, scenarios.Features()))
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

func holdsAt(rule *scenarios.Rule, version string) bool {
	if rule.Since == "" {
		return true
	}
	order, err := schemas.Compare(version, rule.Since)
	return err == nil && order >= 0
}

// pieces are the plays that the specs need, in the order of the repertoire. A spec that judges every exchange needs
// them all. A play that only serves rules which the target does not claim is not played.
func pieces(chosen []specs.Spec, catalogue *scenarios.Catalogue, without []string) []scenarios.Play {
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
	for _, piece := range scenarios.Plays() {
		if needed[piece.Name] || all && !unclaimed[piece.Name] {
			played = append(played, piece)
		}
	}
	return withForms(played, without)
}

// withForms puts the plays that find out the forms of a request before plays that may need to know them.
func withForms(played []scenarios.Play, without []string) []scenarios.Play {
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
	if err := checkNames(catalogue, nil, []string{id}, nil); err != nil {
		return nil, err
	}
	rule, _ := catalogue.Rule(id)
	return rule, nil
}

// Alternatives writes accepted answers as "a, b or c".
func Alternatives(answers []string) string { return specs.Alternatives(answers) }

// RulesAt lists the ids of the rules that hold at an api-version.
func RulesAt(catalogue *scenarios.Catalogue, version string) []string {
	return slices.DeleteFunc(catalogue.RuleIDs(), func(id string) bool {
		rule, _ := catalogue.Rule(id)
		return !holdsAt(rule, version)
	})
}
