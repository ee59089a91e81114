package rerun

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/reports"
)

// longestRecord bounds a record that is read, in bytes.
const longestRecord = 1 << 20

// Record is where the rules that failed at one target are remembered from run to run, in the user's state folder. Runs of a
// selection change it only for the rules that they judge, so that it always says what is still to be mended.
type Record struct{ target, path string }

// remembered is a record as it is written.
type remembered struct {
	Target string   `json:"target"`
	Failed []string `json:"failed"`
}

// RecordOf is the record of a target, which its endpoint names.
func RecordOf(target string) Record {
	sum := sha256.Sum256([]byte(target))
	return Record{target, filepath.Join(cleanup.StateFolder(), "failed-"+hex.EncodeToString(sum[:8])+".json")}
}

// LastFailed names the rules that failed when they were judged last. The error is an *Incomplete if there are none.
func (r Record) LastFailed() ([]string, error) {
	failed, err := r.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &session.Incomplete{Message: "no run of " + r.target + " is remembered", Advice: "run once without --last-failed"}
	}
	if err != nil {
		return nil, input.Usagef("the record %s cannot be read: %v; delete it", r.path, err)
	}
	return known(failed, &session.Incomplete{
		Message: "nothing is to be run again: no rule of " + r.target + " failed", Advice: "leave --last-failed out to run all rules",
	})
}

// Remember takes the verdicts of a run into the record.
func (r Record) Remember(report *reports.Report) error {
	failed, err := r.read()
	if err != nil { // none yet, or none that can be used: this run begins a new one
		failed = nil
	}
	judged := map[string]bool{}
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			judged[result.ID] = result.Verdict != reports.NotReached
		}
	}
	failed = slices.DeleteFunc(failed, func(id string) bool { return judged[id] })
	failed = append(failed, failedOf(report)...)
	file, err := outfile.Prepare(r.path)
	if err != nil {
		return err
	}
	return file.Write(func(w io.Writer) error {
		if err := json.NewEncoder(w).Encode(remembered{r.target, failed}); err != nil {
			return fmt.Errorf("writing the record of %s: %w", r.target, err)
		}
		return nil
	})
}

func (r Record) read() ([]string, error) {
	if _, err := os.Stat(r.path); err != nil {
		return nil, fmt.Errorf("looking for a record: %w", err)
	}
	text, err := input.ReadFile(r.path, longestRecord)
	if err != nil {
		return nil, err
	}
	var found remembered
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	return found.Failed, nil
}
