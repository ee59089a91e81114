// Package ruleset says which rules hold at an api-version, and names the set of them by a digest. "Conformant at 7.4" has
// the same meaning for two reports if the digests of their rule sets are equal: the same rules with the same levels,
// statements and accepted responses. A new rule, or a rule that accepts something else, is another set.
package ruleset

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// Format names the version of a set as it is written to a file and digested.
const Format = "kvconform.ruleset/1"

// A Set is the rules that hold at an api-version, sorted by their ids, with what a verdict depends on.
type Set struct {
	Format     string `json:"format"`
	APIVersion string `json:"apiVersion,omitempty"` // empty for the whole catalogue
	Digest     string `json:"digest"`
	Rules      []Rule `json:"rules"`
}

// A Rule is the part of a rule that a verdict depends on.
type Rule struct {
	ID         string   `json:"id"`
	Level      string   `json:"level"`
	Statement  string   `json:"statement"`
	Documented []string `json:"documented,omitempty"`
	Observed   []string `json:"observed,omitempty"`
	Inferred   []string `json:"inferred,omitempty"`
	Since      string   `json:"since,omitempty"`
	Until      string   `json:"until,omitempty"`
}

// At returns the set of an api-version; "" means every rule of the catalogue.
func At(catalogue *scenarios.Catalogue, apiVersion string) (*Set, error) {
	set := &Set{Format: Format, APIVersion: apiVersion}
	for _, id := range catalogue.RuleIDs() {
		rule, _ := catalogue.Rule(id)
		if apiVersion != "" && !HoldsAt(rule, apiVersion) {
			continue
		}
		set.Rules = append(set.Rules, Rule{
			ID: rule.ID, Level: string(rule.Level), Statement: rule.Statement, Since: rule.Since, Until: rule.Until,
			Documented: rule.Accepts.Documented, Observed: rule.Accepts.Observed, Inferred: rule.Accepts.Inferred,
		})
	}
	slices.SortFunc(set.Rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	var err error
	set.Digest, err = set.digest()
	return set, err
}

// Digest returns the digest of a set, such as "sha256:0f…".
func Digest(catalogue *scenarios.Catalogue, apiVersion string) (string, error) {
	set, err := At(catalogue, apiVersion)
	if err != nil {
		return "", err
	}
	return set.Digest, nil
}

// digest is over the rules alone: two api-versions with the same rules have one digest.
func (s *Set) digest() (string, error) {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(s.Format); err != nil {
		return "", fmt.Errorf("digest the rules: %w", err)
	}
	for _, rule := range s.Rules {
		if err := json.NewEncoder(hash).Encode(rule); err != nil {
			return "", fmt.Errorf("digest the rules: %w", err)
		}
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), nil
}

// HoldsAt reports whether a rule holds at a known api-version.
func HoldsAt(rule *scenarios.Rule, version string) bool {
	from, err := schemas.Compare(version, cmp.Or(rule.Since, version))
	if err != nil || from < 0 {
		return false
	}
	to, err := schemas.Compare(version, cmp.Or(rule.Until, version))
	return err == nil && to <= 0
}

// IDs lists the ids of the rules that hold at an api-version, in the order of the catalogue.
func IDs(catalogue *scenarios.Catalogue, version string) []string {
	return slices.DeleteFunc(catalogue.RuleIDs(), func(id string) bool {
		rule, _ := catalogue.Rule(id)
		return !HoldsAt(rule, version)
	})
}
