package schemas

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
)

// MaxGiven is the largest OpenAPI document that is read, in bytes. The documents of the API have a hundredth of it.
const MaxGiven = 8 << 20

// Given is an OpenAPI document that somebody else wrote, such as the one that is published with a new api-version.
type Given struct {
	// Title and Version are those of its info; Digest is "sha256:" and the hash of the file.
	Title, Version, Digest string
	// Notes say what of the document is not checked.
	Notes []string
	doc   *openapi3.T
}

// ReadGiven reads an OpenAPI 3 document, or one of Swagger 2, which it converts; both as JSON or YAML. It reads nothing but
// the text: a reference to another file or to the network is an error. The error is one line that says what to do.
func ReadGiven(text []byte) (given *Given, err error) {
	defer func() {
		if thrown := recover(); thrown != nil { // the converter expects more of a document than it checks
			given, err = nil, fmt.Errorf("is no OpenAPI document that can be read: %v", thrown)
		}
	}()
	if len(text) > MaxGiven {
		return nil, fmt.Errorf("has more than the %d MiB that an OpenAPI document may have", MaxGiven>>20)
	}
	root, err := givenTree(text)
	if err != nil {
		return nil, err
	}
	if err := referNowhere(root); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	given = &Given{Digest: "sha256:" + hex.EncodeToString(sum[:])}
	given.Notes = dropPatterns(root)
	if given.doc, err = givenDocument(root); err != nil {
		return nil, err
	}
	if given.doc.Info != nil {
		given.Title, given.Version = given.doc.Info.Title, given.doc.Info.Version
	}
	return given, nil
}

// givenTree parses JSON or YAML to the values that JSON has.
func givenTree(text []byte) (map[string]any, error) {
	text = bytes.TrimPrefix(bytes.TrimSpace(text), []byte("\uFEFF"))
	if len(text) == 0 {
		return nil, errors.New("is empty; give an OpenAPI document as JSON or YAML")
	}
	var value any
	if text[0] == '{' {
		var err error
		if value, err = Decode(text); err != nil {
			return nil, fmt.Errorf("is not JSON: %s", strings.TrimPrefix(err.Error(), "decode JSON: "))
		}
	} else {
		if err := shallow(text); err != nil {
			return nil, err
		}
		converted, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, fmt.Errorf("is not YAML: %s", oneLineOf(yaml.FormatError(err, false, false)))
		}
		if value, err = Decode(converted); err != nil {
			return nil, fmt.Errorf("is not YAML that JSON can express: %w", err)
		}
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("is no OpenAPI document: it is %s", typeOf(value))
	}
	return root, nil
}

// shallow rejects YAML whose depth or whose aliases would cost more than its size, before the parser sees it.
func shallow(text []byte) error {
	const deepest = 500
	depth := 0
	for number, line := range bytes.Split(text, []byte("\n")) {
		trimmed := bytes.TrimLeft(line, " ")
		if anchored.Match(trimmed) {
			return fmt.Errorf("has a YAML anchor or alias on line %d, which is not read; write the value out", number+1)
		}
		dashes := 0
		for bytes.HasPrefix(trimmed[min(2*dashes, len(trimmed)):], []byte("- ")) {
			dashes++
		}
		depth += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{"))
		if depth > deepest || dashes > deepest || len(line)-len(trimmed) > 4*deepest {
			return fmt.Errorf("is nested too deep on line %d", number+1)
		}
		depth = max(0, depth-bytes.Count(line, []byte("]"))-bytes.Count(line, []byte("}")))
	}
	return nil
}

// anchored finds an anchor or an alias where YAML has one: at the beginning of a value.
var anchored = regexp.MustCompile(`^(?:- )*(?:[\w$./"'{}-]+:\s+)?[&*][A-Za-z0-9_]+\s*(?:$|[\[{])`)

// referNowhere rejects a reference to something that is not in the document. Examples and extensions are data.
func referNowhere(root any) error {
	outside, place, count := "", "", 0
	var look func(value any, at []string)
	look = func(value any, at []string) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range sortedKeys(value) {
				ref, isText := value[name].(string)
				switch {
				case name == "$ref" && isText && !strings.HasPrefix(ref, "#"):
					if count++; count == 1 {
						outside, place = ref, pointer(at)
					}
				case strings.HasPrefix(name, "x-"), name == "example", name == "examples":
				default:
					look(value[name], append(at[:len(at):len(at)], name))
				}
			}
		case []any:
			for i, item := range value {
				look(item, append(at[:len(at):len(at)], fmt.Sprint(i)))
			}
		}
	}
	look(root, nil)
	if count == 0 {
		return nil
	}
	more := ""
	if count > 1 {
		more = fmt.Sprintf(" and to others %d times", count-1)
	}
	return fmt.Errorf("refers to %q at %s%s, and no other file is read; bundle it into one document first, as with `redocly bundle`", outside, place, more)
}

