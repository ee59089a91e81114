package schemas

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func given(t *testing.T, text string) *Given {
	t.Helper()
	read, err := ReadGiven([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func swagger(t *testing.T) *Given {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "swagger2.json"))
	if err != nil {
		t.Fatal(err)
	}
	return given(t, string(text))
}

const smallDocument = `
openapi: 3.0.3
info: {title: Small, version: "1"}
paths:
  /certificates/{certificate-name}/{certificate-version}:
    get:
      operationId: Read
      parameters:
        - {name: certificate-name, in: path, required: true, schema: {type: string}}
        - {name: certificate-version, in: path, required: true, schema: {type: string}}
      responses:
        200:
          description: The certificate.
          content: {application/json: {schema: {type: object, required: [novel], properties: {novel: {type: string}}}}}
`

func TestADocumentThatCannotBeUsedIsOneLine(t *testing.T) {
	whole, err := LoadVersion("7.4")
	if err != nil {
		t.Fatal(err)
	}
	text, err := whole.JSON()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, text, want string }{
		{"empty", " \n", "is empty; give an OpenAPI document"},
		{"cut short", string(text[:len(text)/2]), "is not JSON: "},
		{"a list", "- a\n- b\n", "is no OpenAPI document: it is an array"},
		{"a scalar", "hello", "is no OpenAPI document: it is a string"},
		{"broken YAML", "a: [1\nb: 2\n", "is not YAML: "},
		{"another file", `{"kind": "report"}`, "it has neither `openapi: 3.x` nor `swagger: \"2.0\"`"},
		{"OpenAPI 4", `{"openapi": "4.0.0"}`, "it has neither"},
		{"without paths", `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}}`, "is no valid OpenAPI document: "},
		{"of another kind", `{"openapi": 3, "paths": []}`, "it has neither"},
		{"another API", `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/pets": {"get": {"responses": {"200": {"description": "d"}}}}}}`,
			"has no operation of the certificates API"},
		{"a reference to a file", strings.Replace(smallDocument, "{type: object,", `{$ref: "common.json#/a", x: {$ref: "https://example.com/b"},`, 1),
			`refers to "common.json#/a" at /paths/~1certificates~1{certificate-name}~1{certificate-version}/get/responses/200/content/application~1json/schema ` +
				"and to others 1 times, and no other file is read; bundle it"},
		{"a reference to nothing", strings.Replace(smallDocument, "{type: object,", `{$ref: "#/components/schemas/None",`, 1), "is no OpenAPI document that can be read: "},
		{"an alias", "a: &a [x, x]\nb: *a\n", "has a YAML anchor or alias on line 1"},
		{"nested brackets", "a: " + strings.Repeat("[", 5000), "is nested too deep on line 1"},
		{"nested lists", strings.Repeat("- ", 5000) + "a", "is nested too deep on line 1"},
		{"nested lines", "a:\n" + strings.Repeat(" ", 5000) + "b: c", "is nested too deep on line 2"},
		{"nested JSON", strings.Repeat(`{"a":`, 20000), "is not JSON: "},
		{"too large", strings.Repeat(" ", MaxGiven+1), "has more than the 8 MiB"},
		{"Swagger that the converter cannot take", `{"swagger": "2.0", "paths": {"/certificates": {"get": {"parameters": [{"in": "body"}], "responses": {}}}}}`, "is no "},
	}
	for _, test := range tests {
		read, err := ReadGiven([]byte(test.text))
		if err == nil {
			err = read.HasCertificates()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 600 {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// The loader of kin-openapi can fetch; what reads a document of the user's must not.
func TestNothingIsDialledForADocument(t *testing.T) {
	dialled := 0
	before := http.DefaultTransport
	http.DefaultTransport = transportFunc(func(*http.Request) (*http.Response, error) {
		dialled++
		return nil, http.ErrServerClosed
	})
	defer func() { http.DefaultTransport = before }()
	for _, ref := range []string{"https://example.com/a.json", "//example.com/a.json", "file:///etc/passwd", "/etc/passwd", "a.json#/b", "\\\\host\\a"} {
		for _, text := range []string{
			strings.Replace(smallDocument, "{type: object,", "{$ref: '"+ref+"',", 1),
			`{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/certificates": {"$ref": "` + strings.ReplaceAll(ref, `\`, `\\`) + `"}}}`,
			`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/certificates": {"$ref": "` + strings.ReplaceAll(ref, `\`, `\\`) + `"}}}`,
		} {
			if _, err := ReadGiven([]byte(text)); err == nil || !strings.Contains(err.Error(), "no other file is read") {
				t.Errorf("%s: got %v", ref, err)
			}
		}
	}
	if dialled > 0 {
		t.Errorf("%d requests were sent", dialled)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAGivenDocumentJudgesResponses(t *testing.T) {
	_, own := load(t)
	for name, read := range map[string]*Given{"YAML": given(t, smallDocument), "Swagger 2": swagger(t)} {
		document, err := read.Document(own)
		if err != nil {
			t.Fatal(err)
		}
		member := map[string]string{"YAML": "novel", "Swagger 2": "provenance"}[name]
		for _, test := range []struct {
			path, body, want string
			status           int
		}{
			{"/certificates/n/v", `{"` + member + `":"x"}`, "", 200},
			{"/certificates/n", `{"` + member + `":"x"}`, "", 200}, // the version may be left out
			{"/certificates/n/", `{"` + member + `":"x"}`, "", 200},
			{"/certificates/n", `{}`, member + " is missing", 200},
			{"/certificates/n", `{"` + member + `":null}`, member + " is null, which counts as missing", 200},
			{"/certificates/n", `{"` + member + `":1}`, member + " is an integer, must be a string", 200},
			{"/certificates/n", `{"` + member + `":"x"}`, "status 201 is not declared for GetCertificate, only 200 or an error", 201},
			{"/certificates/n", `{"error":{"code":"NotFound"}}`, "", 404},
			{"/certificates/unknown/route/x", `{"error":{"code":"NotFound"}}`, "", 404},
		} {
			body, err := Decode([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request := Request{Method: "GET", URL: "https://v" + test.path + "?api-version=2099-01-01"}
			problems := document.CheckResponse(request, Response{Status: test.status, Header: jsonHeader(), Raw: []byte(test.body), Body: body})
			got := ""
			if len(problems) > 0 {
				got = problems[0].Message
			}
			if got != test.want || len(problems) > 1 {
				t.Errorf("%s: %s %d %s: got %v, want %q", name, test.path, test.status, test.body, problems, test.want)
			}
		}
	}
}

func TestAPatternThatCannotBeCheckedIsNamed(t *testing.T) {
	read := given(t, strings.Replace(smallDocument, "novel: {type: string}", "novel: {type: string, pattern: '^(?=a).*$'}", 1))
	if len(read.Notes) != 1 || !strings.Contains(read.Notes[0], `"^(?=a).*$" is not checked`) {
		t.Errorf("the notes are %q", read.Notes)
	}
	if read.Title != "Small" || read.Version != "1" || !strings.HasPrefix(read.Digest, "sha256:") {
		t.Errorf("got %q %q %q", read.Title, read.Version, read.Digest)
	}
}
