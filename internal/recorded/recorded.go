// Package recorded reads traffic that other programs recorded: HTTP Archives of browsers and proxies, session files of the
// Azure SDK test proxy and of its predecessors, VCR cassettes, and the transcripts of kvconform itself.
//
// A recording is read entry by entry, so a file of a gigabyte takes no more memory than its largest entry. Each entry
// becomes an exchange, without tokens, cookies, passwords and private keys. An entry that cannot be read costs only
// itself, and a file that is cut short gives every entry before the cut.
package recorded

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// The formats of recordings.
const (
	HAR          = "HTTP Archive"
	TestProxy    = "session of the Azure SDK test proxy"
	NetworkCalls = "recording with networkCallRecords"
	Cassette     = "VCR cassette"
	Transcript   = "transcript of kvconform"
)

// TrafficFormat is the version of the transcripts of traffic, which have no plays: a head, then a line for each exchange.
const TrafficFormat = "kvconform.traffic/1"

// maxEntry bounds one entry of a recording, in bytes. It is a variable of a reader so that tests need no large file.
const maxEntry = 64 << 20

// Entry is one entry of a recording.
type Entry struct {
	// Number is its place in the file, from 1.
	Number int
	// Exchange is what was recorded, redacted; nil if it cannot be read, and Problem then says why.
	Exchange *vault.Exchange
	Problem  string
	// IDBase is what the vault writes before its ids, where the recording says so.
	IDBase string
	// Bodiless says that the response had a body which was not recorded, Blind that the request may have had one.
	Bodiless, Blind bool
	// Blur is by how much later than it says an exchange may have ended, because the recording rounds times.
	Blur time.Duration
	// Play is the play of a run that the exchange is of, where the recording is a run's transcript.
	Play string
}

// Unreadable is why a file, or the rest of it, cannot be read.
type Unreadable struct {
	// Format is what the file was recognised as, "" if it is no recording at all.
	Format string
	// After is how many entries were read before.
	After  int
	Reason string
}

// Error is one line without the file's name, which the caller knows.
func (u *Unreadable) Error() string {
	if u.After > 0 {
		return fmt.Sprintf("%s after entry %d", u.Reason, u.After)
	}
	return u.Reason
}

// Read gives take each entry of a recording, in the order of the file, and returns the format. The error is an
// *Unreadable, or that of the context.
func Read(ctx context.Context, file io.Reader, take func(Entry)) (string, error) {
	r := &reader{ctx: ctx, take: take, most: maxEntry}
	err := r.read(file)
	for r.sorter.Len() > 0 {
		r.take(r.sorter.oldest())
	}
	var unreadable *Unreadable
	if errors.As(err, &unreadable) {
		unreadable.Format, unreadable.After = r.format, r.number
	}
	return r.format, err
}

// reader reads one recording.
type reader struct {
	ctx    context.Context
	take   func(Entry)
	most   int64
	format string
	number int
	idBase string
	play   string
	sorter sorter
}

// read tells the format by how the file begins.
func (r *reader) read(file io.Reader) error {
	text, err := plainText(file)
	if err != nil {
		return err
	}
	start, err := text.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return &Unreadable{Reason: "cannot be read: " + err.Error()}
	}
	trimmed := bytes.TrimSpace(start)
	switch {
	case len(trimmed) == 0:
		return &Unreadable{Reason: "is empty"}
	case bytes.IndexByte(start, 0) >= 0:
		return &Unreadable{Reason: "is binary, and no recording; give a HAR, a session of the test proxy, a VCR cassette or a transcript"}
	case bytes.HasPrefix(trimmed, []byte(`{"format":"kvconform.`)):
		return r.lines(text)
	case trimmed[0] == '{':
		return r.object(text)
	default:
		return r.cassette(text)
	}
}

// plainText unpacks gzip and drops a byte order mark.
func plainText(file io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(file, 1<<16)
	if start, err := text.Peek(2); err == nil && start[0] == 0x1f && start[1] == 0x8b {
		unpacked, err := gzip.NewReader(text)
		if err != nil {
			return nil, &Unreadable{Reason: "is gzip that cannot be unpacked: " + err.Error()}
		}
		text = bufio.NewReaderSize(unpacked, 1<<16)
	}
	if start, err := text.Peek(3); err == nil && string(start) == "\ufeff" {
		_, _ = text.Discard(3) // it was just seen
	}
	return text, nil
}

// give hands on one entry.
func (r *reader) give(e *vault.Exchange, bodiless bool) {
	r.number++
	entry := Recorded(r.number, e)
	entry.IDBase, entry.Bodiless, entry.Play = r.idBase, bodiless, r.play
	entry.Blind = r.format == NetworkCalls // they have no requests' bodies
	if r.format != HAR || entry.Exchange == nil {
		r.take(entry)
		return
	}
	if e.Started.Nanosecond()%int(time.Millisecond) == 0 {
		entry.Blur = time.Millisecond
	}
	for r.sorter.add(entry); r.sorter.full(); {
		r.take(r.sorter.oldest())
	}
}

// Recorded makes an entry of an exchange: its response is unpacked, and what is secret is removed.
func Recorded(number int, e *vault.Exchange) Entry {
	if problem := unpack(e); problem != "" {
		return Entry{Number: number, Problem: problem}
	}
	Redact(e)
	return Entry{Number: number, Exchange: e}
}

// lose says of one entry that it cannot be read.
func (r *reader) lose(format string, values ...any) {
	r.number++
	r.take(Entry{Number: r.number, Problem: fmt.Sprintf(format, values...)})
}
