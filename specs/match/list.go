package match

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Items wants the id of every item of a list to be that of a certificate under base, without a version.
func Items(base string) Test {
	return itemsThat("ids of certificates without a version", func(id string) error {
		u, err := url.Parse(id)
		if err != nil {
			return errors.New("it is no URL")
		}
		path := strings.TrimSuffix(u.Path, "/")
		name := path[strings.LastIndex(path, "/")+1:]
		if name == "" {
			return errors.New("it has no name")
		}
		return identifies(id, base+"/certificates/"+name)
	})
}

// ItemsOf wants the id of every item of a list to be that of a version of the certificate named.
func ItemsOf(base, name string) Test {
	return itemsThat("ids of versions of "+name, func(id string) error {
		version, err := versionOf(id)
		if err != nil {
			return err
		}
		return identifies(id, base+"/certificates/"+name+"/"+version)
	})
}

// itemPath is the path of a member of an item.
func itemPath(index int, path []string) []string {
	return append([]string{"value", strconv.Itoa(index)}, path...)
}

// itemAt is the value of a member of an item, nil if it is missing or null.
func itemAt(e *vault.Exchange, index int, path []string) any {
	list, _ := e.Member("value").([]any)
	if index >= len(list) {
		return nil
	}
	value := list[index]
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// ItemLike wants a member of an item of a list to be as in the response to a read; missing and null are the same.
func ItemLike(index int, read *vault.Exchange, path ...string) Test {
	return func(e *vault.Exchange) *Failure {
		want, err := At(read, path...)
		if err != nil {
			want = nil
		}
		return itemIs(e, index, want, path)
	}
}

// ItemLikeOrAbsent is ItemLike of a member that an item may lack.
func ItemLikeOrAbsent(index int, read *vault.Exchange, path ...string) Test {
	like := ItemLike(index, read, path...)
	return func(e *vault.Exchange) *Failure {
		if itemAt(e, index, path) == nil {
			return nil
		}
		return like(e)
	}
}

// ItemIs wants a member of an item of a list to be a given boolean or string, or nil to be missing.
func ItemIs(index int, want any, path ...string) Test {
	return func(e *vault.Exchange) *Failure { return itemIs(e, index, want, path) }
}

func itemIs(e *vault.Exchange, index int, want any, path []string) *Failure {
	got := itemAt(e, index, path)
	if reflect.DeepEqual(unslashed(got), unslashed(want)) {
		return nil
	}
	name := strings.Join(path, ".")
	expected := name + " to be missing"
	if want != nil {
		expected = name + " to be " + Kind(want)
	}
	found := name + " is missing"
	if got != nil {
		found = name + " is " + Kind(got)
	}
	return &Failure{Expected: "an item with " + expected, Got: found, Member: Pointer(itemPath(index, path)...)}
}

// unslashed is a value without the slash at the end of an id, which is a matter of every-answer/identifier-form.
func unslashed(value any) any {
	if text, ok := value.(string); ok && strings.HasPrefix(text, "http") {
		return strings.TrimSuffix(text, "/")
	}
	return value
}

// ItemTags wants the tags of an item of a list to be these and no others.
func ItemTags(index int, want map[string]string) Test {
	return func(e *vault.Exchange) *Failure {
		got, _ := itemAt(e, index, []string{"tags"}).(map[string]any)
		same := len(got) == len(want)
		for name, text := range want {
			same = same && got[name] == text
		}
		if same {
			return nil
		}
		return &Failure{Expected: "an item with the tags " + literal(want), Got: "the tags " + literal(got),
			Member: Pointer(itemPath(index, []string{"tags"})...)}
	}
}

// MostItems wants a page to have no more items than a number.
func MostItems(most int) Test {
	return func(e *vault.Exchange) *Failure {
		expected := fmt.Sprintf("a page of at most %d items", most)
		value, err := At(e, "value")
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: Pointer("value")}
		}
		list, ok := value.([]any)
		switch {
		case !ok:
			return &Failure{Expected: expected, Got: "value is " + Kind(value), Member: Pointer("value")}
		case len(list) > most:
			return &Failure{Expected: expected, Got: fmt.Sprintf("a page of %d items", len(list)), Member: Pointer("value")}
		}
		return nil
	}
}

// LinkQuery wants the query of a member that is a URL to have a value.
func LinkQuery(member, name, want string) Test {
	return func(e *vault.Exchange) *Failure {
		link := e.Text(member)
		u, err := url.Parse(link)
		if err == nil && u.Query().Get(name) == want {
			return nil
		}
		return &Failure{Expected: member + " with " + name + "=" + want, Got: member + " " + Shorten(link), Member: Pointer(member)}
	}
}

func itemsThat(expected string, check func(id string) error) Test {
	return func(e *vault.Exchange) *Failure {
		value, err := At(e, "value")
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: "/value"}
		}
		list, ok := value.([]any)
		if !ok {
			return &Failure{Expected: expected, Got: "value is " + Kind(value), Member: "/value"}
		}
		for i, item := range list {
			object, _ := item.(map[string]any)
			member := Pointer("value", strconv.Itoa(i), "id")
			id, ok := object["id"].(string)
			if !ok {
				return &Failure{Expected: expected, Got: "id is " + Kind(object["id"]), Member: member}
			}
			if err := check(id); err != nil {
				return &Failure{Expected: expected, Got: fmt.Sprintf("id %s: %v", id, err), Member: member}
			}
		}
		return nil
	}
}
