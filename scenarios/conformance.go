package scenarios

import "slices"

// A ConformanceProfile is the part of the API that a product has to offer to be called conformant. What it does not list is
// extended: a product may leave it out and says so, and whatever it does offer is judged all the same.
type ConformanceProfile struct {
	ID    string
	Title string
	// Features are those that a product of this profile may not be without.
	Features []string
}

// ConformanceProfiles lists the profiles that a statement can name. Core is what the documented scenarios of a pending
// request need; imports, several versions and lists are extended.
func ConformanceProfiles() []ConformanceProfile {
	// The contacts belong to the whole vault, and a target file permits setting them; keys and secrets are APIs of their own.
	// No profile asks for either.
	every := slices.DeleteFunc(Features(), func(feature string) bool { return feature == "contacts" || feature == "companions" })
	extended := []string{"import", "versions", "list"}
	core := slices.DeleteFunc(slices.Clone(every), func(feature string) bool { return slices.Contains(extended, feature) })
	return []ConformanceProfile{
		{ID: "core", Title: "the documented scenarios of a pending request", Features: core},
		{ID: "full", Title: "every feature", Features: every},
	}
}

// ConformanceProfileNamed finds a profile; the empty name is that of the full one.
func ConformanceProfileNamed(id string) (ConformanceProfile, bool) {
	profiles := ConformanceProfiles()
	if id == "" {
		id = "full"
	}
	at := slices.IndexFunc(profiles, func(p ConformanceProfile) bool { return p.ID == id })
	if at < 0 {
		return ConformanceProfile{}, false
	}
	return profiles[at], true
}
