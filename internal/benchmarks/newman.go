package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// collection writes the requests of a list as a Postman collection for Newman. The schemas are those of kvconform's OpenAPI
// document; the ajv of Newman reads them, with nullable as OpenAPI has it.
func collection(folder string, list *requestList, vault *peerVault) (string, error) {
	var document struct {
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(vault.openapi, &document); err != nil {
		return "", err
	}
	type script struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	}
	type event struct {
		Listen string `json:"listen"`
		Script script `json:"script"`
	}
	type item struct {
		Name    string         `json:"name"`
		Event   []event        `json:"event"`
		Request map[string]any `json:"request"`
	}
	var items []item
	for _, of := range list.Kinds {
		schema, err := schemaAlone(document.Components.Schemas, schemaOf(of.Operation))
		if err != nil {
			return "", err
		}
		test := fmt.Sprintf(`pm.test("as documented", () => {
  pm.response.to.have.status(200);
  pm.expect(pm.response.headers.get("Content-Type")).to.match(/^application\/json\b/);
  pm.response.to.have.jsonSchema(%s, { nullable: true });
});`, schema)
		items = append(items, item{
			Name:  of.Operation,
			Event: []event{{"test", script{"text/javascript", []string{test}}}},
			Request: map[string]any{
				"method": "GET", "url": vault.endpoint + of.Path + "?api-version=" + list.Version,
				"header": []map[string]string{{"key": "Authorization", "value": "Bearer " + vault.token}},
			},
		})
	}
	text, err := json.MarshalIndent(map[string]any{
		"info": map[string]string{
			"name":   "kvconform",
			"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
		},
		"item": items,
	}, "", "  ")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "collection.json")
	return path, os.WriteFile(path, text, 0o600)
}

// reference is one schema's name for another in an OpenAPI document.
var reference = regexp.MustCompile(`"#/components/schemas/([^"]+)"`)

// schemaAlone is a schema with those that it refers to and no others, because ajv looks at all that it is given.
func schemaAlone(all map[string]json.RawMessage, name string) (string, error) {
	needed, names := map[string]json.RawMessage{}, []string{name}
	for len(names) > 0 {
		next := names[0]
		names = names[1:]
		if _, known := needed[next]; known {
			continue
		}
		schema, ok := all[next]
		if !ok {
			return "", fmt.Errorf("the OpenAPI document has no schema %s", next)
		}
		needed[next] = schema
		for _, found := range reference.FindAllSubmatch(schema, -1) {
			names = append(names, string(found[1]))
		}
	}
	text, err := json.Marshal(map[string]any{
		"$ref":       "#/components/schemas/" + name,
		"components": map[string]any{"schemas": needed},
	})
	return string(text), err
}

// schemaOf names the schema of an operation's response in the OpenAPI document.
func schemaOf(operation string) string {
	switch operation {
	case "GetCertificateOperation":
		return "certificate-operation"
	case "GetCertificate":
		return "certificate-bundle"
	case "GetCertificatePolicy":
		return "certificate-policy"
	default:
		return "certificate-list"
	}
}
