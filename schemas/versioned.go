package schemas

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
)

// A VersionDocument is the OpenAPI document of one api-version: the operations, parameters and members that it has, and
// nothing newer. It comes from the same files as the JSON Schemas and [LoadDocument].
type VersionDocument struct {
	Version APIVersion
	doc     *openapi3.T
	root    map[string]any
}

// LoadVersion makes the OpenAPI document of a known api-version and proves that it is a valid one.
func LoadVersion(version string) (*VersionDocument, error) {
	at := indexOf(version)
	if at < 0 {
		return nil, fmt.Errorf("unknown api-version %q", version)
	}
	sub, err := fs.Sub(files, "json")
	if err != nil {
		return nil, fmt.Errorf("open the embedded schemas: %w", err)
	}
	sources, err := readSources(sub)
	if err != nil {
		return nil, err
	}
	for _, name := range sources.names() {
		if err := withoutNewer(sources[name], at); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
	}
	root, err := assemble(openAPI, sources)
	if err != nil {
		return nil, err
	}
	if err := narrow(root, at); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	root["info"].(map[string]any)["version"] = version
	root["servers"] = []any{map[string]any{
		"url":         "https://{vault}",
		"description": "A vault.",
		"variables":   map[string]any{"vault": map[string]any{"default": "vault.localhost", "description": "The host of the vault, with its port if it is not 443."}},
	}}
	nameRejections(root)
	withoutUnused(root)
	doc, err := parse(root)
	if err != nil {
		return nil, err
	}
	return &VersionDocument{Version: APIVersion(version), doc: doc, root: root}, nil
}

// parse loads a document and validates it. A reference to another file is an error.
func parse(root map[string]any) (*openapi3.T, error) {
	text, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text) // refuses references to other files unless told otherwise
	if err != nil {
		return nil, fmt.Errorf("load the OpenAPI document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate the OpenAPI document: %w", err)
	}
	return doc, nil
}

// JSON returns the document as indented JSON, in the order in which OpenAPI documents are read.
func (d *VersionDocument) JSON() ([]byte, error) {
	ordered := struct {
		OpenAPI    any `json:"openapi"`
		Info       any `json:"info"`
		Servers    any `json:"servers"`
		Security   any `json:"security"`
		Tags       any `json:"tags,omitempty"`
		Paths      any `json:"paths"`
		Components any `json:"components"`
	}{
		d.root["openapi"], d.root["info"], d.root["servers"], d.root["security"], d.root["tags"], d.root["paths"],
		d.root["components"],
	}
	text, err := json.MarshalIndent(ordered, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// YAML returns the document as YAML, in the order of JSON.
func (d *VersionDocument) YAML() ([]byte, error) {
	text, err := d.JSON()
	if err != nil {
		return nil, err
	}
	if text, err = yaml.JSONToYAML(text); err != nil {
		return nil, fmt.Errorf("write the OpenAPI document as YAML: %w", err)
	}
	return text, nil
}

// withoutNewer takes the members that are newer than an api-version out of a draft-07 schema.
func withoutNewer(schema map[string]any, at int) error {
	return eachSchema(schema, func(schema map[string]any) error {
		properties, _ := schema["properties"].(map[string]any)
		for _, name := range sortedKeys(properties) {
			property, _ := properties[name].(map[string]any)
			newer, err := isNewer(property, at)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if !newer {
				continue
			}
			delete(properties, name)
			if required, ok := schema["required"].([]any); ok {
				schema["required"] = slices.DeleteFunc(required, func(one any) bool { return one == name })
			}
		}
		return nil
	})
}

// narrow takes the operations and parameters that are newer than an api-version out of a document.
func narrow(root map[string]any, at int) error {
	parameters, _ := root["components"].(map[string]any)["parameters"].(map[string]any)
	gone := map[string]bool{}
	for _, name := range sortedKeys(parameters) {
		newer, err := isNewer(parameters[name].(map[string]any), at)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
		gone["#/components/parameters/"+name] = newer
	}
	isGone := func(parameter any) bool {
		ref, _ := parameter.(map[string]any)["$ref"].(string)
		return gone[ref]
	}
	paths := root["paths"].(map[string]any)
	for _, path := range sortedKeys(paths) {
		item := paths[path].(map[string]any)
		operations := 0
		for _, key := range sortedKeys(item) {
			operation, isOperation := item[key].(map[string]any)
			if !isOperation {
				continue
			}
			newer, err := isNewer(operation, at)
			if err != nil {
				return fmt.Errorf("%s %s: %w", key, path, err)
			}
			if newer {
				delete(item, key)
				continue
			}
			operations++
			if list, ok := operation["parameters"].([]any); ok {
				operation["parameters"] = slices.DeleteFunc(list, isGone)
			}
		}
		if operations == 0 {
			delete(paths, path)
		}
	}
	return nil
}

// nameRejections declares the errors of a client beside the default: the two are alike, and linters ask for the first.
func nameRejections(root map[string]any) {
	for _, item := range root["paths"].(map[string]any) {
		for _, operation := range item.(map[string]any) {
			if operation, ok := operation.(map[string]any); ok {
				responses := operation["responses"].(map[string]any)
				responses["4XX"] = responses["default"]
			}
		}
	}
}

// isNewer reports whether x-since is after an api-version.
func isNewer(thing map[string]any, at int) (bool, error) {
	since, ok := thing["x-since"]
	if !ok {
		return false, nil
	}
	version, _ := since.(string)
	place := indexOf(version)
	if place < 0 {
		return false, fmt.Errorf("x-since %v is no known api-version", since)
	}
	return place > at, nil
}

// withoutUnused takes out the components that no operation leads to, such as the bodies in one state, which only checks
// that know the state refer to.
func withoutUnused(root map[string]any) {
	components := root["components"].(map[string]any)
	used := map[string]bool{}
	var follow func(value any)
	follow = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				follow(item)
			}
		case map[string]any:
			if ref, ok := value["$ref"].(string); ok && !used[ref] {
				used[ref] = true
				kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
				if group, ok := components[kind].(map[string]any); ok {
					follow(group[name])
				}
			}
			for _, child := range value {
				follow(child)
			}
		}
	}
	follow(root["paths"])
	for _, kind := range sortedKeys(components) {
		group, _ := components[kind].(map[string]any)
		if kind == "securitySchemes" {
			continue // named by the list of security, not by a reference
		}
		for _, name := range sortedKeys(group) {
			if !used["#/components/"+kind+"/"+name] {
				delete(group, name)
			}
		}
		if len(group) == 0 {
			delete(components, kind)
		}
	}
}
