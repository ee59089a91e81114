package match

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// inPolicy is a path within a policy: at is where the policy is, empty where it is the body itself.
func inPolicy(at []string, path ...string) []string { return append(slices.Clone(at), path...) }

// PolicySubject wants the policy to have the subject given, as a set of names: order and blanks do not matter.
func PolicySubject(subject string, at ...string) Test {
	path := inPolicy(at, "x509_props", "subject")
	return Member("to be "+subject, func(value any) bool {
		want, err := subjectSet(subject)
		if err != nil {
			return false
		}
		text, _ := value.(string)
		got, err := subjectSet(text)
		return err == nil && slices.Equal(want, got)
	}, path...)
}

// PolicySubjectOf wants the policy to have the subject of a certificate.
func PolicySubjectOf(certificate *x509.Certificate, at ...string) Test {
	path := inPolicy(at, "x509_props", "subject")
	return Member("to be "+certificate.Subject.String(), func(value any) bool {
		text, _ := value.(string)
		got, err := subjectSet(text)
		return err == nil && slices.Equal(namesOf(certificate), got)
	}, path...)
}

// PolicyKey wants the policy to have the type of a certificate's key, and its size or its curve.
func PolicyKey(certificate *x509.Certificate, at ...string) Test {
	kind := KeyKind(certificate.PublicKey)
	return Member("to be of "+kind, func(value any) bool {
		group, _ := value.(map[string]any)
		switch group["kty"] {
		case "RSA":
			return kind == fmt.Sprintf("RSA %v", group["key_size"])
		case "EC":
			return kind == fmt.Sprintf("EC %v", group["crv"])
		default:
			return false
		}
	}, inPolicy(at, "key_props")...)
}

// OneLifetimeAction wants the policy to have one lifetime action, at a share of the lifetime in percent.
func OneLifetimeAction(action string, percentage int, at ...string) Test {
	path := inPolicy(at, "lifetime_actions")
	return Member(fmt.Sprintf("to be one action, %s at %d percent", action, percentage), func(value any) bool {
		actions, ok := value.([]any)
		if !ok || len(actions) != 1 {
			return false
		}
		only, _ := actions[0].(map[string]any)
		trigger, _ := only["trigger"].(map[string]any)
		done, _ := only["action"].(map[string]any)
		share, _ := trigger["lifetime_percentage"].(json.Number)
		return done["action_type"] == action && share.String() == fmt.Sprint(percentage)
	}, path...)
}

// policyGroups are the members of a policy that say how to make the next version. Others, such as times, may differ
// between two responses, and so may what no document knows.
func policyGroups() []string {
	return []string{"key_props", "secret_props", "x509_props", "lifetime_actions", "issuer"}
}

// SamePolicy wants the policy at a place to say the same as that of an earlier response, at before; nulls aside.
func SamePolicy(earlier *vault.Exchange, before []string, at ...string) Test {
	return func(e *vault.Exchange) *Failure {
		expected := "the policy of " + earlier.Line()
		was, err := policyAt(earlier, before)
		if err != nil {
			return &Failure{Expected: expected, Got: "in the earlier response " + err.Error(), Aspect: AspectIdentity}
		}
		is, err := policyAt(e, at)
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error(), Member: Pointer(at...)}
		}
		for _, group := range policyGroups() {
			if !reflect.DeepEqual(ordered(vault.DocumentedOf(group, was[group])), ordered(vault.DocumentedOf(group, is[group]))) {
				return &Failure{
					Expected: expected, Got: strings.Join(inPolicy(at, group), ".") + " differs",
					Member: Pointer(inPolicy(at, group)...),
				}
			}
		}
		return nil
	}
}

func policyAt(e *vault.Exchange, at []string) (map[string]any, error) {
	value, err := At(e, at...)
	if err != nil {
		return nil, err
	}
	policy, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the policy is %s", Kind(value))
	}
	return policy, nil
}

// ordered drops nulls and sorts arrays of strings, whose order says nothing in a policy. A kind of alternative name of which
// there is none may have an empty list or no list.
func ordered(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, member := range value {
			if name == "sans" {
				member = namedKinds(member)
			}
			if member != nil {
				kept[name] = ordered(member)
			}
		}
		return kept
	case []any:
		if texts, ok := stringArray(value); ok {
			slices.Sort(texts)
			return texts
		}
		return value
	default:
		return value
	}
}

// namedKinds are the alternative names without the empty lists, nil if none is left.
func namedKinds(sans any) any {
	lists, ok := sans.(map[string]any)
	if !ok {
		return sans
	}
	kept := map[string]any{}
	for kind, names := range lists {
		if list, ok := names.([]any); !ok || len(list) > 0 {
			kept[kind] = names
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// SameJSON wants a member to be the value that was sent; nulls, members that were not sent, and the order of texts, aside.
func SameJSON(want any, path ...string) Test {
	text, err := json.Marshal(want)
	if err != nil {
		text = []byte(fmt.Sprint(want))
	}
	return Member("to be "+string(text), func(value any) bool {
		return holds(ordered(value), ordered(want))
	}, path...)
}

// holds reports whether a value has everything that another has: an object may have more members.
func holds(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		for name, value := range want {
			ok = ok && holds(object[name], value)
		}
		return ok
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range want {
			ok = ok && holds(list[i], want[i])
		}
		return ok
	default:
		return reflect.DeepEqual(got, want)
	}
}

// SameGroup wants a group of the policy to be that of an earlier response; the order of texts in it, and nulls, aside.
func SameGroup(earlier *vault.Exchange, group string) Test {
	return func(e *vault.Exchange) *Failure {
		before, err := At(earlier, group)
		if err != nil {
			return &Failure{Expected: group + " in both responses", Got: "in the earlier response " + err.Error(), Member: Pointer(group), Aspect: AspectIdentity}
		}
		now, err := At(e, group)
		if err != nil {
			return &Failure{Expected: group + " as before", Got: err.Error(), Member: Pointer(group)}
		}
		if !reflect.DeepEqual(ordered(before), ordered(now)) {
			return &Failure{Expected: group + " as before", Got: "another " + group, Member: Pointer(group), Aspect: AspectIdentity}
		}
		return nil
	}
}
