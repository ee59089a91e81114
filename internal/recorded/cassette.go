package recorded

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// cassette reads a VCR cassette in YAML. The list of interactions is cut into its items by their indentation, so that no
// more than one of them is held, and each is parsed by itself.
func (r *reader) cassette(text *bufio.Reader) error {
	c := &cutter{text: text, most: r.most}
	for {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		item, err := c.next()
		if c.found {
			r.format = Cassette
		}
		switch {
		case errors.Is(err, errTooLong):
			r.lose("is longer than %d MiB", r.most>>20)
			continue
		case errors.Is(err, io.EOF) && r.format == "":
			return &Unreadable{Reason: "is no recording: neither a JSON object nor a VCR cassette with a list of interactions"}
		case err != nil:
			return r.cut(err)
		}
		if err := r.interaction(item); err != nil {
			r.lose("%s", oneLine(err.Error()))
		}
	}
}

// cutter cuts the list of interactions into items.
type cutter struct {
	text   *bufio.Reader
	most   int64
	found  bool // the key of the list was seen
	inside bool // the list goes on
	indent int  // of the dashes
	item   []byte
	ended  bool
}

// next is the next item, with its indentation taken away.
func (c *cutter) next() ([]byte, error) {
	tooLong := false
	for !c.ended {
		line, err := boundedLine(c.text, c.most)
		switch {
		case errors.Is(err, errTooLong):
			return nil, fmt.Errorf("a line is longer than %d MiB", c.most>>20)
		case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil, err
		case err != nil:
			c.ended = true
		}
		done := c.take(line)
		if int64(len(c.item)) > c.most {
			tooLong, c.item = true, c.item[:0]
		}
		if len(done) > 0 || done != nil {
			if tooLong {
				return nil, errTooLong
			}
			return done, nil
		}
	}
	if len(c.item) > 0 || tooLong {
		done := c.item
		c.item = nil
		if tooLong {
			return nil, errTooLong
		}
		return done, nil
	}
	return nil, io.EOF
}

// take adds a line to the item, and returns the item before if the line begins the next one or ends the list.
func (c *cutter) take(line []byte) []byte {
	bare := bytes.TrimLeft(line, " ")
	indent := len(line) - len(bare)
	content := bytes.TrimSpace(bare)
	switch {
	case beginsList(line):
		c.found, c.inside, c.indent = true, true, -1
		return c.flush(nil)
	case !c.inside:
		return nil
	case dashed(content) && (c.indent < 0 || indent == c.indent):
		c.indent = indent // the first item says how far all are indented
		return c.flush(line)
	case len(content) > 0 && content[0] != '#' && indent < max(c.indent, 1):
		c.inside = false // another key of the document
		return c.flush(nil)
	}
	if c.indent >= 0 {
		c.add(line)
	}
	return nil
}

// beginsList reports whether a line is the key of the list of interactions, as any of the libraries writes it.
func beginsList(line []byte) bool {
	return bytes.HasPrefix(line, []byte("interactions:")) || bytes.HasPrefix(line, []byte("http_interactions:"))
}

// dashed reports whether a line begins an item of a list: "---", which begins a document, does not.
func dashed(content []byte) bool {
	return len(content) > 0 && content[0] == '-' && (len(content) == 1 || content[1] == ' ')
}

// flush begins the next item and returns the one before, nil if there was none.
func (c *cutter) flush(line []byte) []byte {
	var done []byte
	if len(c.item) > 0 {
		done = c.item
	}
	c.item = nil
	if line != nil {
		c.add(line)
	}
	return done
}

func (c *cutter) add(line []byte) {
	spaces := len(line) - len(bytes.TrimLeft(line, " "))
	c.item = append(c.item, line[min(spaces, max(c.indent, 0)):]...)
}

// interaction reads one item of a cassette in YAML.
func (r *reader) interaction(item []byte) error {
	value, err := plainYAML(item)
	if err != nil {
		return err
	}
	list, _ := value.([]any)
	if len(list) != 1 {
		return errors.New("is no interaction")
	}
	return r.exchange(list[0])
}

// jsonInteraction reads one interaction of a cassette in JSON.
func (r *reader) jsonInteraction(raw json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	return r.exchange(value)
}

// exchange makes an exchange of an interaction as any of go-vcr, vcrpy and the VCR of Ruby writes it.
func (r *reader) exchange(value any) error {
	request, response := object(value, "request"), object(value, "response")
	if request == nil || response == nil {
		return errors.New("has no request with a response")
	}
	e := &vault.Exchange{
		Request: vault.Request{
			Method: strings.ToUpper(text(request["method"])), URL: text(request["url"]) + text(request["uri"]),
			Header: headerMap(request["headers"]), Body: cassetteBody(request["body"]),
		},
		Response: &vault.Response{Header: headerMap(response["headers"]), Body: cassetteBody(response["body"])},
	}
	status := text(response["code"]) // go-vcr
	if status == "" {
		status = text(object(response, "status")["code"])
	}
	if status == "" {
		return errors.New("has no status; the file may be cut short")
	}
	var err error
	if e.Response.Status, err = strconv.Atoi(status); err != nil {
		return fmt.Errorf("its status %q is no number", oneLine(status))
	}
	if e.Request.Method == "" || e.Request.URL == "" {
		return errors.New("has a request without a method or a URL")
	}
	e.Started = dateOf(e.Response.Header)
	if recordedAt, err := time.Parse(time.RFC1123, text(object(value, "")["recorded_at"])); err == nil {
		e.Started = recordedAt.UTC()
	}
	r.give(e, false)
	return nil
}

// object is a member that is an object, or the value itself for the name "".
func object(value any, name string) map[string]any {
	outer, _ := value.(map[string]any)
	if name == "" {
		return outer
	}
	inner, _ := outer[name].(map[string]any)
	return inner
}

// text is a scalar as it is written.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// cassetteBody is a body: a text, or an object that holds it as such or as base64.
func cassetteBody(value any) vault.Body {
	body, ok := value.(map[string]any)
	if !ok {
		return vault.Body(text(value))
	}
	for _, name := range []string{"base64_string", "base64"} {
		if decoded, err := base64.StdEncoding.DecodeString(text(body[name])); err == nil && len(decoded) > 0 {
			return decoded
		}
	}
	return vault.Body(text(body["string"]))
}

// headerMap is the headers of a cassette, each with one value or a list of them.
func headerMap(value any) http.Header {
	header := http.Header{}
	values, _ := value.(map[string]any)
	for name, member := range values {
		list, isList := member.([]any)
		if !isList {
			list = []any{member}
		}
		for _, item := range list {
			header.Add(name, text(item))
		}
	}
	return header
}
