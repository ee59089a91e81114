//go:build interop

package interop_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// tool is the path of a program of this machine. A missing one fails the test.
func tool(t *testing.T, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: %s", name, install)
	}
	return path
}

// fetched is the path of something that `make interop` fetches. A missing one fails the test.
func fetched(t *testing.T, path string) string {
	t.Helper()
	folder := os.Getenv("KVCONFORM_INTEROP")
	if folder == "" {
		t.Fatal("KVCONFORM_INTEROP does not name the folder of the fetched programs: run these tests by `make interop`")
	}
	whole := filepath.Join(folder, path)
	if _, err := os.Stat(whole); err != nil {
		t.Fatalf("%s is missing: `make interop` fetches it", path)
	}
	return whole
}

// freePort is a port of the loopback on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // it was never used
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// waitUntilListening returns when something accepts connections at the address.
func waitUntilListening(t *testing.T, address string, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		var dialer net.Dialer
		if connection, err := dialer.DialContext(ctx, "tcp", address); err == nil {
			_ = connection.Close() // it was only tried
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("nothing listened at %s within %v", address, within)
		}
	}
}

// appended is a copy of a target file with one more member.
func appended(t *testing.T, target, member string) string {
	t.Helper()
	text, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kvconform.yaml")
	if err := os.WriteFile(path, append(text, member+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
