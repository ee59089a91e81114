package match

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Version is the version in the id of a bundle; the error says what stands there instead.
func Version(e *vault.Exchange) (string, error) {
	value, err := At(e, "id")
	if err != nil {
		return "", err
	}
	id, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("id is %s", Kind(value))
	}
	version, err := versionOf(id)
	if err != nil {
		return "", fmt.Errorf("id %s: %w", id, err)
	}
	return version, nil
}

// VersionOf wants a member to be the URL of a version, whichever, in a collection: kid in keys, sid in secrets.
func VersionOf(base, member, collection, name string) Test {
	want := base + "/" + collection + "/" + name
	return linkMember(member, want+"/{version}", func(link, _ string) error {
		version, err := versionIn(collection, link)
		if err != nil {
			return err
		}
		return identifies(link, want+"/"+version)
	})
}

// SameVersion wants the links that are there to end in the version of the id.
func SameVersion(members ...string) Test {
	return func(e *vault.Exchange) *Failure {
		version, err := Version(e)
		if err != nil {
			return &Failure{Expected: "an id with a version", Got: err.Error(), Member: "/id"}
		}
		for _, member := range members {
			link := e.Text(member)
			path, _, _ := strings.Cut(strings.TrimSuffix(link, "/"), "?")
			if link != "" && !strings.EqualFold(path[strings.LastIndex(path, "/")+1:], version) {
				return &Failure{Expected: member + " with the version " + version, Got: member + " " + link, Member: Pointer(member)}
			}
		}
		return nil
	}
}

// VersionForm wants the version in the id to be 32 lower-case hexadecimal digits.
func VersionForm() Test {
	return func(e *vault.Exchange) *Failure {
		const expected = "id with a version of 32 lower-case hexadecimal digits"
		version, err := Version(e)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/id"}
		}
		if len(version) != 32 || strings.ContainsFunc(version, func(c rune) bool { return !strings.ContainsRune("0123456789abcdef", c) }) {
			return &Failure{Expected: expected, Got: "the version " + Shorten(version), Member: "/id"}
		}
		return nil
	}
}

// LocationWithout wants a Location that lacks a query parameter.
func LocationWithout(parameter string) Test {
	return func(e *vault.Exchange) *Failure {
		location := e.Response.Header.Get("Location")
		u, err := url.Parse(location)
		if err != nil || location == "" {
			return &Failure{Expected: "a Location without " + parameter, Got: "Location " + location, Header: "Location"}
		}
		if u.Query().Has(parameter) {
			return &Failure{Expected: "a Location without " + parameter, Got: "Location " + location, Header: "Location"}
		}
		return nil
	}
}
