package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// The bounds of a transcript that is read, in bytes.
const (
	maxFile = 64 << 20
	maxLine = 32 << 20
)

// Load reads the transcript in a file. Whatever is wrong with it is a *Usage of one line.
func Load(path string) (*Transcript, error) {
	file, err := input.Open(path)
	if err != nil {
		return nil, input.Usagef("the transcript %s cannot be read: %v", path, err)
	}
	defer func() { _ = file.Close() }() // only read
	transcript, err := Read(file)
	if err != nil {
		return nil, input.Usagef("%s: %v", path, err)
	}
	return transcript, nil
}

// Read reads what Transcript.Write wrote, strictly. Anything else is an error of one line: what is no
// transcript, is of another format, was cut short or is too long, and names and values that this version does not know.
func Read(r io.Reader) (*Transcript, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("the transcript cannot be read: %w", err)
	}
	switch {
	case len(text) > maxFile:
		return nil, fmt.Errorf("the transcript is longer than %d MiB: no run makes one as long", maxFile>>20)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("the transcript is empty")
	}
	parser := &reader{pieces: map[string]scenarios.Play{}, ended: map[string]bool{}}
	for _, piece := range scenarios.Plays() {
		parser.pieces[piece.Name] = piece
	}
	for line := range bytes.Lines(text) {
		parser.number++
		if err := parser.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", parser.number, err)
		}
	}
	if left := parser.transcript.Head.Plays - len(parser.transcript.Performances); left > 0 || parser.under != "" {
		return nil, fmt.Errorf("the transcript is cut short after line %d", parser.number)
	}
	return &parser.transcript, nil
}

// reader takes the lines of a transcript.
type reader struct {
	pieces     map[string]scenarios.Play
	number     int
	transcript Transcript
	under      string // the play whose lines are being read
	steps      []scenarios.Step
	ended      map[string]bool
}

func (t *reader) line(line []byte) error {
	switch {
	case len(line) > maxLine:
		return fmt.Errorf("is longer than %d MiB", maxLine>>20)
	case t.number == 1:
		return t.head(line)
	case !bytes.HasSuffix(line, []byte("\n")):
		return errors.New("the transcript is cut short")
	case !utf8.Valid(line):
		return errors.New("is not UTF-8 text")
	}
	var next entry
	if err := input.JSONLine(line, &next); err != nil {
		return err
	}
	return t.take(&next)
}

// head reads the first line, its format first, so that a transcript of another version is called that.
func (t *reader) head(line []byte) error {
	var format struct {
		Format string `json:"format"`
	}
	family, _, _ := strings.Cut(Format, "/")
	switch err := json.Unmarshal(line, &format); {
	case err != nil && !bytes.HasSuffix(line, []byte("\n")) && bytes.HasPrefix(line, []byte(`{"format":"`+family)):
		return errors.New("the transcript is cut short")
	case err != nil:
		return fmt.Errorf("is no head of a transcript of kvconform: %s", input.PlainJSON(err))
	case format.Format != Format && strings.HasPrefix(format.Format, family+"/"):
		return fmt.Errorf("the transcript is of format %q and this kvconform reads %q: use the kvconform that wrote it or a newer one", format.Format, Format)
	case format.Format != Format:
		return fmt.Errorf("is no head of a transcript of kvconform: its format is %q, %q is expected", format.Format, Format)
	}
	head := &t.transcript.Head
	if err := input.JSONLine(line, head); err != nil {
		return err
	}
	if !schemas.Known(head.Facts.Expected()) {
		return fmt.Errorf("the api-version %q is unknown", head.Facts.Expected())
	}
	return nil
}

func (t *reader) take(next *entry) error {
	_, known := t.pieces[next.Play]
	switch {
	case !known:
		return fmt.Errorf("this kvconform has no play %q", next.Play)
	case t.ended[next.Play]:
		return fmt.Errorf("the play %s has ended before", next.Play)
	case t.under != "" && t.under != next.Play:
		return fmt.Errorf("the play %s begins before the end of %s", next.Play, t.under)
	case (next.Exchange == nil) == (next.Ended == nil):
		return errors.New("is neither an exchange nor the end of a play")
	case next.Ended != nil && (next.Step != "" || next.Index != 0):
		return errors.New("is both a step and the end of a play")
	}
	t.under = next.Play
	if next.Ended != nil {
		return t.end(next)
	}
	if err := whole(next.Exchange); err != nil {
		return fmt.Errorf("step %q: %w", next.Step, err)
	}
	t.steps = append(t.steps, scenarios.Step{Name: next.Step, Index: next.Index, Exchange: next.Exchange})
	return nil
}

// whole refuses an exchange such as no client makes.
func whole(e *vault.Exchange) error {
	switch {
	case e.Response == nil && e.Failure == nil:
		return errors.New("has neither a response nor a failure")
	case e.Response != nil && (e.Response.Status < 100 || e.Response.Status > 999):
		return fmt.Errorf("the status %d is none of HTTP", e.Response.Status)
	case e.Request.Method == "":
		return errors.New("has no method")
	case e.Request.URL == "" && !notSent(e):
		return errors.New("has no URL")
	}
	return nil
}

// notSent reports whether an exchange stands for a link that was not followed: there may have been none.
func notSent(e *vault.Exchange) bool {
	return e.Response == nil && e.Failure != nil && e.Failure.Kind == vault.NotSent
}

func (t *reader) end(next *entry) error {
	if len(t.transcript.Performances) >= t.transcript.Head.Plays {
		return fmt.Errorf("has more plays than the %d that the head names", t.transcript.Head.Plays)
	}
	piece := t.pieces[next.Play]
	performance := &scenarios.Performance{
		Play: piece, Script: piece.New(), Started: next.Ended.Started, Took: next.Ended.Took,
	}
	if err := scenarios.Restore(performance.Script, t.steps); err != nil {
		return err
	}
	performance.Err = next.Ended.err(t.steps)
	t.transcript.Performances = append(t.transcript.Performances, performance)
	t.ended[next.Play] = true
	t.under, t.steps = "", nil
	return nil
}

// err is the error with which a play of these steps ended, nil where it came to its end.
func (e *end) err(steps []scenarios.Step) error {
	switch {
	case e.Unreached != "":
		unreached := &scenarios.Unreached{Reason: e.Unreached, Want: e.Want}
		for _, step := range steps {
			if e.Step != "" && step.Name == e.Step && step.Index == e.Index {
				unreached.Exchange = step.Exchange
			}
		}
		return unreached
	case e.Failure != nil:
		return e.Failure
	case e.Panic != "":
		return &scenarios.Panicked{Value: e.Panic}
	case e.Error != "":
		return errors.New(e.Error)
	default:
		return nil
	}
}
