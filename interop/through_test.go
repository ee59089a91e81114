//go:build interop

package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The clients of others drive the reference vault through the proxy: their tests pass as without it, and it is silent. The
// proxy keeps the Host, because the vault writes its links with it and the clients follow them.

func TestPythonClientThroughTheProxy(t *testing.T) {
	python := fetched(t, filepath.Join("python", "bin", "python"))
	throughProxy(t, "sdk-python", "REQUESTS_CA_BUNDLE", regexp.MustCompile(`(?m)^Ran (\d+) tests`),
		python, "-B", "-m", "unittest", "-v", "test_vault")
}

func TestJavaScriptClientThroughTheProxy(t *testing.T) {
	node := tool(t, "node", "install Node.js 20 or newer")
	folder := fetched(t, "sdk-javascript")
	fetched(t, filepath.Join("sdk-javascript", "node_modules", "@azure", "keyvault-certificates"))
	copyFile(t, filepath.Join("sdk-javascript", "vault.test.js"), filepath.Join(folder, "vault.test.js"))
	throughProxy(t, folder, "NODE_EXTRA_CA_CERTS", regexp.MustCompile(`(?m)^# pass (\d+)`),
		node, "--test", "--test-reporter=tap", "vault.test.js")
}

// throughProxy runs a client's tests as the command of `kvconform proxy`; caName is the variable in which it looks for the
// CA, and the expression finds how many tests ran.
func throughProxy(t *testing.T, folder, caName string, count *regexp.Regexp, client ...string) {
	t.Helper()
	kvconform := buildCommand(t)
	v := serve(t, kvconform)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	command := exec.CommandContext(t.Context(), kvconform, append([]string{
		"proxy", "--upstream", v.url, "--upstream-ca", v.ca, "--ca-out", ca, "--url-env", "KVCONFORM_URL", "--keep-host", "--",
	}, client...)...)
	command.Dir = folder
	command.Env = append(os.Environ(), "KVCONFORM_TOKEN="+tokenOf(t, v), caName+"="+ca)
	var report, told strings.Builder
	command.Stdout, command.Stderr = &report, &told
	if err := command.Run(); err != nil {
		t.Fatalf("the proxy: %v\n%s\n%s", err, tail(told.String(), 80), report.String())
	}
	found := count.FindStringSubmatch(told.String())
	if found == nil {
		t.Fatalf("the client does not say how many tests ran:\n%s", tail(told.String(), 40))
	}
	if ran, err := strconv.Atoi(found[1]); err != nil || ran < fewestClientTests {
		t.Errorf("%s tests of the client ran, want %d or more", found[1], fewestClientTests)
	}
	if strings.Contains(told.String(), "exchange ") || !strings.Contains(report.String(), "passed: no must fails") {
		t.Errorf("the proxy is not silent:\n%s\n%s", tail(told.String(), 40), report.String())
	}
	t.Log(strings.SplitN(report.String(), "\n", 2)[0])
}
