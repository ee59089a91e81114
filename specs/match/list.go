package match

import (
	"errors"
	"fmt"
	"net/url"
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
