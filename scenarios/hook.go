package scenarios

import (
	"context"
	"errors"
)

// Hook names something that a target's owner can bring about and no API can.
type Hook string

// The hooks, by their keys in a target file.
const (
	// FailPending makes the pending request of a certificate fail.
	FailPending Hook = "failPending"
	// CompletePending makes the pending request of a certificate complete.
	CompletePending Hook = "completePending"
)

// Hooks lists them.
func Hooks() []Hook { return []Hook{FailPending, CompletePending} }

// ErrNoHook is the error of a hook that the target does not have.
var ErrNoHook = errors.New("the target has no such hook")

// Pull brings about what a hook is for. The play is unreached where the target has no such hook or where it fails.
func (s *Stage) Pull(ctx context.Context, hook Hook, name string) error {
	if s.Hook == nil {
		return unreached("no hook %s in the target file", hook)
	}
	switch err := s.Hook(ctx, hook, name); {
	case errors.Is(err, ErrNoHook):
		return unreached("no hook %s in the target file", hook)
	case err != nil:
		return unreached("the hook %s failed: %v", hook, err)
	default:
		return nil
	}
}
