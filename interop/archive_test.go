//go:build interop

package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMitmproxyArchive audits an HTTP Archive that mitmproxy wrote of what Azure's client library for Python did with the
// reference vault. Recorder and client are other people's, so the archive has all that ours would not have.
func TestMitmproxyArchive(t *testing.T) {
	mitmdump := fetched(t, filepath.Join("mitmproxy", "bin", "mitmdump"))
	python := fetched(t, filepath.Join("python", "bin", "python"))
	kvconform := buildCommand(t)
	v := serve(t, kvconform)
	archive, authority := record(t, mitmdump, v, func(address, ca string) {
		client := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest", "-v", "test_vault")
		client.Dir = "sdk-python"
		client.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE="+ca)
		drive(t, client, vault{url: address, ca: ca, target: v.target}, regexp.MustCompile(`(?m)^Ran (\d+) tests`))
	})
	exit, output := run(t, time.Minute, kvconform, "audit", archive)
	if exit != 0 || !strings.Contains(output, "passed: no must fails") {
		t.Fatalf("the audit of what mitmproxy recorded (%s) ends with %d:\n%s", authority, exit, output)
	}
	judged := regexp.MustCompile(`(\d+) exchanges of the certificates API were judged`).FindStringSubmatch(output)
	if judged == nil {
		t.Fatalf("the audit does not say how much it judged:\n%s", output)
	}
	if number, err := strconv.Atoi(judged[1]); err != nil || number < fewestArchived {
		t.Errorf("%s exchanges were judged, want %d or more", judged[1], fewestArchived)
	}
	t.Log(judged[0])
	rest := archived(t, archive)
	for name, test := range map[string]struct {
		text string
		exit int
		want string
	}{
		"cut short":       {rest[:len(rest)/2], 3, "is cut short after entry"},
		"one state wrong": {strings.Replace(rest, `\"status\":\"completed\"`, `\"status\":\"done\"`, 1), 1, "every-answer/operation"},
	} {
		changed := filepath.Join(t.TempDir(), "changed.har")
		if err := os.WriteFile(changed, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if exit, output := run(t, time.Minute, kvconform, "audit", changed, "--max-causes", "0"); exit != test.exit || !strings.Contains(output, test.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, exit, test.exit, test.want, output)
		}
	}
}

// fewestArchived is how many exchanges the tests of the client make at the least.
const fewestArchived = 60

// record has mitmproxy stand before a vault while a client is at work, and returns the archive that it wrote.
func record(t *testing.T, mitmdump string, v vault, work func(address, ca string)) (archive, authority string) {
	t.Helper()
	folder := t.TempDir()
	archive, authority = filepath.Join(folder, "traffic.har"), filepath.Join(folder, "mitmproxy-ca-cert.pem")
	port := freePort(t)
	recorder := exec.CommandContext(t.Context(), mitmdump, "--mode", "reverse:"+v.url, "--listen-host", "127.0.0.1", "--listen-port", port,
		"--set", "hardump="+archive, "--set", "confdir="+folder, "--set", "ssl_verify_upstream_trusted_ca="+v.ca,
		"--set", "keep_host_header=true", "--quiet")
	var said strings.Builder
	recorder.Stdout, recorder.Stderr = &said, &said
	if err := recorder.Start(); err != nil {
		t.Fatalf("starting mitmproxy: %v", err)
	}
	waitUntilListening(t, "127.0.0.1:"+port, 30*time.Second)
	work("https://127.0.0.1:"+port, authority)
	if err := recorder.Process.Signal(syscall.SIGINT); err != nil { // it writes the archive at its end
		t.Fatalf("ending mitmproxy: %v", err)
	}
	_ = recorder.Wait() // its exit code says nothing of the archive
	if _, err := os.Stat(archive); err != nil {
		t.Fatalf("mitmproxy wrote no archive: %v\n%s", err, said.String())
	}
	return archive, authority
}

// archived is the text of an archive.
func archived(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
