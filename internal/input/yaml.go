package input

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// deepest is how many mappings and lists may stand within one another.
const deepest = 20

// Kind is a kind of file that people write.
type Kind struct {
	// Name is what messages call the file, Schema is that of its schema, and Advice ends the message for a file that is
	// none of the kind.
	Name, Schema, Advice string
}

// Document is a file of plain YAML that has been read.
type Document struct {
	*Places
	// Tree is what the file says, as JSON has it: map[string]any, []any, string, bool, nil and json.Number.
	Tree any

	root   ast.Node
	kind   Kind
	keys   map[string]Position // of keys, and of the dashes of items
	values map[string]Position
}

// Key is where a key, or the item of a list, begins.
func (d *Document) Key(pointer string) Position { return d.keys[pointer] }

// Value is where the value of a key begins. A list that is written in brackets has the text "[".
func (d *Document) Value(pointer string) Position { return d.values[pointer] }

// Decode puts what the file says into a struct, by its yaml tags. The schema is to be checked first, whose messages are
// plainer.
func (d *Document) Decode(into any) error {
	if err := yaml.NodeToValue(d.root, into, yaml.Strict()); err != nil {
		return Usagef("%s: the values cannot be used: %s", d.file, strings.Join(strings.Fields(yaml.FormatError(err, false, false)), " "))
	}
	return nil
}

// ReadYAML reads one document of plain YAML: what JSON can say, with comments. Anchors, tags and merge keys are rejected;
// no file of ours needs one, and without them no small file is a large one.
func ReadYAML(file string, text []byte, kind Kind) (*Document, error) {
	text = WithoutMark(text)
	if !utf8.Valid(text) {
		return nil, Usagef("%s: not a text in UTF-8; save it as UTF-8", file)
	}
	if err := tooDeep(file, text, kind); err != nil {
		return nil, err
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		var broken yaml.Error
		if errors.As(err, &broken) && broken.GetToken() != nil {
			message := plainMessage(broken.GetMessage())
			return nil, Usagef("%s:%d: not YAML: %s; %s", file, broken.GetToken().Position.Line, message, mend(message))
		}
		return nil, Usagef("%s: not YAML: %s", file, strings.Join(strings.Fields(err.Error()), " "))
	}
	if len(parsed.Docs) > 1 {
		return nil, Usagef("%s:%d: a second document begins; keep one document in the file",
			file, parsed.Docs[1].Start.Position.Line)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, Usagef("%s: the file is empty; %s", file, kind.Advice)
	}
	root, ok := parsed.Docs[0].Body.(ast.MapNode)
	if !ok {
		return nil, Usagef("%s:1: no %s: it holds no keys with values; %s", file, kind.Name, kind.Advice)
	}
	document := &Document{
		Places: &Places{file: file, lines: map[string]int{}}, root: parsed.Docs[0].Body, kind: kind,
		keys: map[string]Position{}, values: map[string]Position{},
	}
	document.Tree, err = document.mapping(root, "", 1)
	return document, err
}

// twice is how the parser names a key that is there twice.
var twice = regexp.MustCompile(`^mapping key (.*) already defined at \[(\d+):\d+\]$`)

// plainMessage is the parser's message in one line.
func plainMessage(message string) string {
	message = twice.ReplaceAllString(message, "the key $1 is there twice, on line $2 too")
	message = strings.ReplaceAll(message, "'\t'", "tab")
	return strings.Join(strings.Fields(message), " ")
}

// fix says what to do about a text that is no YAML.
func mend(message string) string {
	switch {
	case strings.Contains(message, "is there twice"):
		return "keep one of the two"
	case strings.Contains(message, "cannot start any token"), strings.Contains(message, "tab"):
		return "indent with blanks, not with tabs"
	default:
		return "mend the line, quoting values with special characters"
	}
}

// tooDeep rejects a text with brackets or dashes within one another to a depth that no file of ours has, before the
// parser, which is recursive, sees it.
func tooDeep(file string, text []byte, kind Kind) error {
	brackets, number := 0, 0
	for line := range strings.Lines(string(text)) {
		number++
		opened := strings.Count(line, "[") + strings.Count(line, "{")
		if opened+strings.Count(line, "- ")+strings.Count(line, "? ") > 200 {
			return Usagef("%s:%d: not YAML that a %s needs: too many brackets or dashes in a line; write one value a line",
				file, number, kind.Name)
		}
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent > 1000 {
			return Usagef("%s:%d: not YAML that a %s needs: indented too far; begin the line further left", file, number, kind.Name)
		}
		brackets += opened
	}
	if brackets > 2000 {
		return Usagef("%s: not YAML that a %s needs: too many brackets; write one value a line", file, kind.Name)
	}
	return nil
}

// mapping turns a node into the value that JSON has and notes where each key stands.
func (d *Document) mapping(node ast.MapNode, pointer string, depth int) (any, error) {
	object := map[string]any{}
	for entries := node.MapRange(); entries.Next(); {
		entry := entries.KeyValue()
		at := entry.Key.GetToken()
		key, ok := entry.Key.(*ast.StringNode)
		if !ok {
			return nil, Usagef("%s:%d: the key %s is no plain text; write keys as words", d.file, at.Position.Line, entry.Key.String())
		}
		member := under(pointer, key.Value)
		if _, twice := object[key.Value]; twice {
			return nil, Usagef("%s:%d: %s: the key is there twice; keep one of the two", d.file, at.Position.Line, keyOf(member))
		}
		d.note(member, Position{at.Position.Line, at.Position.Column, at.Value})
		entry.Value = asText(entry.Value)
		value, err := d.value(entry.Value, member, depth+1)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

func (d *Document) note(pointer string, key Position) {
	d.keys[pointer], d.lines[pointer] = key, key.Line
}

func (d *Document) value(node ast.Node, pointer string, depth int) (any, error) {
	if depth > deepest {
		return nil, Usagef("%s: nested too deep; no key of a %s is", d.At(pointer), d.kind.Name)
	}
	if at := node.GetToken(); at != nil {
		d.values[pointer] = Position{at.Position.Line, at.Position.Column, at.Value}
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		return d.mapping(n, pointer, depth)
	case *ast.MappingValueNode:
		return d.mapping(n, pointer, depth)
	case *ast.SequenceNode:
		return d.list(n, pointer, depth)
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return json.Number(node.GetToken().Value), nil // as it is written, which an api-version such as 7.0 needs
	default:
		return nil, Usagef("%s: %s are not read; write the value out", d.At(pointer), plural(node))
	}
}

func (d *Document) list(node *ast.SequenceNode, pointer string, depth int) (any, error) {
	list := make([]any, 0, len(node.Values))
	for i, item := range node.Values {
		begins := item.GetToken()
		if i < len(node.Entries) && node.Entries[i] != nil && node.Entries[i].Start != nil {
			begins = node.Entries[i].Start
		}
		member := under(pointer, strconv.Itoa(i))
		d.note(member, Position{begins.Position.Line, begins.Position.Column, begins.Value})
		node.Values[i] = asText(item)
		value, err := d.value(node.Values[i], member, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// asText makes a text of a number that JSON writes otherwise, such as 0x10: a secret may look like one.
func asText(node ast.Node) ast.Node {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if at := node.GetToken(); !json.Valid([]byte(at.Value)) {
			return ast.String(at)
		}
	}
	return node
}

// Text is a scalar as it is written, without its quotes; false for what is no scalar.
func Text(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

func plural(node ast.Node) string {
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "anchors and aliases"
	case *ast.TagNode:
		return "tags"
	default:
		return "values of this kind (" + strings.ToLower(node.Type().String()) + ")"
	}
}
