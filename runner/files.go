package runner

import (
	"github.com/kvconform/kvconform/internal/baseline"
	"github.com/kvconform/kvconform/internal/transcript"
)

// Transcript is all exchanges of a run, redacted, in a form that Judge can judge again without a network.
type Transcript = transcript.Transcript

// LoadTranscript reads the transcript in a file. The error is a *Usage of one line.
func LoadTranscript(path string) (*Transcript, error) { return transcript.Load(path) }

// Baseline is the deviations that the owner of a target knows of.
type Baseline = baseline.Baseline

// LoadBaseline reads a baseline file, strictly. The error is a *Usage of one line.
func LoadBaseline(path string) (*Baseline, error) { return baseline.Load(path) }
