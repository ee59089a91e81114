package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binary is the command, built once for the tests that run it as a process.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "kvconform-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "kvconform")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the command: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	state, err := os.MkdirTemp("", "kvconform-state-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = os.Setenv("XDG_STATE_HOME", state)
	code := m.Run()
	_ = os.RemoveAll(state)
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}
