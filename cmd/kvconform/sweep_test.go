package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Ledgers of vaults that are gone are one line, and go when they are old and somebody says so.
func TestASweepCountsTheLedgersOfOtherVaultsAndForgetsOldOnes(t *testing.T) {
	folder := t.TempDir()
	ledger := func(name, endpoint string, age time.Duration) string {
		path := filepath.Join(folder, name+".ledger.jsonl")
		line := `{"time":"2026-01-02T03:04:05Z","run":"0123456789ab","endpoint":"` + endpoint + `","apiVersion":"7.4","kind":"certificate","name":"kvconform-0123456789ab-x"}` + "\n"
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		written := time.Now().Add(-age)
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, recent := ledger("old", "https://127.0.0.1:1", 48*time.Hour), ledger("recent", "https://127.0.0.1:2", time.Minute)
	sweep := []string{"sweep", "--endpoint", "https://127.0.0.1:3", "--ledger", old, "--ledger", recent}
	for _, c := range []struct {
		more      []string
		want      string
		oldIsLeft bool
	}{
		{nil, "2 ledgers of other vaults (https://127.0.0.1:1 and 1 more): sweep one with --endpoint, or drop old ones with --forget\n", true},
		{[]string{"--forget", "24h"}, "1 ledger to drop\nnothing was deleted; --yes deletes it\n", true},
		{[]string{"--forget", "24h", "--yes"}, "1 ledger to drop\n1 ledger dropped\n", false},
	} {
		code, stdout, stderr := typed(t, append(sweep, c.more...)...)
		if code != 0 || !strings.HasSuffix(stdout, c.want) {
			t.Errorf("%v: exit %d, got\n%s%swant at its end\n%s", c.more, code, stdout, stderr, c.want)
		}
		if _, err := os.Stat(old); errors.Is(err, fs.ErrNotExist) == c.oldIsLeft {
			t.Errorf("%v: the old ledger: %v", c.more, err)
		}
		if _, err := os.Stat(recent); err != nil {
			t.Errorf("%v: the recent ledger: %v", c.more, err)
		}
	}
}
