package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// A judge that keeps few versions forgets the oldest, finds nothing wrong for it, and still finds what the latest show.
func TestAJudgeForgetsOldVersionsAndJudgesTheLatest(t *testing.T) {
	imported := func(i int) did {
		return bundle(vault.ImportCertificate, "", fmt.Sprintf("v%d", i), "", true)
	}
	read := func(i int, tags string) did {
		return bundle(vault.GetCertificate, fmt.Sprintf("/v%d", i), fmt.Sprintf("v%d", i), tags, true)
	}
	for name, test := range map[string]struct {
		last []did
		want string
	}{
		"an old version as it was":         {last: []did{read(1, "")}},
		"an old version in another way":    {last: []did{read(1, "changed")}},
		"the latest version as it was":     {last: []did{read(40, "")}},
		"the latest version in other tags": {last: []did{read(40, "changed")}, want: "B-4-03"},
	} {
		t.Run(name, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }, MostVersions: 5})
			for i := range 40 {
				judge.Add(imported(i+1).exchange(t, i))
			}
			for i, d := range test.last {
				judge.Add(d.exchange(t, 40+i))
			}
			findings := judge.Findings()
			if test.want == "" && len(findings) > 0 || test.want != "" && (len(findings) != 1 || findings[0].Statement.ID != test.want) {
				t.Errorf("got %v, want %q", findings, test.want)
			}
		})
	}
}

// More exchanges at once than are put in order are not judged, and neither is one that overlaps with them; the next is.
func TestManyExchangesAtOnceAreNotJudged(t *testing.T) {
	judge := model.New(model.Options{Fresh: func(string) bool { return true }})
	start := time.Unix(1000, 0)
	add := func(d did, from, to int) {
		judge.AddBetween(d.exchange(t, 0), start.Add(time.Duration(from)*time.Second), start.Add(time.Duration(to)*time.Second))
	}
	for range 80 {
		add(create(202, "a"), 1, 50) // all accepted, which one order at a time would not allow
	}
	add(create(202, "b"), 49, 60)
	if findings := judge.Findings(); len(findings) > 0 {
		t.Errorf("got %v, want none", findings)
	}
	add(create(202, "c"), 70, 71)
	add(create(202, "d"), 72, 73)
	if findings := judge.Findings(); len(findings) != 1 || findings[0].Statement.ID != "SC-06-01" {
		t.Errorf("got %v, want one of SC-06-01", findings)
	}
}

// Imports at once can have taken effect in any order, and so can those of a second group: any of the second may be current.
func TestAnyOfTheImportsAtOnceMayBeCurrent(t *testing.T) {
	start := time.Unix(1000, 0)
	imported := func(id string) did {
		d := bundle(vault.ImportCertificate, "", id, "", true)
		d.body = strings.TrimSuffix(d.body, "}") + fmt.Sprintf(`,"policy":{"x509_props":{"subject":"CN=%s"}}}`, id)
		return d
	}
	for id, want := range map[string]string{"v4": "", "v5": "", "v6": "", "v1": "B-3-01"} {
		t.Run(id, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }})
			for i := range 6 {
				from := start.Add(time.Duration(i/3*20) * time.Second)
				judge.AddBetween(imported(fmt.Sprintf("v%d", i+1)).exchange(t, 0), from, from.Add(10*time.Second))
			}
			judge.Add(bundle(vault.GetCertificate, "", id, "", true).exchange(t, 100))
			findings := judge.Findings()
			if want == "" && len(findings) > 0 || want != "" && (len(findings) != 1 || findings[0].Statement.ID != want) {
				t.Errorf("got %v, want %q", findings, want)
			}
		})
	}
}
