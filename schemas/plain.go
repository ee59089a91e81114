package schemas

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Most bodies are valid, and gojsonschema takes as long to find that as everything else of judging an exchange: it makes a
// context and a result for each member. So a body is first looked at by hand. A plain schema proves values valid and does
// nothing else: where it has no proof, gojsonschema judges, and only gojsonschema says what is wrong. A keyword that is not
// known here leaves the whole set without proofs, because schemas refer to each other. Tests compare the two.
type plain struct {
	types      []string // any of these; empty for every type
	pattern    func(text string) bool
	minLength  int
	enum       []string
	minimum    *int64
	maximum    *int64
	required   []string
	properties []property
	others     *plain // of the members that properties does not name; nil if they may be anything
	items      *plain
	minItems   int
	all        []*plain
}

// property is the schema of one member.
type property struct {
	name   string
	schema *plain
}

// plainSchemas compiles the schemas of a set. It is to be used before [quicken], which puts
// formats in the place of patterns.
type plainSchemas struct {
	sources  sourceFiles
	patterns map[string]func(text string) bool
	known    map[string]*plain // by file and definition; a schema may refer to itself
}

// compilePlain returns the plain schemas by name, none if one of them has a keyword that is not known here.
func compilePlain(sources sourceFiles) map[string]*plain {
	c := &plainSchemas{sources: sources, patterns: quickPatterns(), known: map[string]*plain{}}
	compiled := make(map[string]*plain, len(sources))
	for name, source := range sources {
		schema, err := c.schema(name, source)
		if err != nil {
			return nil
		}
		compiled[name] = schema
	}
	return compiled
}

// schema compiles one schema of a file.
func (c *plainSchemas) schema(file string, source map[string]any) (*plain, error) {
	schema := &plain{}
	return schema, c.fill(schema, file, source)
}

func (c *plainSchemas) fill(schema *plain, file string, source map[string]any) (err error) {
	for keyword, value := range source {
		known := true
		switch keyword {
		case "$schema", "$id", "title", "description", "definitions", "x-since", "x-means":
		case "pattern":
			schema.pattern, err = c.patternOf(value)
		case "$ref":
			err = c.refer(schema, file, value)
		case "allOf":
			err = c.fillAll(schema, file, value)
		case "properties":
			err = c.fillProperties(schema, file, value)
		case "additionalProperties":
			schema.others, err = c.sub(file, value)
		case "items":
			schema.items, err = c.sub(file, value)
		default:
			known = schema.fillBound(keyword, value)
		}
		if err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("the keyword %s is not plain", keyword)
		}
	}
	return nil
}

// fillBound takes a keyword that no other schema is below; known says that it is one, and of a value that is plain.
func (p *plain) fillBound(keyword string, value any) (known bool) {
	switch keyword {
	case "type":
		p.types, known = textsOf(value)
	case "enum":
		p.enum, known = textsOf(value)
	case "required":
		p.required, known = textsOf(value)
	case "minLength":
		p.minLength, known = countOf(value)
	case "minItems":
		p.minItems, known = countOf(value)
	case "minimum":
		p.minimum, known = boundOf(value)
	case "maximum":
		p.maximum, known = boundOf(value)
	}
	return known
}

// sub compiles a schema below another.
func (c *plainSchemas) sub(file string, value any) (*plain, error) {
	source, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the schema %v is not plain", value)
	}
	return c.schema(file, source)
}

func (c *plainSchemas) fillAll(schema *plain, file string, value any) error {
	parts, ok := value.([]any)
	if !ok {
		return fmt.Errorf("allOf %v is not plain", value)
	}
	for _, part := range parts {
		of, err := c.sub(file, part)
		if err != nil {
			return err
		}
		schema.all = append(schema.all, of)
	}
	return nil
}

func (c *plainSchemas) fillProperties(schema *plain, file string, value any) error {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("properties %v is not plain", value)
	}
	for _, name := range sortedKeys(members) {
		of, err := c.sub(file, members[name])
		if err != nil {
			return err
		}
		schema.properties = append(schema.properties, property{name, of})
	}
	return nil
}

