package recorded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
)

// errTooLong ends the reading of an entry that is longer than the bound.
var errTooLong = errors.New("the entry is too long")

// budget bounds how much is read before it is renewed, which happens at each entry.
type budget struct {
	io.Reader
	most, left int64
}

// Read fails where the budget is spent.
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *budget) renew() { b.left = b.most }

// walker reads a JSON document token by token.
type walker struct {
	*json.Decoder
	budget *budget
}

// object reads a recording that is one JSON object: the member that holds the entries says which format it is.
func (r *reader) object(text io.Reader) error {
	limited := &budget{Reader: text, most: r.most, left: r.most}
	w := &walker{json.NewDecoder(limited), limited}
	w.UseNumber()
	err := w.members(func(name string) error {
		switch name {
		case "log":
			return w.members(func(name string) error {
				if name != "entries" {
					return w.skip()
				}
				return r.list(w, HAR, r.harEntry)
			})
		case "Entries":
			return r.list(w, TestProxy, r.sessionEntry)
		case "networkCallRecords":
			return r.list(w, NetworkCalls, r.networkCall)
		case "interactions", "http_interactions":
			return r.list(w, Cassette, r.jsonInteraction)
		default:
			return w.skip()
		}
	})
	if err == nil && r.format == "" {
		return &Unreadable{Reason: "is JSON, and no recording: it has none of log.entries (HAR), Entries (Azure SDK test proxy), " +
			"networkCallRecords and interactions (VCR)"}
	}
	return r.plain(w, err)
}

// plain is an error of the walk in words.
func (r *reader) plain(w *walker, err error) error {
	var syntax *json.SyntaxError
	switch {
	case err == nil || r.ctx.Err() != nil:
		return r.ctx.Err()
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Unreadable{Reason: "is cut short"}
	case errors.Is(err, errTooLong):
		return &Unreadable{Reason: fmt.Sprintf("has an entry of more than %d MiB", r.most>>20)}
	case errors.As(err, &syntax):
		return &Unreadable{Reason: fmt.Sprintf("is not JSON at byte %d (%s)", syntax.Offset, oneLine(input.PlainJSON(err)))}
	default:
		return &Unreadable{Reason: fmt.Sprintf("cannot be read at byte %d: %s", w.InputOffset(), oneLine(input.PlainJSON(err)))}
	}
}

// list reads the entries of an array, one at a time.
func (r *reader) list(w *walker, format string, entry func(raw json.RawMessage) error) error {
	r.format = format
	opened, err := w.opens('[')
	if err != nil || !opened {
		return err
	}
	for w.more() {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		var raw json.RawMessage
		if err := w.Decode(&raw); err != nil {
			return err
		}
		if err := entry(raw); err != nil {
			r.lose("cannot be read: %s", oneLine(input.PlainJSON(err)))
		}
	}
	_, err = w.Token()
	return err
}

// members calls read for each member of an object, whose value read has to take. Any other value is skipped.
func (w *walker) members(read func(name string) error) error {
	opened, err := w.opens('{')
	if err != nil || !opened {
		return err
	}
	for w.more() {
		token, err := w.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if err := read(name); err != nil {
			return err
		}
	}
	_, err = w.Token()
	return err
}

// opens takes the start of an object or a list. Any other value is skipped, and it returns false.
func (w *walker) opens(want json.Delim) (bool, error) {
	w.budget.renew()
	token, err := w.Token()
	if err != nil {
		return false, err
	}
	delim, isDelim := token.(json.Delim)
	if !isDelim || delim == want {
		return isDelim, nil
	}
	return false, w.close(1)
}

func (w *walker) more() bool {
	w.budget.renew()
	return w.More()
}

// skip passes one value over, token by token, so that a long one takes no memory.
func (w *walker) skip() error {
	w.budget.renew()
	token, err := w.Token()
	if err != nil {
		return err
	}
	if delim, ok := token.(json.Delim); ok && (delim == '{' || delim == '[') {
		return w.close(1)
	}
	return nil
}

// close reads to the end of so many open objects and lists.
func (w *walker) close(open int) error {
	for open > 0 {
		w.budget.renew()
		token, err := w.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			open++
		case json.Delim('}'), json.Delim(']'):
			open--
		}
	}
	return nil
}

// oneLine is a text in one line of bounded length.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 200
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
