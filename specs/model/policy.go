package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// policy is one of the policies that a name may have: what a request sent, or all that a response showed. A create may
// replace the policy at once or when it completes, so there can be two.
type policy struct {
	members map[string]any
	from    *vault.Exchange
}

// groups are the members of a policy that are compared; id and attributes are the vault's own.
func groups() []string {
	return []string{"key_props", "secret_props", "x509_props", "lifetime_actions", "issuer"}
}

func policyOf(value any, from *vault.Exchange) (policy, bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return policy{}, false
	}
	p := policy{members: map[string]any{}, from: from}
	for _, group := range groups() {
		if object[group] != nil {
			p.members[group] = vault.DocumentedOf(group, object[group])
		}
	}
	return p, true
}

// sentPolicy is the policy of a create, less what a vault need not return as it was sent.
func sentPolicy(sent map[string]any, from *vault.Exchange) *policy {
	p, _ := policyOf(sent, from)
	if issuer, ok := p.members["issuer"].(map[string]any); ok {
		p.members["issuer"] = without(issuer, "cty", "cert_transparency")
	}
	if x509, ok := p.members["x509_props"].(map[string]any); ok {
		p.members["x509_props"] = without(x509, "subject") // may be written in another order
	}
	return &p
}

func without(object map[string]any, names ...string) map[string]any {
	left := maps.Clone(object)
	for _, name := range names {
		delete(left, name)
	}
	return left
}

// showsPolicy compares the policy in a response, if there is one, with those that the name may have.
func (t *step) showsPolicy(value any) {
	shown, ok := policyOf(value, t.o.Exchange)
	if !ok || len(shown.members) == 0 || t.life == deleting {
		return
	}
	if len(t.policies) > 0 {
		id := "SC-12-07"
		if t.o.Operation == vault.UpdateCertificatePolicy {
			id = "B-5-02"
		}
		best, at := "", ""
		fits := slices.ContainsFunc(t.policies, func(p policy) bool {
			path, differs := difference(p.members, shown.members, "")
			if best == "" {
				best, at = differs, path
			}
			return differs == ""
		})
		if !fits && !t.broken() {
			t.breaks(id, t.policyPath()+at, "the policy of the name", best, t.policies[0].from, t.pending.made)
		}
	}
	t.settles(shown)
}

func (t *step) policyPath() string {
	if t.o.Operation == vault.GetCertificatePolicy || t.o.Operation == vault.UpdateCertificatePolicy {
		return ""
	}
	return "/policy"
}

// settles makes the policy that was shown the one that the name has. As long as the request that brought another one is under
// way, that one may still replace it.
func (t *step) settles(shown policy) {
	p := &t.pending
	t.policies = []policy{shown}
	if p.policy != nil && !p.shown && p.there != no && !p.status.ended() {
		t.policies = append(t.policies, *p.policy)
	}
}

// readPolicy is GetCertificatePolicy.
func (t *step) readPolicy() {
	switch {
	case t.o.accepted():
		if t.unreadable() {
			return
		}
		value, err := t.o.Response.Read()
		if err == nil {
			t.showsPolicy(value)
		}
	case t.missing() && t.life == live && t.finished():
		t.breaks("B-5-01", "", "the policy of the certificate", t.returned(), t.set)
	}
}

// patchPolicy is UpdateCertificatePolicy.
func (t *step) patchPolicy() {
	switch {
	case t.o.accepted():
		if t.unreadable() {
			return
		}
		t.pending.patched = t.pending.policy != nil
		sent, _ := policyOf(t.o.sent, t.o.Exchange)
		for i, p := range t.policies {
			t.policies[i] = patched(p, *sentPolicy(sent.members, t.o.Exchange))
		}
		if value, err := t.o.Response.Read(); err == nil {
			t.showsPolicy(value)
		}
	case t.missing() && t.life == live && t.finished():
		t.breaks("B-5-01", "", "the policy of the certificate", t.returned(), t.set)
	}
}

// patched is a policy after a PATCH: of a group that was sent only what was sent is known, the others are kept.
func patched(p, sent policy) policy {
	result := policy{members: maps.Clone(p.members), from: sent.from}
	for group, value := range sent.members {
		result.members[group] = value
	}
	return result
}

// difference finds the first member of want that got has otherwise. Members that only got has are no difference, since a
// vault fills in defaults; null, an empty list and a missing member are equal; lists are compared as sets.
func difference(want, got any, path string) (string, string) {
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if at, differs := difference(want[name], object[name], path+"/"+name); differs != "" {
				return at, differs
			}
		}
		return "", ""
	case []any:
		list, _ := got.([]any)
		if !sameSet(want, list) {
			return path, fmt.Sprintf("%s is %s, was %s", path, text(got), text(want))
		}
		return "", ""
	case nil:
		return "", ""
	}
	if got == nil && want == false || text(want) == text(got) {
		return "", ""
	}
	if a, ok := want.(string); ok {
		if b, ok := got.(string); ok && strings.EqualFold(a, b) {
			return "", ""
		}
	}
	return path, fmt.Sprintf("%s is %s, was %s", path, text(got), text(want))
}

// sameSet reports whether two lists have the same elements in any order. An element may have members that are not known.
func sameSet(want, got []any) bool {
	if len(want) != len(got) {
		return false
	}
	left := slices.Clone(got)
	for _, element := range want {
		at := slices.IndexFunc(left, func(other any) bool {
			_, differs := difference(element, other, "")
			return differs == ""
		})
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return true
}

// text writes a value as JSON, its members sorted.
func text(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(written)
}
