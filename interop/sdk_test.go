//go:build interop

package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// The fewest tests that each client library's suite must have run: one that finds none of its tests passes too.
const fewestClientTests = 16

// TestPythonClient has Azure's client library for Python drive the reference vault.
func TestPythonClient(t *testing.T) {
	python := fetched(t, filepath.Join("python", "bin", "python"))
	v := serve(t, buildCommand(t))
	command := exec.Command(python, "-B", "-m", "unittest", "-v", "test_vault")
	command.Dir = "sdk-python"
	command.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE="+v.ca)
	drive(t, command, v, regexp.MustCompile(`(?m)^Ran (\d+) tests`))
}

// TestJavaScriptClient has Azure's client library for JavaScript drive the reference vault.
func TestJavaScriptClient(t *testing.T) {
	node := tool(t, "node", "install Node.js 20 or newer")
	v := serve(t, buildCommand(t))
	command := exec.Command(node, "--test", "--test-reporter=tap", "vault.test.js")
	command.Dir = fetched(t, "sdk-javascript")
	fetched(t, filepath.Join("sdk-javascript", "node_modules", "@azure", "keyvault-certificates"))
	copyFile(t, filepath.Join("sdk-javascript", "vault.test.js"), filepath.Join(command.Dir, "vault.test.js"))
	command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+v.ca)
	drive(t, command, v, regexp.MustCompile(`(?m)^# pass (\d+)`))
}

// drive runs a client's tests against the vault. The expression finds how many ran.
func drive(t *testing.T, command *exec.Cmd, v vault, count *regexp.Regexp) {
	t.Helper()
	command.Env = append(command.Env, "KVCONFORM_URL="+v.url, "KVCONFORM_TOKEN="+tokenOf(t, v))
	command.WaitDelay = time.Second
	timer := time.AfterFunc(2*time.Minute, func() { _ = command.Process.Kill() }) // it may have ended just now
	output, err := command.CombinedOutput()
	if !timer.Stop() {
		t.Fatalf("the client did not end within two minutes:\n%s", tail(string(output), 80))
	}
	if err != nil {
		t.Fatalf("the client: %v\n%s", err, tail(string(output), 120))
	}
	found := count.FindSubmatch(output)
	if found == nil {
		t.Fatalf("the client does not say how many tests ran:\n%s", tail(string(output), 40))
	}
	if ran, err := strconv.Atoi(string(found[1])); err != nil || ran < fewestClientTests {
		t.Errorf("%s tests of the client ran, want %d or more:\n%s", found[1], fewestClientTests, tail(string(output), 40))
	}
	t.Logf("%s tests of the client passed", found[1])
}
