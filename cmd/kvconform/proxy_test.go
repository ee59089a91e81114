package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/refserver"
)

func TestProxyEndsWithTheExitCodeThatItsHelpNames(t *testing.T) {
	long.Test(t, "a run for each exit code")
	reference, err := refserver.Start(refserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reference.Close() }) // the test is over
	folder := t.TempDir()
	ca := filepath.Join(folder, "upstream.pem")
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	// The client of the tests is the program of the tests, which runs the command line in its environment.
	client := func(line string) []string {
		return []string{"--", os.Args[0], "-test.run", "^TestIsAClient$", "-client", line}
	}
	upstream := []string{"proxy", "--upstream", reference.URL, "--upstream-ca", ca}
	transcript := filepath.Join(folder, "traffic.jsonl")
	for _, test := range []struct {
		name      string
		arguments []string
		client    []string
		code      int
		want      string
	}{
		{"a client that reads a certificate", append(upstream, "--transcript", transcript), client("/certificates/none?api-version=7.4 /certificates?api-version=7.4 " + reference.Token), 0,
			"passed: no must fails"},
		{"a client that asks for something else", upstream, client("/keys/none?api-version=7.4 " + reference.Token), 3, "no exchange of the certificates API was found among 1"},
		{"a client that fails", upstream, client("fail"), 3, "failed: exit status"},
		{"no upstream", []string{"proxy"}, nil, 2, "no upstream: give --upstream URL"},
		{"an upstream that is no URL", []string{"proxy", "--upstream", "vault"}, nil, 2, "is no http(s) URL"},
		{"an argument without a dash", append(upstream, "ls"), nil, 2, "takes a command after -- only"},
		{"a command that is not there", upstream, []string{"--", "no-such-command"}, 2, "the command no-such-command cannot be run"},
		{"a certificate without a key", append(upstream, "--cert", ca), nil, 2, "--cert and --key belong together"},
		{"an address that is none", append(upstream, "--listen", "nowhere"), nil, 2, "listening on nowhere"},
		{"a transcript on the standard output", append(upstream, "--transcript", "-"), nil, 2, "--transcript needs a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := typed(t, append(append([]string{}, test.arguments...), test.client...)...)
			if code != test.code || !strings.Contains(stdout+stderr, test.want) {
				t.Errorf("exit %d, want %d and %q in:\n%s%s", code, test.code, test.want, stdout, stderr)
			}
		})
	}
	if code, stdout, stderr := typed(t, "audit", transcript); code != 0 || !strings.Contains(stdout, "2 exchanges of the certificates API were judged") {
		t.Errorf("the transcript is audited with exit %d:\n%s%s", code, stdout, stderr)
	}
	if text, err := os.ReadFile(transcript); err != nil || strings.Contains(string(text), reference.Token) {
		t.Errorf("the transcript has the token: %v", err)
	}
}
