package schemas

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func versionGiven(t *testing.T, version string) *Given {
	t.Helper()
	document, err := LoadVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return document.Given()
}

func differences(t *testing.T, before, after *Given) []string {
	t.Helper()
	list, err := Differences(before, after)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range list {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s>%s in %d", d.Change, d.What, d.Name, d.Old, d.New, len(d.In))))
	}
	return lines
}

func TestDifferencesBetweenAPIVersions(t *testing.T) {
	tests := []struct {
		before, after string
		want          []string
	}{
		{"7.4", "7.4", nil},
		{"7.2", "7.5", nil},
		{"2025-07-01", "2026-01-01-preview", nil},
		{"7.5", "7.6", []string{"added member preserveCertOrder >boolean in 14"}},
		{"7.6", "7.5", []string{"removed member preserveCertOrder boolean> in 14"}},
		{"7.6", "2025-07-01", []string{
			"added member policy.x509_props.sans.ipAddresses >array of string in 11", "added member policy.x509_props.sans.uris >array of string in 11",
			"added member x509_props.sans.ipAddresses >array of string in 3", "added member x509_props.sans.uris >array of string in 3",
		}},
	}
	for _, test := range tests {
		if got := differences(t, versionGiven(t, test.before), versionGiven(t, test.after)); !slices.Equal(got, test.want) {
			t.Errorf("%s to %s: got %s", test.before, test.after, strings.Join(got, "\n"))
		}
	}
}

// Of an operation that is added whole nothing else is listed, and of a member none of those below it.
func TestPartsOfWhatIsAddedWholeAreNotListed(t *testing.T) {
	got := differences(t, versionGiven(t, "2015-06-01"), versionGiven(t, "2026-03-01-preview"))
	for _, want := range []string{
		"added operation BackupCertificate >POST in 0", "added operation GetDeletedCertificates >GET in 0",
		"added parameter includePending >query, boolean in 1", "added member policy.platformManaged >object in 8",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, strings.Join(got, "\n"))
		}
	}
	for _, line := range got {
		if strings.Contains(line, "platformManaged.") || strings.Contains(line, "maxresults") || strings.Contains(line, "innererror.") {
			t.Errorf("%q is a part of something that is added", line)
		}
	}
}

func TestDifferencesToADocumentOfSomebodyElse(t *testing.T) {
	got := differences(t, versionGiven(t, "2025-07-01"), swagger(t))
	for _, want := range []string{
		"added operation RenewCertificate >POST in 0",
		"removed operation ImportCertificate POST> in 0",
		"added member provenance >string, required in 1",
		"added member quantum >boolean in 1",
		"removed member policy object> in 2",
		"removed member preserveCertOrder boolean> in 3",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, "operation GetCertificate ") }) {
		t.Error("GetCertificate is in both documents")
	}
}
