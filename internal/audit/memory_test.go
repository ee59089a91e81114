package audit_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/reports"
)

// traffic is a session of the test proxy of a given size that is written while it is read. It has whatever could pile up:
// names that come once, a name of ever more versions and backups, and request ids that never come again.
type traffic struct {
	left    int
	entries int
	ended   bool
	text    bytes.Buffer
}

// Read makes entries as long as the session is to go on.
func (f *traffic) Read(p []byte) (int, error) {
	for f.text.Len() < len(p) && !f.ended {
		f.more()
	}
	n, err := f.text.Read(p)
	f.left -= n
	return n, err //nolint:wrapcheck // io.EOF has to stay
}

func (f *traffic) more() {
	switch {
	case f.entries == 0:
		f.text.WriteString(`{"Entries":[`)
	case f.left <= 0:
		f.text.WriteString("]}")
		f.ended = true
		return
	default:
		f.text.WriteString(",")
	}
	f.entries++
	const vault = "https://vault.example"
	name := fmt.Sprintf("once-%d", f.entries)
	switch f.entries % 3 {
	case 0:
		f.text.WriteString(entry("GET", vault+"/certificates/"+name+"/pending?api-version=7.4", 200, operation(vault, name, "inProgress")))
	case 1:
		f.text.WriteString(entry("POST", vault+"/certificates/one/backup?api-version=7.4", 200, `{"value":"`+backupText(60_000)+`"}`))
	default:
		item := fmt.Sprintf(`{"id":"%s/certificates/one/%032x","x5t":"%s","attributes":{"enabled":true,"nbf":1,"exp":2,"created":1,"updated":1}}`,
			vault, f.entries, base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%020d", f.entries)))
		f.text.WriteString(entry("GET", vault+"/certificates/one/versions?api-version=7.4&maxresults=1", 200, `{"value":[`+item+`],"nextLink":null}`))
	}
}

// backupText is a backup that no other equals.
func backupText(size int) string {
	return fmt.Sprintf("%016x", rand.Uint64()) + strings.Repeat("YmFja3Vw", size/8)
}

// held is how much memory an audit holds after a session of a size.
func held(t *testing.T, size int) (bytes int, judged int) {
	t.Helper()
	auditor := newAudit(t, audit.Options{})
	if err := auditor.Read(t.Context(), "session.json", &traffic{left: size}); err != nil {
		t.Fatal(err)
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if report := auditor.Report(t.Context()); report.Conclusion.ExitCode != reports.ExitHeld {
		t.Errorf("exit %d: %s %+v", report.Conclusion.ExitCode, report.Conclusion.Line, report.Causes)
	}
	return int(memory.HeapAlloc), auditor.Judged()
}

func TestMemoryDoesNotGrowWithTheRecording(t *testing.T) {
	long.Test(t, "it reads 50 MiB")
	const size = 10 << 20
	small, fewer := held(t, size)
	large, more := held(t, 4*size)
	if more < 3*fewer {
		t.Fatalf("%d and %d exchanges were judged, want four times as many", fewer, more)
	}
	if grown := large - small; grown > 4<<20 {
		t.Errorf("the audit holds %d KiB after 10 MiB and %d KiB after 40 MiB: it grew by %d KiB", small>>10, large>>10, grown>>10)
	}
	t.Logf("%d KiB after %d exchanges, %d KiB after %d", small>>10, fewer, large>>10, more)
}

// BenchmarkAudit measures how fast a recording is audited, in bytes of the file.
func BenchmarkAudit(b *testing.B) {
	var text bytes.Buffer
	if _, err := io.Copy(&text, &traffic{left: 1 << 20}); err != nil {
		b.Fatal(err)
	}
	rules, err := suite()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		auditor, err := audit.New(audit.Options{Suite: rules})
		if err != nil {
			b.Fatal(err)
		}
		if err := auditor.Read(b.Context(), "session.json", bytes.NewReader(text.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
