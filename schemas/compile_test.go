package schemas

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/xeipuuv/gojsonschema"
)

// refuseDialling makes the default HTTP client fail and count for the length of a test.
func refuseDialling(t *testing.T) *atomic.Int32 {
	t.Helper()
	var dialled atomic.Int32
	before := http.DefaultTransport
	http.DefaultTransport = transport(func(*http.Request) (*http.Response, error) {
		dialled.Add(1)
		return nil, errors.New("no network")
	})
	t.Cleanup(func() { http.DefaultTransport = before })
	return &dialled
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAMissingReferenceIsAnErrorAndNothingIsDialled(t *testing.T) {
	dialled := refuseDialling(t)
	tests := map[string]string{
		"a file that is not there":         `"properties": {"a": {"$ref": "absent.json"}}`,
		"a definition that is not there":   `"properties": {"a": {"$ref": "b.json#/definitions/absent"}}`,
		"a definition of the same file":    `"properties": {"a": {"$ref": "#/definitions/absent"}}`,
		"a page of the web":                `"properties": {"a": {"$ref": "https://schemas.example/a.json"}}`,
		"a file of the machine":            `"properties": {"a": {"$ref": "file:///etc/hosts"}}`,
		"deep in a list":                   `"properties": {"a": {"items": {"allOf": [{"$ref": "absent.json"}]}}}`,
		"for the members without a name":   `"additionalProperties": {"$ref": "absent.json"}`,
		"in a definition that is not used": `"definitions": {"a": {"$ref": "absent.json"}}`,
	}
	for name, part := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compile(schemaFiles(map[string]string{"a": part, "b": `"definitions": {"here": {"type": "string"}}`}), checked)
			if err == nil || !strings.Contains(err.Error(), "$ref") {
				t.Errorf("got error %v", err)
			}
		})
	}
	if n := dialled.Load(); n > 0 {
		t.Errorf("dialled %d times", n)
	}
}

// The loader refuses by itself, too, should a reference slip by the check that comes first.
func TestTheLoaderNeverDownloads(t *testing.T) {
	dialled := refuseDialling(t)
	register := func() *gojsonschema.SchemaLoader {
		loader := gojsonschema.NewSchemaLoader()
		document := map[string]any{"$id": baseID + "a.json", "properties": map[string]any{"a": map[string]any{"$ref": "http://schemas.example/a.json"}}}
		if err := loader.AddSchemas(gojsonschema.NewGoLoader(document)); err != nil {
			t.Fatal(err)
		}
		return loader
	}
	_, err := register().Compile(newRegistered(baseID + "a.json"))
	if err == nil || !strings.Contains(err.Error(), "no schema is registered as http://schemas.example/a.json") {
		t.Errorf("got error %v", err)
	}
	if n := dialled.Load(); n > 0 {
		t.Errorf("dialled %d times", n)
	}
	if _, err := register().Compile(gojsonschema.NewReferenceLoader(baseID + "a.json")); err == nil || dialled.Load() == 0 {
		t.Errorf("the library's own loader no longer dials (%v): this test proves nothing", err)
	}
}

func TestSchemasThatCannotBeTrustedAreErrors(t *testing.T) {
	refuseDialling(t)
	tests := map[string]struct{ file, want string }{
		"no JSON":               {`{`, "decode JSON"},
		"two values":            {`{"$id": "kvconform://schemas/a.json"} {}`, "text after the value"},
		"an array":              {`[]`, "must be an object"},
		"another id":            {`{"$id": "kvconform://schemas/b.json"}`, "must have kvconform://schemas/a.json"},
		"not draft-07":          {`{"$id": "kvconform://schemas/a.json", "type": "text"}`, "register schema a"},
		"a pattern unexplained": {`{"$id": "kvconform://schemas/a.json", "pattern": "^a$"}`, "no x-means"},
		"a pattern that is none": {
			`{"$id": "kvconform://schemas/a.json", "type": "string", "pattern": "(", "x-means": "x"}`, "schema a"},
		"one pattern, two meanings": {`{"$id": "kvconform://schemas/a.json", "items": {"pattern": "a", "x-means": "x"}, "properties": {"a": {"pattern": "a", "x-means": "y"}}}`,
			"means"},
		"an unknown x-since": {`{"$id": "kvconform://schemas/a.json", "properties": {"a": {"x-since": "8.0"}}}`, "no known api-version"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compile(fstest.MapFS{"a.json": {Data: []byte(test.file)}}, checked)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestTheEmbeddedSchemasAreOfDraft7(t *testing.T) {
	for folder, from := range map[string]fs.FS{"json": files, "files": written} {
		sub, err := fs.Sub(from, folder)
		if err != nil {
			t.Fatal(err)
		}
		set, err := compile(sub, checked)
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		if len(set.Names()) == 0 {
			t.Errorf("%s has no schemas", folder)
		}
	}
}

func TestKeywordsThatOpenAPILacksAreErrors(t *testing.T) {
	for name, part := range map[string]string{
		"const":           `"type": "object", "properties": {"a": {"const": 1}}`,
		"a list of types": `"type": "object", "properties": {"a": {"type": ["string", "integer"]}}`,
		"three types":     `"type": "object", "properties": {"a": {"type": ["string", "integer", "null"]}}`,
		"null alone":      `"type": "object", "properties": {"a": {"type": ["null"]}}`,
		"if":              `"type": "object", "if": {"required": ["a"]}`,
		"false":           `"type": "object", "properties": {"a": false}`,
	} {
		t.Run(name, func(t *testing.T) {
			sources, err := readSources(schemaFiles(map[string]string{"a": part}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := assemble([]byte("components: {}"), sources); err == nil {
				t.Error("it was converted")
			}
		})
	}
}

func TestATypeOrNullIsNullable(t *testing.T) {
	sources, err := readSources(schemaFiles(map[string]string{"a": `"type": "object", "properties": {"a": {"type": ["string", "null"]}}`}))
	if err != nil {
		t.Fatal(err)
	}
	root, err := assemble([]byte("components: {}"), sources)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(root["components"].(map[string]any)["schemas"].(map[string]any)["a"].(map[string]any)["properties"])
	if want := "map[a:map[nullable:true type:string]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// schemaFiles makes schema files of what stands in them beside $schema and $id.
func schemaFiles(parts map[string]string) fs.FS {
	made := fstest.MapFS{}
	for name, part := range parts {
		text := `{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "` + baseID + name + `.json", ` + part + `}`
		made[name+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return made
}
