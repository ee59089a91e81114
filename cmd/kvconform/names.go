package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/selection"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/profile"
	"github.com/kvconform/kvconform/refvault/variant"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// matches reports whether an id is named by a pattern: the id itself or a glob in which * stands for anything but a slash.
func matches(pattern, id string) bool {
	matched, err := path.Match(pattern, id)
	return pattern == id || err == nil && matched
}

func isGlob(name string) bool { return strings.ContainsAny(name, "*?[") }

// ruleNames resolves the names of rules as a user gives them: an id, a glob, or the end of one id. A name that is none of
// these is kept, for whoever looks it up to reject with the nearest id.
func ruleNames(catalogue *scenarios.Catalogue, names []string) ([]string, error) {
	return resolve(names, catalogue.RuleIDs(), "rule")
}

// scenarioNames resolves the names of scenarios likewise.
func scenarioNames(catalogue *scenarios.Catalogue, names []string) ([]string, error) {
	var ids []string
	for _, scenario := range catalogue.Scenarios {
		ids = append(ids, scenario.ID)
	}
	return resolve(names, ids, "scenario")
}

func resolve(names, ids []string, what string) ([]string, error) {
	var resolved []string
	for _, name := range names {
		found := []string{name}
		switch {
		case slices.Contains(ids, name):
		case isGlob(name):
			if found = where(ids, func(id string) bool { return matches(name, id) }); len(found) == 0 {
				return nil, &runner.Usage{Message: fmt.Sprintf("no %s matches %q; `kvconform list` lists them", what, name)}
			}
		default:
			ends := where(ids, func(id string) bool { return strings.HasSuffix(id, "/"+name) || strings.HasSuffix(id, "-"+name) })
			if len(ends) > 1 {
				return nil, &runner.Usage{Message: fmt.Sprintf("%q is the end of %d ids, %s among them", name, len(ends), strings.Join(ends[:2], " and "))}
			}
			if len(ends) == 1 {
				found = ends
			}
		}
		for _, id := range found {
			if !slices.Contains(resolved, id) {
				resolved = append(resolved, id)
			}
		}
	}
	return resolved, nil
}

func where(ids []string, keep func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !keep(id) })
}

// rulesNamed lists the rules that any of the names means: a scenario with all its rules, or rules.
func rulesNamed(catalogue *scenarios.Catalogue, names []string) ([]string, error) {
	var rules []string
	for _, name := range names {
		scenarioMatches := where(catalogue.RuleIDs(), func(id string) bool {
			scenario, _, _ := strings.Cut(id, "/")
			return matches(name, scenario)
		})
		if len(scenarioMatches) > 0 {
			rules = append(rules, scenarioMatches...)
			continue
		}
		named, err := ruleNames(catalogue, []string{name})
		if err != nil {
			return nil, err
		}
		for _, id := range named {
			if _, err := selection.RuleNamed(id); err != nil {
				return nil, err
			}
		}
		rules = append(rules, named...)
	}
	return rules, nil
}

// selected resolves the flags --scenario and --rule.
func (f *runFlags) selected() (scenarioIDs, ruleIDs []string, err error) {
	if len(f.scenarios)+len(f.rules) == 0 {
		return nil, nil, nil // the first request does not wait for the catalogue
	}
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, nil, err
	}
	if scenarioIDs, err = scenarioNames(catalogue, f.scenarios); err != nil {
		return nil, nil, err
	}
	ruleIDs, err = ruleNames(catalogue, f.rules)
	return scenarioIDs, ruleIDs, err
}

// complete offers the ids of a list for a flag in the shell; "id<tab>text" is an id with what it means.
func complete(command *cobra.Command, flag string, ids func() []string) {
	if err := command.RegisterFlagCompletionFunc(flag, completions(ids)); err != nil {
		panic(err) // there is no such flag
	}
}

func completions(ids func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return ids(), cobra.ShellCompDirectiveNoFileComp
	}
}

func scenarioIDs() []string {
	return fromCatalogue(func(catalogue *scenarios.Catalogue) (ids []string) {
		for _, scenario := range catalogue.Scenarios {
			ids = append(ids, scenario.ID+"\t"+scenario.Title)
		}
		return ids
	})
}

func ruleIDs() []string {
	return fromCatalogue(func(catalogue *scenarios.Catalogue) (ids []string) {
		for _, id := range catalogue.RuleIDs() {
			rule, _ := catalogue.Rule(id)
			ids = append(ids, id+"\t"+rule.Statement)
		}
		return ids
	})
}

// fromCatalogue reads ids from the catalogue, none where it cannot be loaded: a shell has no use for the error.
func fromCatalogue(ids func(*scenarios.Catalogue) []string) []string {
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil
	}
	return ids(catalogue)
}

func faultIDs() (ids []string) {
	for _, f := range append(fault.All(), fault.Sequences()...) {
		ids = append(ids, f.ID+"\t"+f.Title)
	}
	return ids
}

func profileIDs() (ids []string) {
	for _, p := range profile.All() {
		ids = append(ids, p.ID+"\t"+p.Title)
	}
	return ids
}

func variantIDs() (ids []string) {
	for _, v := range variant.All() {
		ids = append(ids, v.ID+"\t"+v.Title)
	}
	return ids
}

func apiVersions() []string { return append([]string{"all"}, knownVersions()...) }

func oracles() (ids []string) {
	for _, oracle := range scenarios.Oracles() {
		ids = append(ids, string(oracle))
	}
	return ids
}

func manners() []string { return []string{"observed", "documented"} }

func levels() []string {
	return []string{string(scenarios.Must), string(scenarios.Should), string(scenarios.May)}
}
