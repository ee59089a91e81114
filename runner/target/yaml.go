package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/kvconform/kvconform/internal/input"
)

// deepest is how many mappings and lists of a target file may stand within one another.
const deepest = 20

// fileLines says on which line of a file each key stands, by JSON pointer.
type fileLines struct {
	file  string
	lines map[string]int
}

// at is the line of a key, or of what it would stand in; 1 where nothing of it is there.
func (l *fileLines) at(pointer string) int {
	for {
		if line, ok := l.lines[pointer]; ok {
			return line
		}
		end := strings.LastIndexByte(pointer, '/')
		if end < 0 {
			return 1
		}
		pointer = pointer[:end]
	}
}

// place is FILE:LINE: KEY.
func (l *fileLines) place(pointer string) string {
	place := fmt.Sprintf("%s:%d", l.file, l.at(pointer))
	if key := keyOf(pointer); key != "" {
		place += ": " + key
	}
	return place
}

// overridden stands for the line of a key that a flag overrides.
const overridden = 0

// without forgets keys and all under them, as flags override them.
func (l *fileLines) without(pointers ...string) *fileLines {
	if l == nil {
		return nil
	}
	kept := maps.Clone(l.lines)
	for _, pointer := range pointers {
		maps.DeleteFunc(kept, func(key string, _ int) bool { return strings.HasPrefix(key, pointer+"/") })
		kept[pointer] = overridden
	}
	return &fileLines{file: l.file, lines: kept}
}

// knows tells whether the file has the key or a key that it stands in.
func (l *fileLines) knows(pointer string) bool {
	if l == nil {
		return false
	}
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if line, ok := l.lines[pointer]; ok {
			return line != overridden
		}
	}
	return false
}

// wrongValue is what is wrong with one value of a target, wherever it came from.
type wrongValue struct {
	pointer string
	// what names the value where there is no place to name; it may be "".
	what, message string
}

// Error is the message with what it is about.
func (w *wrongValue) Error() string {
	if w.what == "" {
		return w.message
	}
	return w.what + ": " + w.message
}

func wrong(pointer, format string, values ...any) error {
	return &wrongValue{pointer: pointer, message: fmt.Sprintf(format, values...)}
}

func wrongAbout(pointer, what, format string, values ...any) error {
	return &wrongValue{pointer: pointer, what: what, message: fmt.Sprintf(format, values...)}
}

// Located makes a mistake in usage of a wrong value, with its place where it came from a file.
func (t Target) Located(err error) error {
	var value *wrongValue
	if !errors.As(err, &value) {
		return err
	}
	if t.lines.knows(value.pointer) {
		return input.Usagef("%s: %s", t.lines.place(value.pointer), value.message)
	}
	return input.Usagef("%s", value)
}

// readYAML reads one document of plain YAML: what JSON can say, with comments. Anchors, tags and merge keys are refused;
// a target file needs none, and without them no small file is a large one.
func readYAML(file string, text []byte) (any, *fileLines, error) {
	if err := tooDeep(file, text); err != nil {
		return nil, nil, err
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		var broken yaml.Error
		if errors.As(err, &broken) && broken.GetToken() != nil {
			message := plainMessage(broken.GetMessage())
			return nil, nil, input.Usagef("%s:%d: not YAML: %s; %s", file, broken.GetToken().Position.Line, message, mend(message))
		}
		return nil, nil, input.Usagef("%s: not YAML: %s", file, strings.Join(strings.Fields(err.Error()), " "))
	}
	if len(parsed.Docs) > 1 {
		return nil, nil, input.Usagef("%s:%d: a second document begins; keep one document in the file",
			file, parsed.Docs[1].Start.Position.Line)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, nil, input.Usagef("%s: the file is empty; `kvconform init` writes a commented one", file)
	}
	root, ok := parsed.Docs[0].Body.(ast.MapNode)
	if !ok {
		return nil, nil, input.Usagef("%s:1: no target file: it holds no keys with values; `kvconform init` writes a commented one", file)
	}
	reader := &yamlReader{lines: &fileLines{file: file, lines: map[string]int{}}}
	tree, err := reader.mapping(root, "", 1)
	return tree, reader.lines, err
}

// twice is how the parser tells of a key that is there twice.
var twice = regexp.MustCompile(`^mapping key (.*) already defined at \[(\d+):\d+\]$`)

// plainMessage is the parser's message in one line.
func plainMessage(message string) string {
	message = twice.ReplaceAllString(message, "the key $1 is there twice, on line $2 too")
	message = strings.ReplaceAll(message, "'\t'", "tab")
	return strings.Join(strings.Fields(message), " ")
}

// mend says what to do about a text that is no YAML.
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

// tooDeep refuses a text with brackets or dashes within one another to a depth that no target file has, before the
// parser, which is recursive, sees it.
func tooDeep(file string, text []byte) error {
	for i, line := range strings.Split(string(text), "\n") {
		inline := strings.Count(line, "[") + strings.Count(line, "{") + strings.Count(line, "- ") + strings.Count(line, "? ")
		if inline > 200 {
			return input.Usagef("%s:%d: not YAML that a target file needs: too many brackets or dashes in a line; write one value a line", file, i+1)
		}
	}
	if strings.Count(string(text), "[")+strings.Count(string(text), "{") > 2000 {
		return input.Usagef("%s: not YAML that a target file needs: too many brackets; write one value a line", file)
	}
	return nil
}

// yamlReader turns nodes into the values that JSON has, noting where each key stands.
type yamlReader struct{ lines *fileLines }

func (r *yamlReader) mapping(node ast.MapNode, pointer string, depth int) (any, error) {
	object := map[string]any{}
	for entries := node.MapRange(); entries.Next(); {
		entry := entries.KeyValue()
		line := entry.Key.GetToken().Position.Line
		key, ok := entry.Key.(*ast.StringNode)
		if !ok {
			return nil, input.Usagef("%s:%d: the key %s is no plain text; write keys as words", r.lines.file, line, entry.Key.String())
		}
		under := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key.Value)
		if _, twice := object[key.Value]; twice {
			return nil, input.Usagef("%s:%d: %s: the key is there twice; keep one of the two", r.lines.file, line, keyOf(under))
		}
		r.lines.lines[under] = line
		value, err := r.value(entry.Value, under, depth+1)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

func (r *yamlReader) value(node ast.Node, pointer string, depth int) (any, error) {
	if depth > deepest {
		return nil, input.Usagef("%s: nested too deep; no key of a target file is", r.lines.place(pointer))
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		return r.mapping(n, pointer, depth)
	case *ast.MappingValueNode:
		return r.mapping(n, pointer, depth)
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for i, item := range n.Values {
			under := pointer + "/" + strconv.Itoa(i)
			r.lines.lines[under] = item.GetToken().Position.Line
			value, err := r.value(item, under, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return number(node.GetToken().Value), nil
	default:
		return nil, input.Usagef("%s: %s are not read; write the value out", r.lines.place(pointer), plural(node))
	}
}

// number keeps a number as it is written, which an api-version such as 7.0 needs; one that JSON writes otherwise is text.
func number(text string) any {
	if json.Valid([]byte(text)) {
		return json.Number(text)
	}
	return text
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
