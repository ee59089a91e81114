package fault

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTheGoldenFileIsAsItWouldBeWritten(t *testing.T) {
	var written bytes.Buffer
	if err := Updated(nil).Write(&written); err != nil {
		t.Fatal(err)
	}
	if written.String() != alsoFailsGolden {
		t.Error("alsofails.golden is not as kvconform prove --update writes it: run that")
	}
}

func TestAnUpdateReplacesTheEntriesOfTheFaultsTriedAndNoOthers(t *testing.T) {
	golden := readAlsoFailing(alsoFailsGolden)
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(golden)), func(id string) bool {
		return slices.ContainsFunc(golden[id], func(rule string) bool { return byChance(id, rule) })
	})
	changed, emptied, kept := ids[0], ids[1], ids[2]
	updated := Updated(AlsoFailing{changed: {"a/b"}, emptied: nil, "no-such-fault": {"a/b"}})
	var written bytes.Buffer
	if err := updated.Write(&written); err != nil {
		t.Fatal(err)
	}
	got := readAlsoFailing(written.String())
	want := maps.Clone(golden)
	want[changed] = []string{"a/b"}
	delete(want, emptied)
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("after the update %s has %v, %s %v, %s %v", changed, got[changed], emptied, got[emptied], kept, got[kept])
	}
	if strings.Contains(written.String(), "no-such-fault") {
		t.Error("the golden file lists a fault that does not exist")
	}
}

func TestAnUpdateKeepsWhatFailsByChance(t *testing.T) {
	golden := readAlsoFailing(alsoFailsGolden)
	for _, test := range []struct {
		id   string
		kept func(rule string) bool
	}{
		{"versions-only-one", func(string) bool { return true }},
		{"cer-in-pem", func(rule string) bool {
			return strings.HasPrefix(rule, "at-once/") || strings.HasPrefix(rule, "history/")
		}},
	} {
		var want []string
		for _, rule := range golden[test.id] {
			if test.kept(rule) {
				want = append(want, rule)
			}
		}
		got := Updated(AlsoFailing{test.id: {"z/z"}})[test.id]
		if want = append(want, "z/z"); len(want) == 1 || !slices.Equal(got, want) {
			t.Errorf("%s has %q after an update, want %q", test.id, got, want)
		}
	}
}

func TestNothingThatAFaultMustFailIsListedBesideIt(t *testing.T) {
	for _, f := range All() {
		for _, id := range f.Breaks {
			if slices.Contains(f.AlsoFails, id) {
				t.Errorf("%s must fail %s, and alsofails.golden lists it", f.ID, id)
			}
		}
	}
}
