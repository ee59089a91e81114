package match

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Name is the certificate's name in the path of the request, "" where the path has none.
func Name(e *vault.Exchange) string {
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return ""
	}
	segments := strings.Split(u.Path, "/")
	if at := lastIndex(segments, "certificates"); at >= 0 && at+1 < len(segments) {
		return segments[at+1]
	}
	return ""
}

// lastIndex looks from the end, for a vault may stand under a path that has the word in it.
func lastIndex(segments []string, word string) int {
	for i := len(segments) - 1; i >= 0; i-- {
		if segments[i] == word {
			return i
		}
	}
	return -1
}

// Location wants the Location header to be an absolute URL under base with the path given, letter case aside.
func Location(base string, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		want := base + "/" + strings.Join(path, "/")
		location := e.Response.Header.Get("Location")
		if location == "" {
			return &Failure{Expected: "Location " + want, Got: "no Location", Header: "Location"}
		}
		if err := leadsTo(location, want); err != nil {
			return &Failure{Expected: "Location " + want, Got: fmt.Sprintf("Location %s: %v", location, err), Header: "Location"}
		}
		return nil
	}
}

// LocationQuery wants one query parameter of the Location header, exactly once.
func LocationQuery(name, want string) Test {
	return func(e *vault.Exchange) *Failure {
		expected := fmt.Sprintf("Location with %s=%s", name, want)
		location := e.Response.Header.Get("Location")
		if location == "" {
			return &Failure{Expected: expected, Got: "no Location", Header: "Location"}
		}
		u, err := url.Parse(location)
		if err != nil {
			return &Failure{Expected: expected, Got: "Location is no URL: " + location, Header: "Location"}
		}
		if values := u.Query()[name]; len(values) != 1 || values[0] != want {
			return &Failure{Expected: expected, Got: "Location " + location, Header: "Location"}
		}
		return nil
	}
}

// Link wants a member to be an absolute URL under base with the path given, letter case and query aside. The member is
// the names on the way to it, parted by dots: "target", "pending.id".
func Link(base string, member string, path ...string) Test {
	want := base + "/" + strings.Join(path, "/")
	return linkMember(member, want, leadsTo)
}

// ID is Link for an identifier, which has no query.
func ID(base string, member string, path ...string) Test {
	want := base + "/" + strings.Join(path, "/")
	return linkMember(member, want, func(link, want string) error {
		if err := identifies(link, want); err != nil {
			return err
		}
		if strings.ContainsAny(link, "?#") {
			return errors.New("it has a query or a fragment")
		}
		return nil
	})
}

// VersionID wants the id to be that of a version of the certificate named.
func VersionID(base, name string) Test {
	want := base + "/certificates/" + name + "/{version}"
	return linkMember("id", want, func(link, _ string) error {
		version, err := versionOf(link)
		if err != nil {
			return err
		}
		return identifies(link, base+"/certificates/"+name+"/"+version)
	})
}

func versionOf(id string) (string, error) { return versionIn("certificates", id) }

// versionIn is the version in the URL of a thing in a collection.
func versionIn(collection, id string) (string, error) {
	u, err := url.Parse(id)
	if err != nil {
		return "", errors.New("it is no URL")
	}
	segments := strings.Split(strings.TrimSuffix(u.Path, "/"), "/")
	at := lastIndex(segments, collection)
	if at < 0 || len(segments) != at+3 || segments[at+2] == "" {
		return "", errors.New("it has no version")
	}
	return segments[at+2], nil
}

func linkMember(member, want string, check func(link, want string) error) Test {
	return func(e *vault.Exchange) *Failure {
		expected := member + " " + want
		path := strings.Split(member, ".")
		value, err := At(e, path...)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: Pointer(path...)}
		}
		link, ok := value.(string)
		if !ok {
			return &Failure{Expected: expected, Got: member + " is " + Kind(value), Member: Pointer(path...)}
		}
		if err := check(link, want); err != nil {
			return &Failure{Expected: expected, Got: fmt.Sprintf("%s %s: %v", member, link, err), Member: Pointer(path...)}
		}
		return nil
	}
}

// identifies is leadsTo for an identifier. A slash at its end is a matter of its form, which PlainIdentifiers judges.
func identifies(id, want string) error {
	path, query, found := strings.Cut(id, "?")
	path = strings.TrimSuffix(path, "/")
	if found {
		path += "?" + query
	}
	return leadsTo(path, want)
}

// leadsTo reports whether a link leads where it should, letter case, default port and query aside.
func leadsTo(link, want string) error {
	got, err := url.Parse(link)
	if err != nil {
		return errors.New("it is no URL")
	}
	wanted, err := url.Parse(want)
	if err != nil {
		return fmt.Errorf("what is wanted is no URL: %w", err)
	}
	switch {
	case !got.IsAbs() || got.Host == "":
		return errors.New("it is not absolute")
	case !strings.EqualFold(got.Scheme, wanted.Scheme):
		return fmt.Errorf("its scheme is %s", got.Scheme)
	case !strings.EqualFold(got.Hostname(), wanted.Hostname()) || portOf(got) != portOf(wanted):
		return fmt.Errorf("its host is %s", got.Host)
	case !strings.EqualFold(got.Path, wanted.Path):
		return fmt.Errorf("its path is %s", got.Path)
	default:
		return nil
	}
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

// InVault wants a member to be an absolute URL of this vault, wherever in it that leads.
func InVault(base, member string) Test {
	return linkMember(member, "in "+base, func(link, _ string) error {
		u, err := url.Parse(link)
		if err != nil {
			return errors.New("it is no URL")
		}
		own, err := url.Parse(base)
		if err != nil {
			return fmt.Errorf("the vault's base is no URL: %w", err)
		}
		own.Path = u.Path
		return leadsTo(link, own.String())
	})
}

// TargetQuery reads what the target of an operation has in its query: none, api-version, or what else is there.
func TargetQuery() Reader {
	return Reader{Name: "query of target", Aspect: AspectBody, Member: "/target", Read: func(e *vault.Exchange) (string, error) {
		value, err := At(e, "target")
		if err != nil {
			return "", err
		}
		link, _ := value.(string)
		u, err := url.Parse(link)
		if err != nil {
			return "", errors.New("target is no URL")
		}
		var names []string
		for name := range u.Query() {
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) == 0 {
			return "none", nil
		}
		return strings.Join(names, ", "), nil
	}}
}
