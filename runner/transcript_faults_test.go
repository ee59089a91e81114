package runner_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/refvault/profile"
	"github.com/kvconform/kvconform/runner"
)

// The transcripts of single faults are judged again by prove; here are whole runs, of vaults with many deviations at once.
func TestTheTranscriptOfAnImperfectVaultIsJudgedAgainWithTheSameReport(t *testing.T) {
	long.Test(t, "a run of each profile")
	starts := map[string]refserver.Options{
		"links missing": {Faults: []string{"location-missing"}},
		"all is 404":    {Wrap: func(http.Handler) http.Handler { return http.NotFoundHandler() }},
	}
	for _, p := range profile.All() {
		starts["profile "+p.ID] = refserver.Options{Profile: p.ID}
	}
	for name, options := range starts {
		t.Run(name, func(t *testing.T) {
			options.Keys = keys
			target := targetOf(t, options)
			outcome, err := runner.Run(t.Context(), runner.Options{Target: target, NoLedger: true})
			if err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := outcome.Transcript.Write(&text); err != nil {
				t.Fatal(err)
			}
			read, err := transcript.Read(bytes.NewReader(text.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			again, err := runner.Judge(t.Context(), runner.JudgeOptions{Transcript: read})
			if err != nil {
				t.Fatal(err)
			}
			// What cleaning up left is known to the run alone.
			again.Report.Left, again.Report.Notes = outcome.Report.Left, outcome.Report.Notes
			if got, want := asJSON(t, again.Report), asJSON(t, outcome.Report); got != want {
				t.Errorf("the reports differ, first at:\n%s", firstDifference(got, want))
			}
			if err := read.WriteHAR(io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}
