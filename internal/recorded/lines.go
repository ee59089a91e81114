package recorded

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Head is the first line of a transcript of traffic, and what is read of the head of a run's transcript.
type Head struct {
	Format  string `json:"format"`
	Version string `json:"version,omitempty"`
	Facts   Facts  `json:"facts"`
}

// Facts are what the head of a transcript says of the vault.
type Facts struct {
	Endpoint string `json:"endpoint"`
	IDBase   string `json:"idBase"`
}

// Line is each line after the head: an exchange, and in the transcript of a run the end of a play.
type Line struct {
	Play     string          `json:"play,omitempty"`
	Exchange *vault.Exchange `json:"exchange,omitempty"`
	Ended    json.RawMessage `json:"ended,omitempty"`
}

// lines reads a transcript of kvconform, of a run or of traffic, line by line.
func (r *reader) lines(text *bufio.Reader) error {
	first, err := r.line(text)
	if err != nil {
		return r.cut(err)
	}
	var head Head
	if err := json.Unmarshal(first, &head); err != nil {
		return &Unreadable{Reason: "is no transcript: " + oneLine(input.PlainJSON(err))}
	}
	if head.Format != TrafficFormat && !strings.HasPrefix(head.Format, "kvconform.transcript/") {
		return &Unreadable{Reason: fmt.Sprintf("is of format %q, which is no recording", oneLine(head.Format))}
	}
	r.format, r.idBase = Transcript, head.Facts.IDBase
	var held []*vault.Exchange
	for {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		line, err := r.line(text)
		if err != nil {
			r.played(held)
			return r.cut(err)
		}
		var next Line
		if err := json.Unmarshal(line, &next); err != nil {
			r.lose("cannot be read: %s", oneLine(input.PlainJSON(err)))
			continue
		}
		switch {
		case next.Exchange != nil && next.Play != "" && len(held) < mostHeld:
			r.play = next.Play
			held = append(held, next.Exchange)
		case next.Exchange != nil:
			r.give(next.Exchange, false)
		case next.Ended != nil:
			r.played(held)
			held = nil
		}
	}
}

// mostHeld bounds the exchanges of one play that are put in order; no play has as many.
const mostHeld = 5000

// played gives the exchanges of a play in the order of their sending: its transcript has them in the order of its steps.
func (r *reader) played(held []*vault.Exchange) {
	slices.SortStableFunc(held, func(a, b *vault.Exchange) int { return a.Started.Compare(b.Started) })
	for _, e := range held {
		r.give(e, false)
	}
}

// line is the next line that is not blank. The last one of a whole file ends with a line break.
func (r *reader) line(text *bufio.Reader) ([]byte, error) {
	for {
		line, err := boundedLine(text, r.most)
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// cut is the end of a file that is read by lines, in words; nil where it ended as it should.
func (r *reader) cut(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Unreadable{Reason: "is cut short"}
	case errors.Is(err, errTooLong):
		return &Unreadable{Reason: fmt.Sprintf("has an entry of more than %d MiB", r.most>>20)}
	default:
		return &Unreadable{Reason: "cannot be read: " + oneLine(err.Error())}
	}
}

// boundedLine reads a line with its break. A last line without one is io.ErrUnexpectedEOF, beside the line.
func boundedLine(text *bufio.Reader, most int64) ([]byte, error) {
	var line []byte
	for {
		piece, err := text.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case int64(len(line)) > most:
			return nil, errTooLong
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
