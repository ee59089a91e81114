package scenarios

import (
	"context"
	"net/url"
	"path"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// MostPages is how many pages of a list a play reads. A list that is longer may belong to a vault with thousands of
// certificates.
const MostPages = 200

// pages follows the links of a list to its end: a page may be short or empty and still have a next one. It stops at a link
// that it followed before.
func pages(ctx context.Context, env *Env, first *vault.Exchange) []*vault.Exchange {
	all := []*vault.Exchange{first}
	followed := map[string]bool{}
	for len(all) < MostPages {
		next := all[len(all)-1].Text("nextLink")
		if next == "" || followed[next] {
			break
		}
		followed[next] = true
		all = append(all, env.Vault.Follow(ctx, first.Operation, next))
	}
	return all
}

// awaitList reads a list again until it shows what is awaited, and returns the pages of the last reading. A list that is
// refused is not read again.
func (env *Env) awaitList(ctx context.Context, awaits string, first func() *vault.Exchange, shown func(pages []*vault.Exchange) bool) []*vault.Exchange {
	until := env.Clock.Now().Add(env.Polling.change())
	if env.Doing != nil {
		env.Doing(awaits, until)
	}
	for readings := 0; ; readings++ {
		all := pages(ctx, env, first())
		if !all[0].Succeeded() || !all[len(all)-1].Succeeded() {
			return all
		}
		if shown(all) {
			env.Waits.ended(awaits, true)
			return all
		}
		if !env.pollsAgain(ctx, awaits, until, env.pauseAfter(all[0], readings)) {
			return all
		}
		env.Vault.Forget(all...)
	}
}

// Lists reports whether a list has an item of each of some certificates, or of each version if the ids are those of versions.
func Lists(pages []*vault.Exchange, ids ...string) bool {
	listed := map[string]bool{}
	for _, page := range pages {
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			object, _ := item.(map[string]any)
			for _, member := range []string{"id", "recoveryId"} {
				if id, ok := object[member].(string); ok {
					listed[pathOf(id)] = true
				}
			}
		}
	}
	for _, id := range ids {
		if !listed[pathOf(id)] {
			return false
		}
	}
	return true
}

// count is how many items a list has.
func count(pages []*vault.Exchange) int {
	items := 0
	for _, page := range pages {
		list, _ := page.Member("value").([]any)
		items += len(list)
	}
	return items
}

// CertificateOf is the id of a certificate without its version, as lists have it; "" if the bundle has no such id.
func CertificateOf(bundle *vault.Exchange) string {
	id := strings.TrimSuffix(bundle.Text("id"), "/")
	if versionOf(bundle) == "" {
		return id
	}
	return id[:strings.LastIndex(id, "/")]
}

// versionOf is the version in the id of a bundle, "" if there is none.
func versionOf(bundle *vault.Exchange) string {
	u, err := url.Parse(bundle.Text("id"))
	if err != nil {
		return ""
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if n := len(segments); n > 2 && strings.EqualFold(segments[n-3], "certificates") {
		return lastSegment(bundle.Text("id"))
	}
	return ""
}

// pathOf is the path of an id in lower case, by which ids are compared: the host belongs to other rules.
func pathOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return id
	}
	return strings.ToLower(path.Clean("/" + u.Path))
}
