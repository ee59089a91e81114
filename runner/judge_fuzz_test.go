package runner

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// FuzzJudge puts any response into a real play: no check panics, and the report of it is drawn.
func FuzzJudge(f *testing.F) {
	book, err := specs.NewSuite()
	if err != nil {
		f.Fatal(err)
	}
	text := seed(f)
	for i, body := range []string{
		"", "{}", "[]", "null", `{"error":{"code":"X","message":null}}`, `{"id":1,"status":{},"csr":[],"issuer":"x"}`,
		`{"value":[{"id":null}],"nextLink":{}}`, `{"status":"completed","target":5,"error":{"innererror":[]}}`, "\xef\xbb\xbf{}",
		`{"attributes":{"created":1e999,"exp":"x"},"policy":{"x509_props":{"sans":null}},"cer":"AAAA"}`,
	} {
		f.Add(uint8(i), uint16(200+100*(i%4)), "Location: /x\nRetry-After: -1", []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint8, status uint16, header string, body []byte) {
		read, err := transcript.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var steps []scenarios.Step
		for _, performance := range read.Performances {
			steps = append(steps, scenarios.Steps(performance.Script)...)
		}
		e := steps[int(which)%len(steps)].Exchange
		e.Response = &vault.Response{Status: 100 + int(status)%900, Header: http.Header{}, Body: body}
		for line := range strings.Lines(header) {
			if name, value, ok := strings.Cut(line, ":"); ok {
				e.Response.Header.Add(name, strings.TrimSpace(value))
			}
		}
		played := specs.NewPerformed(read.Performances)
		for _, spec := range book.Specs() {
			if finding := book.Judge(context.Background(), spec, scenarios.Either, read.Head.Facts, played); finding.Panicked {
				t.Errorf("%s: %s", finding.Rule, finding.Reason)
			}
		}
		if _, err := Judge(context.Background(), JudgeOptions{Transcript: read}); err != nil {
			t.Error(err)
		}
	})
}
