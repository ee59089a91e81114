package runner

import (
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/reports"
)

// The exit codes of the command, which package reports describes.
const (
	ExitHeld        = reports.ExitHeld
	ExitBroken      = reports.ExitFailed
	ExitUsage       = reports.ExitUsage
	ExitIncomplete  = reports.ExitIncomplete
	ExitFault       = reports.ExitInternal
	ExitInterrupted = reports.ExitInterrupted
)

// Usage is an error in what the user asked for: flags, files, names. Nothing was sent.
type Usage = input.Usage

func usage(format string, values ...any) error { return input.Usagef(format, values...) }

// Incomplete is the error of a run that could not begin: the endpoint cannot be used as it was given.
type Incomplete = session.Incomplete
