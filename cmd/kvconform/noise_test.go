//go:build unix

package main

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/runner"
)

// rawServer hands a connection to a function each time that something is read from it, and returns its address.
func rawServer(t *testing.T, asked func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				for buffer := make([]byte, 1<<16); ; asked(connection) {
					if _, err := connection.Read(buffer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// Bytes that an endpoint sends after its response are in no line of Go's own log, which would print them as they came.
func TestBytesAfterAResponseAreNotPrinted(t *testing.T) {
	const secret = "xqz-behind-the-response"
	endpoint := rawServer(t, func(connection net.Conn) {
		_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" + secret))
	})
	run := started(t, nil, "run", "--endpoint", endpoint, "--allow-http", "--token", "t", "--rule", "read-in-progress/*", "--ledger", t.TempDir()+"/ledger")
	if code := run.ended(t); code == runner.ExitHeld {
		t.Errorf("exit %d", code)
	}
	for _, text := range []string{run.stdout.String(), run.stderr.String()} {
		if strings.Contains(text, secret) || strings.Contains(text, "Unsolicited") {
			t.Errorf("printed:\n%s", text)
		}
	}
}

// One Ctrl-C ends a run while the endpoint hangs, with nothing to remove, and --quiet still says that it was interrupted.
func TestAnInterruptWhileTheEndpointHangsEndsSoon(t *testing.T) {
	asked := make(chan struct{}, 100)
	endpoint := rawServer(t, func(net.Conn) {
		select {
		case asked <- struct{}{}:
		default:
		}
	})
	run := started(t, nil, "run", "--endpoint", endpoint, "--allow-http", "--token", "t", "--quiet", "--ledger", t.TempDir()+"/ledger")
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("nothing was sent")
	}
	began := time.Now()
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	code := run.ended(t)
	if took := time.Since(began); code != runner.ExitInterrupted || took > 30*time.Second {
		t.Errorf("exit %d after %s", code, took)
	}
	if text := run.stdout.String() + run.stderr.String(); !strings.Contains(text, "interrupted") {
		t.Errorf("printed:\n%s", text)
	}
}
