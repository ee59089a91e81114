// Package schemas says what the bodies of the certificates API look like: JSON Schemas (draft-07) of every body in every
// state, with the api-version at which each member appeared, and an OpenAPI document of the operations. Bodies are handed in
// decoded (see [Decode]), so that a body is decoded once however many checks it goes through.
package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/xeipuuv/gojsonschema"
)

//go:embed json/*.json
var files embed.FS

// baseID is what every $id begins with. The scheme is one that nothing can fetch.
const baseID = "kvconform://schemas/"

// Set holds the compiled schemas. It may be used by many goroutines.
type Set struct {
	compiled map[string]*gojsonschema.Schema
	plain    map[string]*plain
	phrases  phrasebook
	history  map[string]*member
	newest   int // the place in Versions of the api-version that brought the last member
}

// Compile registers and compiles the schemas of this package, once for the whole program. It reads nothing but what is
// embedded.
func Compile() (*Set, error) { return compiledOnce() }

var compiledOnce = sync.OnceValues(compileEmbedded)

func compileEmbedded() (*Set, error) {
	sub, err := fs.Sub(files, "json")
	if err != nil {
		return nil, fmt.Errorf("open the embedded schemas: %w", err)
	}
	return compile(sub, tested)
}

// whether says whether schemas are checked with the schema of draft-07 before they are used.
type whether bool

const (
	checked whether = true
	// tested stands for the embedded schemas, which a test checks: every run would spend as long on that as on compiling them.
	tested whether = false
)

// compile builds a Set of the schemas in the root of fsys. A schema is named after its file.
func compile(fsys fs.FS, check whether) (*Set, error) {
	sources, err := readSources(fsys)
	if err != nil {
		return nil, err
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect, loader.Validate = gojsonschema.Draft7, false, bool(check)
	registerQuick()
	quick := quickPatterns()
	set := &Set{compiled: make(map[string]*gojsonschema.Schema, len(sources)), plain: compilePlain(sources), phrases: phrasebook{}}
	for _, name := range sources.names() {
		if err := sources.checkRefs(name); err != nil {
			return nil, err
		}
		if err := set.phrases.learn(sources[name]); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		quicken(sources[name], quick)
		if err := loader.AddSchemas(gojsonschema.NewRawLoader(sources[name])); err != nil {
			return nil, fmt.Errorf("register schema %s: %w", name, err)
		}
	}
	loader.Validate = false // done above; validating again would put back the loader that downloads
	for _, name := range sources.names() {
		if sources.definitionsOnly(name) {
			continue // as a schema of its own it would take anything
		}
		compiled, err := loader.Compile(newRegistered(baseID + name + ".json"))
		if err != nil {
			return nil, fmt.Errorf("compile schema %s: %w", name, err)
		}
		set.compiled[name] = compiled
	}
	// gojsonschema has rewritten the references in its documents; the history is read from fresh ones.
	sources, err = readSources(fsys)
	if err != nil {
		return nil, err
	}
	if set.history, err = sources.members(); err != nil {
		return nil, err
	}
	set.newest = newest(set.history)
	return set, nil
}

// Names returns the names of the schemas that a body can be checked against, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.compiled))
	for name := range s.compiled {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check returns what is wrong with a body of the given kind, sorted by pointer. A null member counts as an absent one: it is
// accepted where the member is optional, and reported as missing where it is required. The value is one that [Decode]
// returned; it is not changed.
func (s *Set) Check(kind Kind, value any) []Problem {
	return s.check(string(kind), value, nullIsAbsent)
}

// CheckNamed is like [Set.Check] for any schema of the set, body of the API or not. Null is null to it.
func (s *Set) CheckNamed(name string, value any) []Problem {
	return s.check(name, value, nullIsNull)
}

func (s *Set) check(name string, value any, null nulls) []Problem {
	schema, ok := s.compiled[name]
	if !ok {
		return []Problem{{Message: fmt.Sprintf("there is no schema named %q", name)}}
	}
	if foreign, found := foreignType(value); found {
		return []Problem{{Message: fmt.Sprintf("the body cannot be checked: it holds a %s, so that it is not what Decode returns", foreign)}}
	}
	if plain := s.plain[name]; plain != nil && plain.proves(value, null) {
		return nil
	}
	return s.checkFully(schema, name, value, null)
}

// checkFully has gojsonschema judge.
func (s *Set) checkFully(schema *gojsonschema.Schema, name string, value any, null nulls) []Problem {
	original := value
	if null == nullIsAbsent {
		value = withoutNulls(value)
	}
	result, err := schema.Validate(gojsonschema.NewRawLoader(value))
	if err != nil {
		return []Problem{{Message: fmt.Sprintf("the body cannot be checked against schema %s: %v", name, err)}}
	}
	var problems []Problem
	for _, resultError := range result.Errors() {
		if br, ok := breachOf(resultError); ok {
			problems = append(problems, s.phrases.problem(original, br))
		}
	}
	return sorted(problems)
}

// breachOf translates what gojsonschema found. An allOf is no breach of its own: what broke it is reported beside it.
func breachOf(e gojsonschema.ResultError) (breach, bool) {
	const separator = "\x00"
	br := breach{tokens: strings.Split(e.Context().String(separator), separator)[1:]}
	detail := func(name string) string {
		if value, ok := e.Details()[name]; ok {
			return fmt.Sprint(value)
		}
		return ""
	}
	switch e.Type() {
	case "number_all_of":
		return breach{}, false
	case "required":
		br.keyword, br.tokens = "required", append(br.tokens, detail("property"))
	case "additional_property_not_allowed":
		br.keyword, br.tokens = "additionalProperties", append(br.tokens, detail("property"))
	case "invalid_type":
		br.keyword, br.limit = "type", strings.Trim(detail("expected"), "[]") // several types are in brackets
	case "pattern":
		br.keyword, br.limit = "pattern", detail("pattern")
	case "format":
		br.keyword, br.limit = e.Type(), e.Description()
		if pattern, quick := strings.CutPrefix(detail("format"), formatPrefix); quick {
			br.keyword, br.limit = "pattern", pattern
		}
	case "enum":
		br.keyword, br.limit = "enum", detail("allowed")
	case "string_gte":
		br.keyword, br.limit = "minLength", detail("min")
	case "array_min_items":
		br.keyword, br.limit = "minItems", detail("min")
	case "number_gte":
		br.keyword, br.limit = "minimum", bound(e.Details()["min"])
	case "number_lte":
		br.keyword, br.limit = "maximum", bound(e.Details()["max"])
	case "array_min_properties":
		br.keyword, br.limit = "minProperties", detail("min")
	case "array_max_properties":
		br.keyword, br.limit = "maxProperties", detail("max")
	default:
		br.keyword, br.limit = e.Type(), e.Description()
	}
	return br, true
}

// bound writes a bound of gojsonschema, a *big.Rat, as a decimal number.
func bound(limit any) string {
	if rat, ok := limit.(interface{ RatString() string }); ok {
		return rat.RatString()
	}
	return fmt.Sprint(limit)
}

// Decode decodes one JSON text, keeping numbers as they are written. Text after the value is an error.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode JSON: there is text after the value")
	}
	return value, nil
}

