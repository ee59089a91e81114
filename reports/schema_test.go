package reports_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/kvconform/kvconform/reports"
)

func schemaFile(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "schemas", "files", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func problems(t *testing.T, document []byte) []string {
	t.Helper()
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(schemaFile(t)), gojsonschema.NewBytesLoader(document))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range result.Errors() {
		found = append(found, e.String())
	}
	slices.Sort(found)
	return found
}

func TestEveryJSONReportFitsItsSchema(t *testing.T) {
	panicked := sample()
	panicked.Faults, panicked.Interrupted, panicked.Strict = []string{"a bad request"}, true, true
	panicked.Selection = reports.Selection{Scenarios: []string{"create-issuer"}, Rules: []string{"cancel/*"}}
	panicked.Scenarios[0].Rules[0].Panic = true
	panicked.Conclude()
	empty := &reports.Report{}
	empty.Conclude()
	for name, r := range map[string]*reports.Report{"sample": sample(), "green": green(), "full": full(), "empty": empty, "panicked": panicked} {
		if found := problems(t, written(t, r)); len(found) > 0 {
			t.Errorf("%s: %s", name, strings.Join(found, "\n"))
		}
	}
}

func TestTheSchemaRefusesWhatIsNoReport(t *testing.T) {
	whole := string(written(t, sample()))
	for _, change := range [][2]string{
		{`"kvconform.report/1"`, `"kvconform.report/2"`},
		{`"verdict": "warn"`, `"verdict": "meh"`},
		{`"level": "should"`, `"level": "shall"`},
		{`"took": 4200`, `"took": "4.2s"`},
		{`"exitCode": 1`, `"exitCode": 2`},
		{`"tool": {`, `"colour": 1, "tool": {`},
		{`"statement": `, `"sentence": `},
		{`"member": "/request_id"`, `"member": "request_id"`},
		{`"2026-05-04T12:00:00Z"`, `"yesterday"`},
	} {
		changed := strings.Replace(whole, change[0], change[1], 1)
		if changed == whole {
			t.Errorf("%s does not occur", change[0])
			continue
		}
		if len(problems(t, []byte(changed))) == 0 {
			t.Errorf("%s instead of %s fits", change[1], change[0])
		}
	}
}

// The schema and the model name the same members, so that neither can drift.
func TestTheSchemaNamesTheMembersOfTheModel(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(schemaFile(t), &schema); err != nil {
		t.Fatal(err)
	}
	compareMembers(t, "", reflect.TypeFor[reports.Report](), schema, schema)
}

func compareMembers(t *testing.T, at string, model reflect.Type, schema, root map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		definitions, _ := root["definitions"].(map[string]any)
		schema, _ = definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	switch model.Kind() {
	case reflect.Pointer:
		compareMembers(t, at, model.Elem(), schema, root)
	case reflect.Slice:
		items, _ := schema["items"].(map[string]any)
		compareMembers(t, at+"/*", model.Elem(), items, root)
	case reflect.Struct:
		if model.PkgPath() != reflect.TypeFor[reports.Report]().PkgPath() {
			return // a time
		}
		properties, _ := schema["properties"].(map[string]any)
		named := map[string]bool{}
		for _, field := range reflect.VisibleFields(model) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() {
				continue // no encoder writes it
			}
			named[name] = true
			property, ok := properties[name].(map[string]any)
			if !ok {
				t.Errorf("the schema lacks %s/%s", at, name)
				continue
			}
			compareMembers(t, at+"/"+name, field.Type, property, root)
		}
		for name := range properties {
			if !named[name] {
				t.Errorf("the model lacks %s/%s", at, name)
			}
		}
	}
}
