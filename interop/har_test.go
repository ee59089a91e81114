package interop_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/har"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// TestTranscriptsAreReadAsHTTPArchives reads an archive by the types that a library for browsers has for it.
func TestTranscriptsAreReadAsHTTPArchives(t *testing.T) {
	reference, err := refvault.New(refvault.Options{Token: "t", Keys: refvault.NewKeyPool(1)})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := runner.Run(t.Context(), runner.Options{
		Handler: reference, Target: runner.Target{
			Auth:    runner.Auth{Token: runner.Secret{Value: "t"}},
			Issuers: runner.Issuers{runner.StaysInProgress: {Name: "stays"}},
		},
		Rules: []string{"conflict-while-in-progress/create-status", "read-in-progress/status"},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Bytes that are no text survive too.
	steps := scenarios.Steps(outcome.Transcript.Performances[0].Script)
	steps[0].Exchange.Response.Body = []byte{0xff, 0xfe, 0}
	var text bytes.Buffer
	if err := outcome.Transcript.WriteHAR(&text); err != nil {
		t.Fatal(err)
	}
	var archive har.HAR
	if err := json.Unmarshal(text.Bytes(), &archive); err != nil {
		t.Fatal(err)
	}
	if archive.Log.Version != "1.2" || archive.Log.Creator.Name != "kvconform" {
		t.Errorf("%+v", archive.Log)
	}
	next := 0
	for i, performance := range outcome.Transcript.Performances {
		if page := archive.Log.Pages[i]; page.ID != performance.Play.Name || page.PageTimings == nil {
			t.Errorf("page %d is %+v", i, page)
		}
		for _, step := range scenarios.Steps(performance.Script) {
			entry, e := archive.Log.Entries[next], step.Exchange
			next++
			if entry.Pageref != performance.Play.Name || entry.Request.Method != e.Request.Method || entry.Request.URL != e.Request.URL {
				t.Errorf("%s became %s %s of %s", e.Line(), entry.Request.Method, entry.Request.URL, entry.Pageref)
			}
			if int(entry.Response.Status) != e.Status() || !bytes.Equal(entry.Response.Content.Text, e.Response.Body) {
				t.Errorf("%s became %d %q", e.Line(), entry.Response.Status, entry.Response.Content.Text)
			}
			if len(e.Request.Body) > 0 && entry.Request.PostData.Text != string(e.Request.Body) {
				t.Errorf("%s: the body became %q", e.Line(), entry.Request.PostData.Text)
			}
			versioned := slices.ContainsFunc(entry.Request.QueryString, func(p *har.NameValuePair) bool {
				return p.Name == "api-version" && p.Value == outcome.Report.APIVersion
			})
			if !versioned || entry.Timings == nil || entry.Cache == nil || entry.Time <= 0 {
				t.Errorf("%s became %+v", e.Line(), entry)
			}
		}
	}
	if next != len(archive.Log.Entries) || next == 0 {
		t.Errorf("%d exchanges became %d entries", next, len(archive.Log.Entries))
	}
}
