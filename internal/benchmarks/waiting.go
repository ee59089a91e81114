package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/rerun"
)

// waiting measures full runs against a slow vault, with few and with many plays at once. No client can be quicker than the
// longest play, nor than all requests divided by the number that may run at once.
func waiting(ctx context.Context, command, folder string, page *strings.Builder) error {
	rows(page, "Waiting for a slow vault", "vault", "plays at once", "wall time", "unavoidable", "ratio", "goal")
	for _, slow := range []struct {
		name  string
		flags []string
	}{
		{"issues after 3 s", []string{"--issue-after", "3s"}},
		{"issues after 3 s, 200 ms further away", []string{"--issue-after", "3s", "--latency", "200ms"}},
	} {
		vault, err := serve(ctx, command, folder, slow.flags...)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(vault.config)
		if err != nil {
			return err
		}
		for _, plays := range []int{4, 8, 16, 32} {
			config, out := filepath.Join(folder, "slow.yaml"), filepath.Join(folder, "slow.json")
			if err := os.WriteFile(config, fmt.Appendf(text[:len(text):len(text)], "plays: %d\n", plays), 0o600); err != nil {
				return err
			}
			run := exec.CommandContext(ctx, command, "run", "--config", config, "--quiet", "--json", out)
			began := time.Now()
			if text, err := run.CombinedOutput(); err != nil {
				return fmt.Errorf("%d plays at once: %w\n%s", plays, err, text)
			}
			wall := time.Since(began)
			least, err := unavoidable(out, plays)
			if err != nil {
				return err
			}
			fmt.Fprintf(page, "| %s | %d | %.2f s | %.2f s | %.2f | 1.05 |\n", slow.name, plays, wall.Seconds(), least.Seconds(), float64(wall)/float64(least))
		}
		vault.stop()
	}
	page.WriteString("\nThe wall time is that of the process, its start, the first look at the vault and the removal of what was made included.\n")
	return nil
}

// unavoidable is the longest play of a run, or the time of all requests divided by the number of plays at once.
func unavoidable(path string, plays int) (time.Duration, error) {
	report, err := rerun.Load(path)
	if err != nil {
		return 0, err
	}
	var longest, requests time.Duration
	for i := range report.Plays {
		longest = max(longest, time.Duration(report.Plays[i].Took))
		for j := range report.Plays[i].Steps {
			requests += time.Duration(report.Plays[i].Steps[j].Took)
		}
	}
	return max(longest, requests/time.Duration(plays)), nil
}
