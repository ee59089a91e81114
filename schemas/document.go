package schemas

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var openAPI []byte

// Document is the OpenAPI document of the API. It may be used by many goroutines.
type Document struct {
	doc     *openapi3.T
	routes  []route
	phrases phrasebook
	nothing sync.Map // of a schema, the problems of an object without members
}

// LoadDocument loads the embedded OpenAPI document, once for the whole program, and proves that it is a valid one. It reads
// nothing but what is embedded.
func LoadDocument() (*Document, error) { return documentOnce() }

var documentOnce = sync.OnceValues(loadEmbedded)

func loadEmbedded() (*Document, error) {
	sub, err := fs.Sub(files, "json")
	if err != nil {
		return nil, fmt.Errorf("open the embedded schemas: %w", err)
	}
	sources, err := readSources(sub)
	if err != nil {
		return nil, err
	}
	root, err := assemble(openAPI, sources)
	if err != nil {
		return nil, err
	}
	phrases := phrasebook{}
	if err := phrases.learn(root); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	text, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	loader := openapi3.NewLoader() // refuses references to other files unless told otherwise
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("load the OpenAPI document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate the OpenAPI document: %w", err)
	}
	routes, err := routesOf(doc)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return &Document{doc: doc, routes: routes, phrases: phrases}, nil
}

// OpenAPI returns the whole document, bodies included, as indented JSON.
func (d *Document) OpenAPI() ([]byte, error) {
	text, err := json.MarshalIndent(d.doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return text, nil
}

// assemble returns the OpenAPI document with the draft-07 schemas as its components.
func assemble(document []byte, sources sourceFiles) (map[string]any, error) {
	var root map[string]any
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	components, ok := root["components"].(map[string]any)
	if !ok {
		return nil, errors.New("read the OpenAPI document: it has no components")
	}
	schemas := map[string]any{}
	for _, name := range sources.names() {
		source := sources[name]
		definitions, _ := source["definitions"].(map[string]any)
		for _, definition := range sortedKeys(definitions) {
			converted, err := openAPISchema(name, definitions[definition])
			if err != nil {
				return nil, fmt.Errorf("schema %s, definition %s: %w", name, definition, err)
			}
			schemas[name+"."+definition] = converted
		}
		if sources.definitionsOnly(name) {
			continue
		}
		converted, err := openAPISchema(name, source)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		schemas[name] = converted
	}
	components["schemas"] = schemas
	return root, nil
}

// openAPISchema converts a draft-07 schema of the file to one of OpenAPI 3.0. The schemas keep to what both have, so that only
// references and identifying members differ; a keyword that OpenAPI 3.0 lacks is an error, not dropped.
func openAPISchema(file string, value any) (any, error) {
	schema, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%v is no schema that OpenAPI 3.0 can say", value)
	}
	if ref, ok := schema["$ref"].(string); ok {
		return map[string]any{"$ref": componentRef(file, ref)}, nil
	}
	converted := make(map[string]any, len(schema))
	for _, keyword := range sortedKeys(schema) {
		value := schema[keyword]
		var err error
		switch keyword {
		case "$schema", "$id", "$comment", "definitions":
			continue
		case "title", "description", "required", "pattern", "enum",
			"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems":
		case "type":
			var nullable bool
			if value, nullable, err = openAPIType(value); nullable {
				converted["nullable"] = true
			}
		case "items", "additionalProperties":
			value, err = openAPISchema(file, value)
		case "properties":
			value, err = openAPIProperties(file, value)
		case "allOf":
			value, err = openAPIList(file, value)
		default:
			if !strings.HasPrefix(keyword, "x-") {
				err = fmt.Errorf("keyword %q has no counterpart in OpenAPI 3.0 here", keyword)
			}
		}
		if err != nil {
			return nil, err
		}
		converted[keyword] = value
	}
	return converted, nil
}

// openAPIType converts the type of a draft-07 schema. Of lists OpenAPI 3.0 can say one: a type or null.
func openAPIType(value any) (name any, nullable bool, err error) {
	switch value := value.(type) {
	case string:
		return value, false, nil
	case []any:
		if len(value) == 2 && value[0] != "null" && value[1] == "null" {
			return value[0], true, nil
		}
	}
	return nil, false, fmt.Errorf("OpenAPI 3.0 has no list of types: %v", value)
}

func openAPIProperties(file string, value any) (any, error) {
	properties, _ := value.(map[string]any)
	converted := make(map[string]any, len(properties))
	for _, name := range sortedKeys(properties) {
		property, err := openAPISchema(file, properties[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		converted[name] = property
	}
	return converted, nil
}

func openAPIList(file string, value any) (any, error) {
	list, _ := value.([]any)
	converted := make([]any, len(list))
	for i, item := range list {
		var err error
		if converted[i], err = openAPISchema(file, item); err != nil {
			return nil, err
		}
	}
	return converted, nil
}

func componentRef(file, ref string) string {
	base, fragment, _ := strings.Cut(ref, "#")
	if base == "" {
		base = file
	}
	name := strings.TrimSuffix(base, ".json")
	if definition, ok := strings.CutPrefix(fragment, "/definitions/"); ok {
		name += "." + definition
	}
	return "#/components/schemas/" + name
}
