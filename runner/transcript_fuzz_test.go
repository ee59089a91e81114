package runner

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// FuzzReadTranscript reads any bytes: they are refused in one line, or judged and converted without a panic.
func FuzzReadTranscript(f *testing.F) {
	book, err := specs.NewSuite()
	if err != nil {
		f.Fatal(err)
	}
	text := seed(f)
	f.Add(text)
	for line := range bytes.Lines(text) {
		f.Add(line)
	}
	f.Add([]byte(`{"format":"kvconform.transcript/1","facts":{"apiVersion":"7.4"},"plays":0}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		transcript, err := transcript.Read(bytes.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		played := specs.NewPerformed(transcript.Performances)
		for _, spec := range book.Specs() {
			finding := book.Judge(context.Background(), spec, scenarios.Either, transcript.Head.Facts, played)
			if finding.Panicked && !strings.Contains(finding.Reason, "panicked in the play") {
				t.Errorf("%s: %s", finding.Rule, finding.Reason)
			}
		}
		ownFaults(book, transcript.Head.Facts, transcript.Performances)
		if err := transcript.WriteHAR(io.Discard); err != nil {
			t.Errorf("no archive: %v", err)
		}
	})
}

// seed is the transcript of one play against the reference vault.
func seed(f *testing.F) []byte {
	f.Helper()
	vault, err := refvault.New(refvault.Options{Token: "a token of the fuzzing", Keys: refvault.NewKeyPool(1)})
	if err != nil {
		f.Fatal(err)
	}
	outcome, err := Run(context.Background(), Options{
		Handler: vault,
		Target:  Target{Auth: Auth{Token: Secret{Value: "a token of the fuzzing"}}, Polling: Polling{Min: time.Millisecond, Max: time.Millisecond, Timeout: 5 * time.Second}},
		Rules:   []string{"conflict-while-in-progress/create-status"},
	})
	if err != nil {
		f.Fatal(err)
	}
	var text bytes.Buffer
	if err := outcome.Transcript.Write(&text); err != nil {
		f.Fatal(err)
	}
	return text.Bytes()
}
