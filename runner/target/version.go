package target

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/schemas"
)

// Versions are the api-versions that a target is tested at. A target file may give one alone instead of a list.
type Versions []string

// allVersions stands for every api-version that is released.
const allVersions = "all"

// UnmarshalYAML reads a list, or one api-version alone.
func (v *Versions) UnmarshalYAML(node ast.Node) error {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		one, _ := input.Text(node)
		*v = VersionsIn(one)
		return nil
	}
	*v = nil
	for _, item := range list.Values {
		one, _ := input.Text(item)
		*v = append(*v, one)
	}
	return nil
}

// VersionsIn reads api-versions with commas between them, as a flag gives them.
func VersionsIn(text string) Versions {
	versions := strings.Split(text, ",")
	for i, version := range versions {
		versions[i] = strings.TrimSpace(version)
	}
	return versions
}

// APIVersions lists the api-versions that the target is to be tested at, in the order given; the default where none is
// given, and every released one for "all". An unknown one is a mistake in usage.
func (t Target) APIVersions() ([]string, error) {
	if len(t.APIVersion) == 0 || len(t.APIVersion) == 1 && t.APIVersion[0] == "" {
		return []string{string(schemas.Default())}, nil
	}
	if len(t.APIVersion) == 1 && t.APIVersion[0] == allVersions {
		var stable []string
		for _, version := range schemas.Versions() {
			if version.Stable() {
				stable = append(stable, string(version))
			}
		}
		return stable, nil
	}
	seen := map[string]bool{}
	for _, version := range t.APIVersion {
		if !schemas.Known(version) {
			return nil, t.Located(input.Wrong("/apiVersion", "the api-version %q is unknown; it is one of %s", version, knownVersions()))
		}
		if seen[version] {
			return nil, t.Located(input.Wrong("/apiVersion", "the api-version %q is given twice; give each once", version))
		}
		seen[version] = true
	}
	return t.APIVersion, nil
}

// OneVersion is the api-version of a single run.
func (t Target) OneVersion() (string, error) {
	versions, err := t.APIVersions()
	if err != nil {
		return "", err
	}
	if len(versions) > 1 {
		return "", t.Located(input.Wrong("/apiVersion", "the target names %d api-versions and this run is of one; choose one with --api-version", len(versions)))
	}
	return versions[0], nil
}

func knownVersions() string {
	var names []string
	for _, version := range schemas.Versions() {
		names = append(names, string(version))
	}
	return strings.Join(names, ", ")
}
