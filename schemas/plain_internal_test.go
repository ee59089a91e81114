package schemas

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// compareWithLibrary fails if a value is proved valid of a schema that gojsonschema finds something wrong by.
func compareWithLibrary(t interface{ Errorf(string, ...any) }, set *Set, value any) {
	for name := range set.compiled {
		compareBy(t, set, name, value)
	}
}

func compareBy(t interface{ Errorf(string, ...any) }, set *Set, name string, value any) {
	for _, null := range []nulls{nullIsAbsent, nullIsNull} {
		if !set.plain[name].proves(value, null) {
			continue
		}
		if problems := set.checkFully(set.compiled[name], name, value, null); len(problems) > 0 {
			t.Errorf("%v is proved a valid %s, and the library finds %v", value, name, problems)
		}
	}
}

// TestEverySampleIsProvedValid shows that the proofs are of use: whatever has every member of its schema needs no library.
func TestEverySampleIsProvedValid(t *testing.T) {
	set, _ := load(t)
	for kind, value := range samples(t) {
		if !set.plain[string(kind)].proves(value, nullIsAbsent) {
			t.Errorf("the sample of %s is not proved valid", kind)
		}
		compareWithLibrary(t, set, value)
	}
}

// TestNoWrongMemberIsProvedValid puts every other value into every place of every sample.
func TestNoWrongMemberIsProvedValid(t *testing.T) {
	set, _ := load(t)
	for kind, value := range samples(t) {
		everyChange(value, func(changed any) { compareBy(t, set, string(kind), changed) })
	}
}

// everyChange calls use with the value, one part of it replaced by another value or left out.
func everyChange(value any, use func(changed any)) {
	for _, other := range otherValues() {
		use(other)
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			without := maps.Clone(v)
			delete(without, name)
			use(without)
			everyChange(member, func(changed any) {
				with := maps.Clone(v)
				with[name] = changed
				use(with)
			})
		}
	case []any:
		for i, item := range v {
			use(slices.Delete(slices.Clone(v), i, i+1))
			everyChange(item, func(changed any) {
				with := slices.Clone(v)
				with[i] = changed
				use(with)
			})
		}
	}
}

// TestWhatIsProvedValidIsValidToTheLibrary changes samples in one to three places.
func TestWhatIsProvedValidIsValidToTheLibrary(t *testing.T) {
	set, _ := load(t)
	all := samples(t)
	kinds := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		value := all[rapid.SampledFrom(kinds).Draw(t, "kind")]
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			value = changedSomewhere(t, value)
		}
		compareWithLibrary(t, set, value)
	})
}

// changedSomewhere returns the value with one of its parts replaced, removed or added.
func changedSomewhere(t *rapid.T, value any) any {
	deeper := rapid.IntRange(0, 5).Draw(t, "deeper") > 0
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 || !deeper {
			break
		}
		changed := maps.Clone(v)
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")
		switch rapid.IntRange(0, 5).Draw(t, "how") {
		case 0:
			delete(changed, name)
		case 1:
			changed[name+"x"] = otherValue(t)
		default:
			changed[name] = changedSomewhere(t, v[name])
		}
		return changed
	case []any:
		if len(v) == 0 || !deeper {
			break
		}
		changed := slices.Clone(v)
		at := rapid.IntRange(0, len(v)-1).Draw(t, "item")
		if rapid.IntRange(0, 5).Draw(t, "how") == 0 {
			return slices.Delete(changed, at, at+1)
		}
		changed[at] = changedSomewhere(t, v[at])
		return changed
	}
	return otherValue(t)
}

func otherValue(t *rapid.T) any { return rapid.SampledFrom(otherValues()).Draw(t, "value") }

func otherValues() []any {
	values := []any{nil, true, false, map[string]any{}, []any{}, []any{nil}, map[string]any{"a": nil}, map[string]any{"team": json.Number("1")}}
	for _, text := range []string{
		"", "=", "AAAA", "AA==", "a b", "http://h", "http://", "InProgress", "COMPLETED", "canceled", "cancelled", "failed", "Failed ",
		"lLYPxMp4X9lB4ONBI6qIyCbyB1A", "EmailContacts", "AutoRenew", "autorenew", "\xff", "é", "MIIB",
	} {
		values = append(values, text)
	}
	for _, number := range []string{
		"0", "-0", "1", "-1", "1.0", "1.5", "1e3", "1E-3", "99", "100", "0.99e2", "9223372036854775807", "9223372036854775808",
	} {
		values = append(values, json.Number(number))
	}
	return values
}

// FuzzProofs compares the proofs with the library on whatever decodes.
func FuzzProofs(f *testing.F) {
	set, _ := load(f)
	for _, value := range samples(f) {
		text, err := json.Marshal(value)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := Decode(text)
		if err != nil {
			return
		}
		compareWithLibrary(t, set, value)
	})
}

// TestASetWithAnUnknownKeywordHasNoProofs: a schema that refers to it would prove too much.
func TestASetWithAnUnknownKeywordHasNoProofs(t *testing.T) {
	set, err := compile(schemaFiles(map[string]string{
		"a": `"properties": {"a": {"$ref": "b.json"}}`, "b": `"properties": {"b": {"maxLength": 1}}`,
	}), checked)
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]any{"a": map[string]any{"b": "long"}}
	if problems := set.CheckNamed("a", value); len(problems) != 1 {
		t.Errorf("got %v, want one problem", problems)
	}
}
