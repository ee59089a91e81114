package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestOpenAPIPrintsTheDocumentOfAnAPIVersion(t *testing.T) {
	for _, form := range [][]string{nil, {"--json"}, {"--yaml"}} {
		code, stdout, stderr := typed(t, append([]string{"openapi", "--api-version", "7.4"}, form...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("%v: exit %d\n%s", form, code, stderr)
		}
		if isJSON := json.Valid([]byte(stdout)); isJSON != (len(form) == 0 || form[0] == "--json") {
			t.Errorf("%v: is JSON: %v", form, isJSON)
		}
		document, err := openapi3.NewLoader().LoadFromData([]byte(stdout))
		if err != nil {
			t.Fatalf("%v: %v", form, err)
		}
		if err := document.Validate(t.Context()); err != nil {
			t.Errorf("%v: %v", form, err)
		}
		if document.Info.Version != "7.4" {
			t.Errorf("%v: the document is of %s", form, document.Info.Version)
		}
	}
}

func TestOpenAPIWritesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "openapi.json")
	code, stdout, stderr := typed(t, "openapi", "--out", path)
	if code != 0 || stdout != "" || stderr != "" {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	text, err := os.ReadFile(path)
	if err != nil || !json.Valid(text) {
		t.Errorf("the file holds %.40q, %v", text, err)
	}
}

func TestOpenAPIRejectsAnUnknownVersionInOneLine(t *testing.T) {
	code, stdout, stderr := typed(t, "openapi", "--api-version", "8.0")
	if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, `the api-version "8.0" is unknown; it is one of 2015-06-01, `) {
		t.Errorf("exit %d, %q", code, stderr)
	}
}