// sourceFiles holds decoded schema files by name.
type sourceFiles map[string]map[string]any

func readSources(fsys fs.FS) (sourceFiles, error) {
	paths, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	sources := make(sourceFiles, len(paths))
	for _, file := range paths {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("read schema %s: %w", file, err)
		}
		value, err := Decode(text)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", file, err)
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("schema %s is %s, must be an object", file, typeOf(value))
		}
		if id := baseID + file; object["$id"] != id {
			return nil, fmt.Errorf("schema %s has the $id %v, must have %s", file, object["$id"], id)
		}
		sources[strings.TrimSuffix(path.Base(file), ".json")] = object
	}
	return sources, nil
}

func (s sourceFiles) names() []string {
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// definitionsOnly reports whether a file describes no body of its own.
func (s sourceFiles) definitionsOnly(name string) bool {
	_, typed := s[name]["type"]
	return !typed
}

// registeredOnly loads a schema that was registered by its id. Whatever is not registered is an error, never a download.
type registeredOnly struct{ gojsonschema.JSONLoader }

func newRegistered(id string) gojsonschema.JSONLoader {
	return registeredOnly{gojsonschema.NewReferenceLoader(id)}
}

// LoadJSON is called for what is not registered.
func (r registeredOnly) LoadJSON() (any, error) {
	return nil, fmt.Errorf("no schema is registered as %v", r.JsonSource())
}

// LoaderFactory returns the maker of the loaders for references within the schema.
func (registeredOnly) LoaderFactory() gojsonschema.JSONLoaderFactory { return registeredOnlyFactory{} }

type registeredOnlyFactory struct{}

// New refuses as its maker does.
func (registeredOnlyFactory) New(source string) gojsonschema.JSONLoader { return newRegistered(source) }
