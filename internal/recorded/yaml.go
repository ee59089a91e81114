package recorded

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The bounds of one item of a cassette. No recorder comes near them.
const (
	deepest     = 50
	mostAliases = 200
)

// plainYAML reads a piece of YAML as plain values: maps, lists, texts, numbers as they are written, and bytes where the
// text is tagged as binary. No other tag is followed: a tag of another language names a type to make, which is not for a
// reader of recordings to do.
func plainYAML(piece []byte) (value any, err error) {
	defer func() {
		if recovered := recover(); recovered != nil { // the parser's, on input that it does not expect
			err = fmt.Errorf("is not YAML that can be read: %v", recovered)
		}
	}()
	if !utf8.Valid(piece) {
		return nil, errors.New("is not UTF-8 text")
	}
	if tooNested(piece) {
		return nil, errors.New("is nested too deep")
	}
	parsed, err := parser.ParseBytes(piece, 0)
	if err != nil {
		var broken yaml.Error
		if errors.As(err, &broken) {
			return nil, fmt.Errorf("is not YAML: %s", oneLine(broken.GetMessage()))
		}
		return nil, fmt.Errorf("is not YAML: %w", err)
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return nil, errors.New("is not one YAML value")
	}
	p := &plainer{anchors: map[string]ast.Node{}}
	return p.value(parsed.Docs[0].Body, 0)
}

// tooNested rejects a text of brackets or dashes within one another before the parser, which is recursive, sees it.
func tooNested(piece []byte) bool {
	opened, run := 0, 0
	for i, b := range piece {
		switch b {
		case '[', '{':
			opened++
		case '-', '?':
			if i+1 < len(piece) && piece[i+1] == ' ' {
				run++
			}
		case '\n':
			opened, run = 0, 0
		case ' ':
		default:
			if b == ']' || b == '}' {
				opened--
			}
		}
		if opened > 2000 || run > 2000 {
			return true
		}
	}
	return false
}

// plainer makes plain values of nodes.
type plainer struct {
	anchors map[string]ast.Node
	aliases int
}

func (p *plainer) value(node ast.Node, depth int) (any, error) {
	if depth > deepest {
		return nil, errors.New("is nested too deep")
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		return p.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return p.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for _, item := range n.Values {
			value, err := p.value(item, depth+1)
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
	case *ast.NullNode:
		return nil, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.TagNode:
		return p.tagged(n, depth)
	case *ast.AnchorNode:
		p.anchors[n.Name.GetToken().Value] = n.Value
		return p.value(n.Value, depth+1)
	case *ast.AliasNode:
		return p.alias(n, depth)
	case *ast.MergeKeyNode:
		return nil, errors.New("has a merge key, which is not read")
	default:
		return json.Number(node.GetToken().Value), nil // a number, as it is written
	}
}

func (p *plainer) mapping(values []*ast.MappingValueNode, depth int) (any, error) {
	object := make(map[string]any, len(values))
	for _, entry := range values {
		if _, merges := entry.Key.(*ast.MergeKeyNode); merges {
			return nil, errors.New("has a merge key, which is not read")
		}
		value, err := p.value(entry.Value, depth+1)
		if err != nil {
			return nil, err
		}
		name := entry.Key.GetToken().Value
		if quoted, ok := entry.Key.(*ast.StringNode); ok {
			name = quoted.Value
		}
		object[name] = value
	}
	return object, nil
}

// tagged reads the tags of YAML itself and rejects all others.
func (p *plainer) tagged(n *ast.TagNode, depth int) (any, error) {
	tag := n.Start.Value
	value, err := p.value(n.Value, depth+1)
	if err != nil {
		return nil, err
	}
	switch tag {
	case "!!binary":
		bytes, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text(value)), ""))
		if err != nil {
			return nil, fmt.Errorf("has a !!binary that is not base64: %w", err)
		}
		return bytes, nil
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp":
		return value, nil
	default:
		return nil, fmt.Errorf("has the tag %s, which belongs to another program: it is not followed; record without it", oneLine(tag))
	}
}

func (p *plainer) alias(n *ast.AliasNode, depth int) (any, error) {
	p.aliases++
	name := n.Value.GetToken().Value
	node, known := p.anchors[name]
	switch {
	case p.aliases > mostAliases:
		return nil, errors.New("has too many aliases")
	case !known:
		return nil, fmt.Errorf("repeats the value *%s of another entry, which is not read", oneLine(name))
	}
	return p.value(node, depth+1)
}