// dropPatterns takes out the patterns that Go's regular expressions cannot express, and names them.
func dropPatterns(root map[string]any) []string {
	var notes []string
	seen := map[string]bool{}
	var look func(value any)
	look = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if text, ok := value["pattern"].(string); ok {
				if _, err := regexp.Compile(text); err != nil {
					delete(value, "pattern")
					if !seen[text] {
						seen[text] = true
						notes = append(notes, fmt.Sprintf("the pattern %q is not checked: it is no regular expression that RE2 has", text))
					}
				}
			}
			for _, name := range sortedKeys(value) {
				look(value[name])
			}
		case []any:
			for _, item := range value {
				look(item)
			}
		}
	}
	look(root)
	return notes
}

// givenDocument loads the tree as OpenAPI 3.
func givenDocument(root map[string]any) (*openapi3.T, error) {
	text, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("is no OpenAPI document: %w", err)
	}
	var doc *openapi3.T
	three, _ := root["openapi"].(string)
	switch swagger := fmt.Sprint(root["swagger"]); {
	case strings.HasPrefix(three, "3."):
		doc, err = openapi3.NewLoader().LoadFromData(text)
	case swagger == "2.0":
		var old openapi2.T
		if err = json.Unmarshal(text, &old); err == nil {
			doc, err = openapi2conv.ToV3(&old)
		}
	default:
		return nil, errors.New("is no OpenAPI document: it has neither `openapi: 3.x` nor `swagger: \"2.0\"`")
	}
	if err != nil {
		return nil, fmt.Errorf("is no OpenAPI document that can be read: %s", oneLineOf(err.Error()))
	}
	err = doc.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(),
		openapi3.DisableSchemaPatternValidation())
	if err != nil {
		return nil, fmt.Errorf("is no valid OpenAPI document: %s", oneLineOf(err.Error()))
	}
	return doc, nil
}

// oneLineOf is a message in one line of bounded length.
func oneLineOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 300
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// Document is the given document as responses are checked against it. Its operations have the names that the REST
// specification gives them.
func (g *Given) Document(own *Document) (*Document, error) {
	routes, err := routesOf(g.doc)
	if err != nil {
		return nil, err
	}
	routes = withOptionalVersion(routes)
	certificates := 0
	for i := range routes {
		if known, ok := own.nameOf(&routes[i]); ok {
			routes[i].id = known
			certificates++
		}
	}
	if certificates == 0 {
		return nil, errors.New("has no operation of the certificates API, such as POST /certificates/{certificate-name}/create")
	}
	return &Document{doc: g.doc, routes: routes, phrases: phrasebook{}}, nil
}

// HasCertificates returns an error for a document that describes another API.
func (g *Given) HasCertificates() error {
	own, err := LoadDocument()
	if err != nil {
		return err
	}
	_, err = g.Document(own)
	return err
}

// nameOf is the name that the REST specification has for a route of another document.
func (d *Document) nameOf(r *route) (string, bool) {
	segments := make([]string, len(r.segments))
	for i, segment := range r.segments {
		segments[i] = segment
		if _, isParameter := parameterName(segment); isParameter {
			segments[i] = "x"
		}
	}
	name, _, ok := d.Operation(r.method, "/"+strings.Join(segments, "/"), "")
	return name, ok
}

// withOptionalVersion adds a route without its last segment for one that ends in a version, as the REST specification has
// it: the version may be empty, which OpenAPI cannot express.
func withOptionalVersion(routes []route) []route {
	var added []route
	for _, r := range routes {
		name, isParameter := parameterName(r.segments[len(r.segments)-1])
		if !isParameter || !strings.Contains(strings.ToLower(name), "version") || len(r.segments) < 3 {
			continue
		}
		bare := r
		bare.segments = r.segments[:len(r.segments)-1]
		bare.parameters = nil
		for _, parameter := range r.parameters {
			if parameter.Value.Name != name {
				bare.parameters = append(bare.parameters, parameter)
			}
		}
		exists := false
		for i := range routes {
			_, same := routes[i].match(bare.method, bare.segments)
			exists = exists || same && len(routes[i].segments) == len(bare.segments)
		}
		if !exists {
			added = append(added, bare)
		}
	}
	return append(routes, added...)
}
