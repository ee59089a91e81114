package schemas

import (
	"fmt"
	"slices"
)

// APIVersion is a value of the api-version query parameter. Only its place in [Versions] orders it: 2016-10-01 is older than
// 7.0, and 2025-07-01 is newer than 7.6.
type APIVersion string

// versionRow is one line of the history of the certificates surface.
type versionRow struct {
	version APIVersion
	stable  bool
}

// history returns every api-version with certificates, oldest first. 2026-04-01 has a stable name, but no release of it is
// known; it counts as a preview until one is.
func history() []versionRow {
	return []versionRow{
		{"2015-06-01", true},
		{"2016-10-01", true},
		{"7.0", true},
		{"7.1-preview", false},
		{"7.1", true},
		{"7.2-preview", false},
		{"7.2", true},
		{"7.3-preview", false},
		{"7.3", true},
		{"7.4-preview.1", false},
		{"7.4", true},
		{"7.5-preview.1", false},
		{"7.5", true},
		{"7.6-preview.1", false},
		{"7.6-preview.2", false},
		{"7.6", true},
		{"2025-06-01-preview", false},
		{"2025-07-01", true},
		{"2026-01-01-preview", false},
		{"2026-03-01-preview", false},
		{"2026-04-01", false},
		{"2026-05-01-preview", false},
		{"2026-07-01-preview", false},
	}
}

// Versions returns the known api-versions, oldest first.
func Versions() []APIVersion {
	rows := history()
	versions := make([]APIVersion, len(rows))
	for i, row := range rows {
		versions[i] = row.version
	}
	return versions
}

// Known reports whether v is one of [Versions].
func Known(v string) bool { return indexOf(v) >= 0 }

// Compare returns -1, 0 or 1 as a is older than, the same as, or newer than b. It fails if either is not known.
func Compare(a, b string) (int, error) {
	i, j := indexOf(a), indexOf(b)
	if i < 0 {
		return 0, fmt.Errorf("unknown api-version %q", a)
	}
	if j < 0 {
		return 0, fmt.Errorf("unknown api-version %q", b)
	}
	switch {
	case i < j:
		return -1, nil
	case i > j:
		return 1, nil
	}
	return 0, nil
}

// Default returns the newest api-version that is known to be released.
func Default() APIVersion {
	rows := history()
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].stable {
			return rows[i].version
		}
	}
	return ""
}

// Newest returns the last of [Versions], which may be a preview.
func Newest() APIVersion {
	versions := Versions()
	return versions[len(versions)-1]
}

// Stable reports whether v is known to be released, as opposed to a preview or a version that was only announced.
func (v APIVersion) Stable() bool {
	return slices.ContainsFunc(history(), func(row versionRow) bool { return row.version == v && row.stable })
}

func indexOf(v string) int {
	return slices.IndexFunc(history(), func(row versionRow) bool { return string(row.version) == v })
}
