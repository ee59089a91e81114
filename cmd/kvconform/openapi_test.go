package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

func TestOpenAPIDiffListsWhatDiffersAndTheRulesItTouches(t *testing.T) {
	code, stdout, stderr := typed(t, "openapi-diff", "7.0", "7.1")
	if code != 1 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	for _, want := range []string{
		"old  api-version 7.0\nnew  api-version 7.1\n", "added    member policy.attributes.recoverableDays: integer, 0 to 90\n",
		"touches 2 rules: every-answer/recovery-days, every-answer/recovery-days-shown\n", "5 rules at only one of the two: ", "\n3 differences\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
	if code, stdout, _ := typed(t, "openapi-diff", "7.3", "7.4"); code != 0 || !strings.HasSuffix(stdout, "no difference\n") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestOpenAPIDiffReadsFilesAndWritesJSON(t *testing.T) {
	path := filepath.Join("..", "..", "schemas", "testdata", "swagger2.json")
	code, stdout, stderr := typed(t, "openapi-diff", "2025-07-01", path, "--json")
	if code != 1 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	var diff openAPIDiff
	if err := json.Unmarshal([]byte(stdout), &diff); err != nil {
		t.Fatal(err)
	}
	if diff.Format != openAPIDiffFormat || diff.New.Title != "Certificates of tomorrow" || diff.New.Version != "2099-01-01" || len(diff.Differences) == 0 {
		t.Errorf("got %q %+v with %d differences", diff.Format, diff.New, len(diff.Differences))
	}
	for _, difference := range diff.Differences {
		if difference.Change == "removed" && difference.Name == "policy" && len(difference.Rules) == 0 {
			t.Error("the removed policy touches no rule")
		}
	}
}

func TestOpenAPIDiffRejectsBadInputInOneLine(t *testing.T) {
	folder := t.TempDir()
	file := filesIn(t, folder)
	for _, test := range []struct{ a, b, want string }{
		{"7.4", "8.0", "8.0 is neither a file nor an api-version; the api-versions are 2015-06-01, "},
		{"7.4", filepath.Join(folder, "none.json"), "cannot be read: no such file"},
		{"7.4", folder, "cannot be read: it is a directory"},
		{file("pets.yaml", "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n"), "7.4", "has no operation of the certificates API"},
		{"7.4", file("ref.json", `{"openapi": "3.0.3", "paths": {"/certificates": {"$ref": "more.json"}}}`), `refers to "more.json" at /paths/~1certificates`},
		{"7.4", file("cut.json", `{"openapi": `), "is not JSON"},
		{"-", "-", "which has one document"},
		{"7.4", "-", "the standard input is empty"},
	} {
		code, stdout, stderr := typed(t, "openapi-diff", test.a, test.b)
		if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("%s %s: exit %d, %q, want %q", test.a, test.b, code, stderr, test.want)
		}
	}
	if code, _, stderr := typed(t, "openapi-diff", "7.4"); code != 2 || !strings.Contains(stderr, "accepts 2 arg(s)") {
		t.Errorf("one argument: exit %d, %q", code, stderr)
	}
}

func TestADocumentThatCannotJudgeIsWrongUsageAndSendsNothing(t *testing.T) {
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	for text, want := range map[string]string{
		"openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n":                                       "has no operation of the certificates API",
		"openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/certificates: {$ref: 'https://a.b/c'}}\n": `refers to "https://a.b/c" at /paths/~1certificates, and no other file is read`,
		"openapi: [": "is not YAML",
		"":           "is empty",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := typed(t, "run", "--endpoint", server.URL, "--token", "t", "--openapi", path)
		if code != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, path+" "+want) {
			t.Errorf("%q: exit %d, %q, want %q", text, code, stderr, want)
		}
	}
	if sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
}
