package schemas

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
)

//go:embed files/*.json
var written embed.FS

// Files holds the compiled schemas of the files that people write for kvconform, such as the target file. It may be used
// by many goroutines.
type Files struct {
	*Set
	sources sourceFiles
}

// CompileFiles compiles the schemas of the files that people write. They stand apart from the bodies, which are part of
// the OpenAPI document.
func CompileFiles() (*Files, error) {
	sub, err := fs.Sub(written, "files")
	if err != nil {
		return nil, fmt.Errorf("open the embedded schemas of files: %w", err)
	}
	set, err := compile(sub, tested)
	if err != nil {
		return nil, err
	}
	sources, err := readSources(sub)
	if err != nil {
		return nil, err
	}
	return &Files{Set: set, sources: sources}, nil
}

// FileNames names the kinds of files that have a schema.
func FileNames() []string { return []string{"target", "baseline", "report"} }

// FileSchema returns the schema of a kind of file as it is written, for editors and other programs.
func FileSchema(name string) ([]byte, error) {
	text, err := written.ReadFile("files/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the schema of a %s: %w", name, err)
	}
	return text, nil
}

// Hint is what a schema has to tell the one who wrote a wrong value.
type Hint struct {
	// Keys are the members that an object may have, sorted; nil where the schema names none.
	Keys []string
	// Example is a right value as JSON, "" where the schema gives none.
	Example string
}

// Hint finds what the schema of that name says of a place in the value; tokens are the keys and indexes that lead there.
func (f *Files) Hint(name string, tokens []string) Hint {
	schema, ok := f.sources[name]
	if !ok {
		return Hint{}
	}
	// What stands beside a $ref says more of the place than what it refers to.
	beside := schema
	for _, token := range tokens {
		if beside = under(schema, token); beside == nil {
			return Hint{}
		}
		if schema, name = f.follow(name, beside); schema == nil {
			return Hint{}
		}
	}
	hint := Hint{}
	if properties, ok := schema["properties"].(map[string]any); ok {
		hint.Keys = sortedKeys(properties)
	}
	for _, from := range []map[string]any{beside, schema} {
		if examples, ok := from["examples"].([]any); ok && len(examples) > 0 && hint.Example == "" {
			text, err := json.Marshal(examples[0])
			if err == nil {
				hint.Example = string(text)
			}
		}
	}
	return hint
}

// under is the schema of a member or an item, nil where none is told.
func under(schema map[string]any, token string) map[string]any {
	properties, _ := schema["properties"].(map[string]any)
	if property, ok := properties[token].(map[string]any); ok {
		return property
	}
	if _, err := strconv.Atoi(token); err == nil {
		if items, ok := schema["items"].(map[string]any); ok {
			return items
		}
	}
	additional, _ := schema["additionalProperties"].(map[string]any)
	return additional
}

func (f *Files) follow(file string, schema map[string]any) (map[string]any, string) {
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema, file
	}
	found, in, err := f.sources.resolve(file, ref)
	if err != nil {
		return nil, file // compile has refused such a reference
	}
	return found, in
}
