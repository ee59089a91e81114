package profile_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/kvconform/kvconform/refvault/profile"
)

func TestEachDeviationShowsOnTheWire(t *testing.T) {
	shows := shows()
	for _, p := range profile.All() {
		for _, d := range p.Deviations {
			key := p.ID + "/" + d.ID
			show := shows[key]
			delete(shows, key)
			t.Run(key, func(t *testing.T) {
				if show == nil {
					t.Fatal("no row of the table shows it")
				}
				if !show(newClient(t, &p)) {
					t.Error("the vault with the profile does not show it")
				}
				if show(newClient(t, nil)) {
					t.Error("the vault as it is shows it as well")
				}
			})
		}
	}
	for key := range shows {
		t.Errorf("the table shows %s, which is no deviation", key)
	}
}

func TestProfilesAreComplete(t *testing.T) {
	contract, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	profiles := map[string]bool{}
	for _, p := range profile.All() {
		if profiles[p.ID] || !form.MatchString(p.ID) || p.Title == "" {
			t.Errorf("the profile %q lacks a title, or an id of its own in lower case", p.ID)
		}
		profiles[p.ID] = true
		ids := map[string]bool{}
		for _, d := range p.Deviations {
			if ids[d.ID] || !form.MatchString(d.ID) || d.Text == "" {
				t.Errorf("%s: the deviation %q lacks a text, or an id of its own in lower case", p.ID, d.ID)
			}
			ids[d.ID] = true
			if len(d.Statements) == 0 {
				t.Errorf("%s: the deviation %s names no statement", p.ID, d.ID)
			}
			for _, id := range d.Statements {
				if !regexp.MustCompile(`(?m)^\| ` + id + ` \|`).Match(contract) {
					t.Errorf("%s: the deviation %s names %s, which is no statement of the contract", p.ID, d.ID, id)
				}
			}
		}
	}
}

func TestNamedFindsProfilesById(t *testing.T) {
	for _, p := range profile.All() {
		if found, ok := profile.Named(p.ID); !ok || found.Title != p.Title {
			t.Errorf("Named(%q) is %q, %v", p.ID, found.Title, ok)
		}
	}
	if found, ok := profile.Named("perfect"); ok {
		t.Errorf("there is a profile called perfect: %q", found.Title)
	}
}
