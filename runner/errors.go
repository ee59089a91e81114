package runner

import "fmt"

// The exit codes of the command, as docs/architecture.md tells them.
const (
	ExitHeld        = 0
	ExitBroken      = 1
	ExitUsage       = 2
	ExitIncomplete  = 3
	ExitFault       = 4
	ExitInterrupted = 130
)

// Usage is an error in what the user asked for: flags, files, names. Nothing was sent.
type Usage struct{ Message string }

// Error is one clear line.
func (u *Usage) Error() string { return u.Message }

func usage(format string, values ...any) error {
	return &Usage{Message: fmt.Sprintf(format, values...)}
}

// Incomplete is the error of a run that could not begin: the endpoint cannot be used as it was given.
type Incomplete struct {
	// Message says what is wrong, Advice what to do about it.
	Message, Advice string
}

// Error is one line.
func (i *Incomplete) Error() string { return i.Message + "; " + i.Advice }
