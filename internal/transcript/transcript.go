// Package transcript keeps all exchanges of a run in a file from which the run is judged again without a network. Write and
// Read are each other's reverse, and reading is strict: a transcript that is cut short, of another version or edited into
// something that no client sends is rejected in one line. WriteHAR converts a transcript for the tools of browsers.
package transcript

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Format is the version of the transcript files that this kvconform writes and reads.
const Format = "kvconform.transcript/1"

// Transcript is all exchanges of a run, redacted, in a form that can be judged again without a network. As a file it is
// JSON lines: a head, then a line for each exchange, and one at the end of each play.
type Transcript struct {
	Head         Head
	Performances []*scenarios.Performance
}

// Head is the first line of a transcript: what of a run its exchanges do not show.
type Head struct {
	Format    string            `json:"format"`
	Version   string            `json:"version,omitempty"`
	Started   time.Time         `json:"started"`
	Took      time.Duration     `json:"tookNanos"`
	Target    reports.Target    `json:"target"`
	Selection reports.Selection `json:"selection"`
	Facts     specs.Facts       `json:"facts"`
	// Interrupted says that the run was ended before its end.
	Interrupted bool `json:"interrupted,omitempty"`
	// Plays is how many plays follow, so that a transcript that is cut short is known as such.
	Plays int `json:"plays"`
}

// entry is each line after the head.
type entry struct {
	Play     string          `json:"play"`
	Step     string          `json:"step,omitempty"`
	Index    int             `json:"index,omitempty"`
	Exchange *vault.Exchange `json:"exchange,omitempty"`
	Ended    *end            `json:"ended,omitempty"`
}

// end says how a play ended.
type end struct {
	Started   time.Time     `json:"started"`
	Took      time.Duration `json:"tookNanos"`
	Unreached string        `json:"unreached,omitempty"`
	// Want is what the play needed of the exchange that stood in its way, which Step and Index name.
	Want    string         `json:"want,omitempty"`
	Step    string         `json:"step,omitempty"`
	Index   int            `json:"index,omitempty"`
	Failure *vault.Failure `json:"failure,omitempty"`
	Error   string         `json:"error,omitempty"`
	Panic   string         `json:"panic,omitempty"`
}

// New is the transcript of a run whose report is drawn.
func New(report *reports.Report, facts specs.Facts, performances []*scenarios.Performance) *Transcript {
	return &Transcript{
		Head: Head{
			Format: Format, Version: report.Tool.Version, Started: report.Started, Took: time.Duration(report.Took),
			Target: report.Target, Selection: report.Selection, Facts: facts, Interrupted: report.Interrupted,
			Plays: len(performances),
		},
		Performances: performances,
	}
}

// Write writes the transcript as JSON lines.
func (t *Transcript) Write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(reports.UnmarkedJSON(buffered))
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(t.Head); err != nil {
		return fmt.Errorf("writing the head of the transcript: %w", err)
	}
	for _, performance := range t.Performances {
		name := performance.Play.Name
		for _, step := range scenarios.Steps(performance.Script) {
			line := entry{Play: name, Step: step.Name, Index: step.Index, Exchange: step.Exchange}
			if err := encoder.Encode(line); err != nil {
				return fmt.Errorf("writing step %s of %s: %w", step.Name, name, err)
			}
		}
		if err := encoder.Encode(entry{Play: name, Ended: ending(performance)}); err != nil {
			return fmt.Errorf("writing the end of %s: %w", name, err)
		}
	}
	return buffered.Flush()
}

func ending(performance *scenarios.Performance) *end {
	end := &end{Started: performance.Started, Took: performance.Took}
	var unreached *scenarios.Unreached
	var failure *vault.Failure
	var panicked *scenarios.Panicked
	switch err := performance.Err; {
	case err == nil:
	case errors.As(err, &unreached):
		end.Unreached, end.Want = unreached.Reason, unreached.Want
		for _, step := range scenarios.Steps(performance.Script) {
			if step.Exchange == unreached.Exchange {
				end.Step, end.Index = step.Name, step.Index
				break
			}
		}
	case errors.As(err, &failure):
		end.Failure = failure
	case errors.As(err, &panicked):
		end.Panic = fmt.Sprint(panicked.Value)
	default:
		end.Error = err.Error()
	}
	return end
}
