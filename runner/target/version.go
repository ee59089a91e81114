package target

import (
	"regexp"
	"slices"
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
	if err := t.checkLike(); err != nil {
		return nil, t.Located(err)
	}
	seen := map[string]bool{}
	for _, version := range t.APIVersion {
		if err := t.checkVersion(version); err != nil {
			return nil, t.Located(err)
		}
		if seen[version] {
			return nil, t.Located(input.Wrong("/apiVersion", "the api-version %q is given twice; give each once", version))
		}
		seen[version] = true
	}
	return t.APIVersion, nil
}

// checkLike rejects an api-version to be like that is itself unknown, and one that no api-version needs.
func (t Target) checkLike() error {
	switch {
	case t.Like == "":
		return nil
	case !schemas.Known(t.Like):
		return input.WrongAbout("/like", "--like", "the api-version %q is unknown; it is one of %s", t.Like, knownVersions())
	case !slices.ContainsFunc(t.APIVersion, func(version string) bool { return !schemas.Known(version) }):
		return input.WrongAbout("/like", "--like", "it is for an api-version that kvconform does not know, and %s is known; leave it out",
			strings.Join(t.APIVersion, ", "))
	}
	return nil
}

// unknownForm is what an api-version that kvconform does not know may look like: it becomes a part of file names.
var unknownForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$`)

// checkVersion rejects an api-version that is unknown, unless the target says which known one it is like.
func (t Target) checkVersion(version string) error {
	switch {
	case schemas.Known(version), t.Like != "" && unknownForm.MatchString(version):
		return nil
	case t.Like != "":
		return input.Wrong("/apiVersion", "the api-version %q is none; it has letters, digits, dots and dashes only, and 64 at most", version)
	}
	return input.Wrong("/apiVersion", "the api-version %q is unknown; give --like VERSION to apply the rules of a known one to it: %s",
		version, knownVersions())
}

// LikeFor is the known api-version whose rules and schemas apply to one that kvconform does not know; "" for one that it knows.
func (t Target) LikeFor(version string) string {
	if schemas.Known(version) {
		return ""
	}
	return t.Like
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
