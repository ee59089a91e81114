package passthrough

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Source is the name of what a proxy recorded, in reports.
const Source = "proxy"

// Session judges exchanges as they come, writes them to a transcript, and says which causes are new.
type Session struct {
	audit *audit.Audit
	lines io.Writer
	ctx   context.Context

	mu         sync.Mutex
	number     int
	transcript *json.Encoder
	failed     error
	told       map[string]bool
}

// SessionOptions say what a session does with what it is given.
type SessionOptions struct {
	Audit *audit.Audit
	// Lines is where new causes are printed, a line each; nil prints none.
	Lines io.Writer
	// Transcript, where not nil, gets each exchange of the certificates API, redacted.
	Transcript io.Writer
	// Head is the first line of the transcript.
	Head recorded.Head
}

// NewSession begins a session. The context is that of its judging and does not end it.
func NewSession(ctx context.Context, options SessionOptions) (*Session, error) {
	s := &Session{audit: options.Audit, lines: options.Lines, ctx: context.WithoutCancel(ctx), told: map[string]bool{}}
	if options.Transcript != nil {
		s.transcript = json.NewEncoder(options.Transcript)
		s.transcript.SetEscapeHTML(false)
		head := options.Head
		head.Format = recorded.TrafficFormat
		if err := s.transcript.Encode(head); err != nil {
			return nil, fmt.Errorf("writing the head of the transcript: %w", err)
		}
	}
	return s, nil
}

// Take judges an exchange. It is what a Proxy gives its exchanges to.
func (s *Session) Take(e *vault.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.audit.Recognises(e) {
		s.audit.LeaveOut() // it is not ours to record: a secret may be in it
		return
	}
	s.number++
	entry := recorded.Recorded(s.number, e)
	if s.transcript != nil && s.failed == nil && entry.Exchange != nil {
		s.failed = s.transcript.Encode(recorded.Line{Exchange: entry.Exchange})
	}
	if fresh := s.audit.Take(s.ctx, Source, entry); len(fresh) > 0 {
		s.tell()
	}
}

// tell prints the causes that were not there before.
func (s *Session) tell() {
	if s.lines == nil {
		return
	}
	for _, cause := range s.audit.Report(s.ctx).Causes {
		if cause.Known || s.told[cause.Key] {
			continue
		}
		s.told[cause.Key] = true
		_, _ = fmt.Fprintf(s.lines, "exchange %d: %s\n", cause.Index, cause.Line())
	}
}

// Report is what was found, at the end of the traffic. The error is that of the transcript, if it could not be written.
func (s *Session) Report() (*reports.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audit.Settle()
	s.tell()
	if s.failed != nil {
		return s.audit.Report(s.ctx), fmt.Errorf("the transcript cannot be written: %w", s.failed)
	}
	return s.audit.Report(s.ctx), nil
}
