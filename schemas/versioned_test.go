package schemas

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestTheDocumentOfEveryVersionIsValidAndHasItsOperations(t *testing.T) {
	_, whole := load(t)
	for _, version := range Versions() {
		document, err := LoadVersion(string(version)) // kin-openapi validates it
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		var want []string
		for _, id := range whole.OperationIDs() {
			since, _ := whole.OperationSince(id)
			if order, err := Compare(string(since), string(version)); err == nil && order <= 0 {
				want = append(want, id)
			}
		}
		if got := operationsOf(t, document); !slices.Equal(got, want) {
			t.Errorf("%s: got the operations %q, want %q", version, got, want)
		}
	}
}

func operationsOf(t *testing.T, document *VersionDocument) []string {
	t.Helper()
	routes, err := routesOf(document.doc)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range routes {
		ids = append(ids, r.id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestTheDocumentOfAVersionHasNothingNewer(t *testing.T) {
	tests := []struct {
		text  string // of the document, as JSON
		since string
	}{
		{`"includePending"`, "7.0"},
		{`"/certificates/restore"`, "7.0"},
		{`"/deletedcertificates"`, "2016-10-01"},
		{`"deleted-certificate-bundle"`, "2016-10-01"},
		{`"innererror"`, "2016-10-01"},
		{`"recoveryLevel"`, "2016-10-01"},
		{`"crv"`, "7.0"},
		{`"cert_transparency"`, "7.0"},
		{`"recoverableDays"`, "7.1"},
		{`"preserveCertOrder"`, "7.6-preview.2"},
		{`"uris"`, "2025-06-01-preview"},
		{`"ipAddresses"`, "2025-06-01-preview"},
		{`"platformManaged"`, "2026-03-01-preview"},
	}
	for _, version := range Versions() {
		document, err := LoadVersion(string(version))
		if err != nil {
			t.Fatal(err)
		}
		text, err := document.JSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			order, err := Compare(string(version), test.since)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Contains(string(text), test.text), order >= 0; got != want {
				t.Errorf("%s has %s: got %v, want %v", version, test.text, got, want)
			}
		}
	}
}

func TestTheDocumentNamesItsVersionAndNoComponentThatNothingUses(t *testing.T) {
	document, err := LoadVersion("7.4")
	if err != nil {
		t.Fatal(err)
	}
	if got := document.doc.Info.Version; got != "7.4" {
		t.Errorf("info.version is %q", got)
	}
	for _, name := range []string{"certificate-operation-in-progress", "certificate-bundle-merged"} {
		if _, ok := document.doc.Components.Schemas[name]; ok {
			t.Errorf("nothing refers to %s, which is a component", name)
		}
	}
	for _, name := range []string{"certificate-operation", "types.base64", "certificate-policy"} {
		if _, ok := document.doc.Components.Schemas[name]; !ok {
			t.Errorf("the component %s is missing", name)
		}
	}
}

func TestJSONAndYAMLOfADocumentSayTheSame(t *testing.T) {
	document, err := LoadVersion("2016-10-01") // whose version looks like a date
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := document.JSON()
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := document.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML any
	if err := json.Unmarshal(asJSON, &fromJSON); err != nil {
		t.Fatal(err)
	}
	again, err := yaml.YAMLToJSON(asYAML)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromJSON, fromYAML) {
		t.Error("the YAML does not say what the JSON says")
	}
	if !strings.HasPrefix(string(asYAML), "openapi: 3.0.3\ninfo:\n") {
		t.Errorf("the YAML begins with %.60q", asYAML)
	}
}

func TestADocumentOfAnUnknownVersionIsAnError(t *testing.T) {
	if _, err := LoadVersion("8.0"); err == nil || err.Error() != `unknown api-version "8.0"` {
		t.Errorf("got %v", err)
	}
}
