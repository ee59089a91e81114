package schemas

import (
	"fmt"
	"slices"
	"strings"
)

// eachSchema calls visit for every object in a schema document that is a schema, depth first in the order of the members'
// names. The values of const and enum are data and not visited.
func eachSchema(schema map[string]any, visit func(schema map[string]any) error) error {
	if err := visit(schema); err != nil {
		return err
	}
	for _, keyword := range sortedKeys(schema) {
		switch value := schema[keyword].(type) {
		case map[string]any:
			if err := eachIn(keyword, value, visit); err != nil {
				return err
			}
		case []any:
			if keyword == "enum" {
				continue
			}
			for _, item := range value {
				if sub, ok := item.(map[string]any); ok {
					if err := eachSchema(sub, visit); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func eachIn(keyword string, value map[string]any, visit func(map[string]any) error) error {
	switch keyword {
	case "const", "default":
		return nil
	case "properties", "patternProperties", "definitions", "dependencies":
		for _, name := range sortedKeys(value) {
			if sub, ok := value[name].(map[string]any); ok {
				if err := eachSchema(sub, visit); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return eachSchema(value, visit)
}

// checkRefs returns an error for a reference that nothing is registered for.
func (s sourceFiles) checkRefs(name string) error {
	return eachSchema(s[name], func(schema map[string]any) error {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return nil
		}
		if _, _, err := s.resolve(name, ref); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
		return nil
	})
}

// resolve returns the schema that ref names in the file from, and the file it is in. A reference is the name of a file of the
// set, a pointer to a definition of the same file, or both.
func (s sourceFiles) resolve(from, ref string) (schema map[string]any, file string, err error) {
	base, fragment, _ := strings.Cut(ref, "#")
	file = from
	if base != "" {
		var isFile bool
		if file, isFile = strings.CutSuffix(strings.TrimPrefix(base, baseID), ".json"); !isFile {
			return nil, "", fmt.Errorf("$ref %q names no registered schema", ref)
		}
	}
	schema, ok := s[file]
	if !ok {
		return nil, "", fmt.Errorf("$ref %q names no registered schema", ref)
	}
	if fragment == "" || fragment == "/" {
		return schema, file, nil
	}
	definition, isDefinition := strings.CutPrefix(fragment, "/definitions/")
	definitions, _ := schema["definitions"].(map[string]any)
	found, ok := definitions[definition].(map[string]any)
	if !isDefinition || !ok {
		return nil, "", fmt.Errorf("$ref %q names no definition of schema %s", ref, file)
	}
	return found, file, nil
}

// learn takes in what the patterns of a schema document mean. A pattern that does not say what it means, or two things, is
// an error: it could only be reported as a regular expression.
func (b phrasebook) learn(document map[string]any) error {
	return eachSchema(document, func(schema map[string]any) error {
		pattern, ok := schema["pattern"].(string)
		if !ok {
			return nil
		}
		meaning, ok := schema["x-means"].(string)
		if !ok {
			return fmt.Errorf("pattern %q has no x-means", pattern)
		}
		if other, known := b[pattern]; known && other != meaning {
			return fmt.Errorf("pattern %q means %q and %q", pattern, other, meaning)
		}
		b[pattern] = meaning
		return nil
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