// refer adds what a reference names. What is beside a reference is demanded too, which asks for more than draft-07 does.
func (c *plainSchemas) refer(schema *plain, from string, value any) error {
	ref, _ := value.(string)
	source, file, err := c.sources.resolve(from, ref)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s %p", file, source)
	named, known := c.known[key]
	if !known {
		named = &plain{}
		c.known[key] = named
		if err := c.fill(named, file, source); err != nil {
			return err
		}
	}
	schema.all = append(schema.all, named)
	return nil
}

func (c *plainSchemas) patternOf(value any) (func(string) bool, error) {
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("the pattern %v is not plain", value)
	}
	if check := c.patterns[text]; check != nil {
		return check, nil
	}
	expression, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("the pattern %s: %w", text, err)
	}
	c.patterns[text] = expression.MatchString
	return expression.MatchString, nil
}

// textsOf reads a text or a list of texts.
func textsOf(value any) ([]string, bool) {
	if text, ok := value.(string); ok {
		return []string{text}, true
	}
	list, ok := value.([]any)
	texts := make([]string, len(list))
	for i, item := range list {
		text, isText := item.(string)
		ok = ok && isText
		texts[i] = text
	}
	return texts, ok && len(texts) > 0
}

func countOf(value any) (int, bool) {
	n, ok := wholeNumber(value)
	return int(n), ok
}

func boundOf(value any) (*int64, bool) {
	n, ok := wholeNumber(value)
	return &n, ok
}

// wholeNumber reads a number of few enough digits, written without point and exponent.
func wholeNumber(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	return n, err == nil
}

// nulls says what a null member is.
type nulls bool

const (
	nullIsAbsent nulls = true
	nullIsNull   nulls = false
)

// proves reports whether a value is sure to be valid.
func (p *plain) proves(value any, null nulls) bool {
	// Only texts are listed in an enum that is known here.
	if _, isText := value.(string); p.enum != nil && !isText {
		return false
	}
	return p.provesKind(value, null) && !slices.ContainsFunc(p.all, func(part *plain) bool { return !part.proves(value, null) })
}

// provesKind is proves by the keywords for values of one type.
func (p *plain) provesKind(value any, null nulls) bool {
	switch v := value.(type) {
	case nil:
		return p.allows("null")
	case bool:
		return p.allows("boolean")
	case string:
		return p.provesText(v)
	case json.Number:
		return p.provesNumber(v)
	case map[string]any:
		return p.allows("object") && p.provesMembers(v, null)
	case []any:
		return p.allows("array") && len(v) >= p.minItems &&
			(p.items == nil || !slices.ContainsFunc(v, func(item any) bool { return !p.items.proves(item, null) }))
	}
	return false
}

// allows reports whether values of a type are valid as far as the type goes.
func (p *plain) allows(name string) bool {
	return len(p.types) == 0 || slices.Contains(p.types, name)
}

func (p *plain) provesText(text string) bool {
	return p.allows("string") &&
		(p.minLength == 0 || utf8.RuneCountInString(text) >= p.minLength) &&
		(p.enum == nil || slices.Contains(p.enum, text)) &&
		(p.pattern == nil || p.pattern(text))
}

func (p *plain) provesNumber(number json.Number) bool {
	n, whole := wholeNumber(number)
	return whole && (p.allows("integer") || p.allows("number")) &&
		(p.minimum == nil || n >= *p.minimum) && (p.maximum == nil || n <= *p.maximum)
}

func (p *plain) provesMembers(members map[string]any, null nulls) bool {
	for _, name := range p.required {
		if member, there := members[name]; !there || member == nil && null == nullIsAbsent {
			return false
		}
	}
	named := 0
	for _, of := range p.properties {
		member, there := members[of.name]
		if !there {
			continue
		}
		named++
		if member == nil && null == nullIsAbsent {
			continue
		}
		if !of.schema.proves(member, null) {
			return false
		}
	}
	return p.others == nil || named == len(members) || p.provesOthers(members, null)
}

func (p *plain) provesOthers(members map[string]any, null nulls) bool {
	for name, member := range members {
		if member == nil && null == nullIsAbsent || slices.ContainsFunc(p.properties, func(of property) bool { return of.name == name }) {
			continue
		}
		if !p.others.proves(member, null) {
			return false
		}
	}
	return true
}
