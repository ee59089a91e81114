package target

import (
	"context"
	"fmt"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios"
)

// Hooks are commands that bring about what no API can.
type Hooks struct {
	// FailPending makes a pending request fail.
	FailPending []string `yaml:"failPending,omitempty"`
	// Timeout bounds one command.
	Timeout time.Duration `yaml:"timeout,omitempty"`

	// folder is where the commands run: that of the target file.
	folder string
}

// Command is the command of a hook, nil where the target has none.
func (h Hooks) Command(hook scenarios.Hook) []string {
	return map[scenarios.Hook][]string{scenarios.FailPending: h.FailPending}[hook]
}

// checkHooks refuses hooks whose commands are not there.
func (t Target) checkHooks() error {
	for _, hook := range scenarios.Hooks() {
		if argv := t.Hooks.Command(hook); len(argv) > 0 {
			if err := input.FindCommand("/hooks/"+string(hook), "hooks."+string(hook), argv, t.Hooks.folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// StageHooks are the hooks that the target has, each running its command for a certificate.
func (t Target) StageHooks(endpoint, apiVersion string) map[scenarios.Hook]func(ctx context.Context, name string) error {
	hooks := map[scenarios.Hook]func(context.Context, string) error{}
	for _, hook := range scenarios.Hooks() {
		argv := t.Hooks.Command(hook)
		if len(argv) == 0 {
			continue
		}
		hooks[hook] = func(ctx context.Context, name string) error {
			environment := []string{
				"KVCONFORM_HOOK=" + string(hook), "KVCONFORM_NAME=" + name,
				"KVCONFORM_ENDPOINT=" + endpoint, "KVCONFORM_API_VERSION=" + apiVersion,
			}
			if _, err := input.RunCommand(ctx, argv, t.Hooks.folder, environment, t.Hooks.Timeout); err != nil {
				return fmt.Errorf("hooks.%s: %w", hook, err)
			}
			return nil
		}
	}
	return hooks
}
