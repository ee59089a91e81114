package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// workflow writes the requests of a list as an Arazzo description, each round's requests once. Redocly Respect checks status,
// content type and schema of each response with the OpenAPI document beside it.
func workflow(folder string, list *requestList, vault *peerVault) (string, error) {
	type parameter struct {
		Name  string `json:"name"`
		In    string `json:"in"`
		Value string `json:"value"`
	}
	type step struct {
		ID         string              `json:"stepId"`
		Operation  string              `json:"operationId"`
		Parameters []parameter         `json:"parameters"`
		Criteria   []map[string]string `json:"successCriteria"`
	}
	var steps []step
	for round := range list.Rounds {
		for _, of := range list.Kinds {
			parameters := []parameter{{"api-version", "query", list.Version}, {"Authorization", "header", "Bearer " + vault.token}}
			if of.Name != "" {
				parameters = append(parameters, parameter{"certificate-name", "path", of.Name})
			}
			steps = append(steps, step{
				ID: fmt.Sprintf("%s-%d", of.Operation, round), Operation: "$sourceDescriptions.api." + of.Operation,
				Parameters: parameters, Criteria: []map[string]string{{"condition": "$statusCode == 200"}},
			})
		}
	}
	text, err := json.MarshalIndent(map[string]any{
		"arazzo":             "1.0.1",
		"info":               map[string]string{"title": "kvconform", "version": "1"},
		"sourceDescriptions": []map[string]string{{"name": "api", "type": "openapi", "url": "openapi.json"}},
		"workflows":          []map[string]any{{"workflowId": "readings", "steps": steps}},
	}, "", "  ")
	if err != nil {
		return "", err
	}
	document, err := forRespect(vault.openapi)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "openapi.json"), document, 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(folder, fmt.Sprintf("workflow-%d.arazzo.json", list.Rounds))
	return path, os.WriteFile(path, text, 0o600)
}

// forRespect changes two things in the OpenAPI document. The members that hold their own kind leave the schemas of errors,
// because Respect follows them until its stack is full; no response of the comparison is an error. Objects say that they take
// members which they do not name, as OpenAPI has it: Respect rejects them otherwise.
func forRespect(openapi []byte) ([]byte, error) {
	var document map[string]any
	if err := json.Unmarshal(openapi, &document); err != nil {
		return nil, err
	}
	components, _ := document["components"].(map[string]any)
	all, _ := components["schemas"].(map[string]any)
	if len(all) == 0 {
		return nil, errors.New("the OpenAPI document has no schemas")
	}
	for _, name := range []string{"error-detail", "inner-error"} {
		if one, ok := all[name].(map[string]any); ok {
			one["properties"] = map[string]any{}
		}
	}
	open(document)
	return json.Marshal(document)
}

// open lets every object of a document take members that it does not name.
func open(value any) {
	switch of := value.(type) {
	case map[string]any:
		_, objects := of["properties"].(map[string]any)
		if _, said := of["additionalProperties"]; objects && !said {
			of["additionalProperties"] = true
		}
		for _, member := range of {
			open(member)
		}
	case []any:
		for _, item := range of {
			open(item)
		}
	}
}
