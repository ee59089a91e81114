package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/rerun"
	"github.com/kvconform/kvconform/runner"
)

// peersTitle begins the part of the page that `make bench-peers` writes.
const peersTitle = "## Beside other programs\n"

const (
	fewRounds, manyRounds = 10, 50 // of five requests: 50 and 250, so that 200 are between them
	tries                 = 3
)

// peerVault is the reference vault as the other programs need to know it.
type peerVault struct {
	endpoint string
	token    string
	ca       string
	openapi  []byte
}

// peer is a program with the command that sends all requests of a list and checks the responses.
type peer struct {
	name    string
	checks  string
	command func(list *requestList) (*exec.Cmd, error)
	// sent is how many requests the last command sent, if that is not what the list says.
	sent func() (int, error)
}

// besidePeers measures the same checked requests as several programs send them.
func besidePeers(ctx context.Context, command, tools string) (string, error) {
	tools, err := filepath.Abs(tools) // the programs run in a folder of their own
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "kvconform-peers-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a folder of the system's for such files
	served, err := serve(ctx, command, folder)
	if err != nil {
		return "", err
	}
	defer served.stop()
	list, vault, err := prepare(ctx, command, served.config)
	if err != nil {
		return "", err
	}
	page := &strings.Builder{}
	fmt.Fprintf(page, peersTitle+`
`+"`make bench-peers`"+` measures these figures and writes this section. Each program reads a pending object, a certificate,
its policy, its versions and the list of certificates from the same vault again and again, and checks status, content type and
form of each response. `+"`kvconform run`"+` sends no list of requests: it plays the scenario list-certificates, which has about as
many exchanges, and judges them by all rules.

%s, %s/%s, %d processors, %s; load before the run: %s.
%s
| program | checks of a response | 200 requests, wall time | 200 requests, processor time | one request without the start, wall time | one request without the start, processor time | peak memory |
| --- | --- | --- | --- | --- | --- | --- |
`, time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load(), busy())
	for _, one := range programs(ctx, command, tools, folder, vault) {
		if err := one.measure(page, list); err != nil {
			return "", fmt.Errorf("%s: %w", one.name, err)
		}
	}
	fmt.Fprintf(page, `
The start is taken out by a shorter run of the same program: the difference of the two runs, divided by the requests that the
longer one has more. The columns of 200 requests include the start. Each time is the least of %d runs. The schemas are those of
`+"`kvconform openapi`"+`. Newman compiles the schema for each response, because its scripts have no other way. For Respect, two things
in the document are changed: the members of errors that hold their own kind are left out, because it ends with a full stack
otherwise, and objects say that they accept members without a name, because it rejects those otherwise.

k6 is not measured yet: `+"`make bench-peers`"+` has no script for it. It is a module of Go (`+"`go.k6.io/k6`"+`), and its licence, the AGPL,
does not keep a program out that is only run beside kvconform and neither linked nor shipped.
`, tries)
	return page.String(), nil
}

// prepare makes the two certificates that all requests are about and reads what the programs need of the vault.
func prepare(ctx context.Context, command, config string) (*requestList, *peerVault, error) {
	target, err := runner.LoadTarget(config)
	if err != nil {
		return nil, nil, err
	}
	transport, err := target.Transport()
	if err != nil {
		return nil, nil, err
	}
	document, err := exec.CommandContext(ctx, command, "openapi").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%s openapi: %w", command, err)
	}
	const complete, pending, version = "peers-complete", "peers-pending", "7.4"
	list := &requestList{Config: config, Version: version, Kinds: readings(complete, pending)}
	vault := &peerVault{endpoint: target.Endpoint, token: target.Auth.Token.Value, ca: target.TLS.CA, openapi: document}
	client := &http.Client{Transport: transport}
	for name, issuer := range map[string]string{complete: "Self", pending: "Unknown"} {
		body := fmt.Appendf(nil, `{"policy":{"issuer":{"name":%q},"x509_props":{"subject":"CN=peers"},"key_props":{"kty":"RSA","key_size":2048}}}`, issuer)
		if err := create(ctx, client, vault, name, version, body); err != nil {
			return nil, nil, err
		}
	}
	return list, vault, waitUntilIssued(ctx, client, vault, list.Kinds[1].Path+"?api-version="+version)
}

func create(ctx context.Context, client *http.Client, vault *peerVault, name, version string, body []byte) error {
	url := vault.endpoint + "/certificates/" + name + "/create?api-version=" + version
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+vault.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusAccepted {
		return errors.Join(err, fmt.Errorf("create %s: status %d", name, response.StatusCode))
	}
	return nil
}

// waitUntilIssued returns when the certificate passes the checks that the programs will make of it.
func waitUntilIssued(ctx context.Context, client *http.Client, vault *peerVault, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	checker, err := newChecker()
	if err != nil {
		return err
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := checker.get(ctx, client, vault.endpoint+path, vault.token)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}

// programs are those that are compared.
func programs(ctx context.Context, command, tools, folder string, vault *peerVault) []peer {
	report := filepath.Join(folder, "peers.json")
	node := func(script string, arguments ...string) *exec.Cmd {
		run := exec.CommandContext(ctx, "node", append([]string{filepath.Join(tools, script)}, arguments...)...)
		run.Dir = folder
		run.Env = append(run.Environ(), "NODE_EXTRA_CA_CERTS="+vault.ca, "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
		return run
	}
	return []peer{
		{
			name: "`kvconform run`", checks: "all rules of the scenario and of every response",
			command: func(list *requestList) (*exec.Cmd, error) {
				scenario := "list-certificates"
				if list.Rounds == fewRounds {
					scenario = "read-in-progress"
				}
				return exec.CommandContext(ctx, command, "run", "--config", list.Config, "--scenario", scenario, "--quiet", "--json", report), nil
			},
			sent: func() (int, error) { return exchangesOf(report) },
		},
		{
			name: "a Go program with `schemas`", checks: "status, headers, content type, JSON Schema of the state, OpenAPI document",
			command: func(list *requestList) (*exec.Cmd, error) {
				self, err := os.Executable()
				if err != nil {
					return nil, err
				}
				text, err := json.Marshal(list)
				if err != nil {
					return nil, err
				}
				path := filepath.Join(folder, "requests.json")
				return exec.CommandContext(ctx, self, "requests", path), os.WriteFile(path, text, 0o600)
			},
		},
		{
			name: "Newman", checks: "status, content type, JSON Schema",
			command: func(list *requestList) (*exec.Cmd, error) {
				path, err := collection(folder, list, vault)
				return node("newman/node_modules/newman/bin/newman.js", "run", path, "--iteration-count", fmt.Sprint(list.Rounds), "--reporter-cli-no-success-assertions", "--reporter-cli-no-banner"), err
			},
		},
		{
			name: "Redocly Respect", checks: "status, content type, schema of the OpenAPI document",
			command: func(list *requestList) (*exec.Cmd, error) {
				path, err := workflow(folder, list, vault)
				return node("redocly/node_modules/@redocly/cli/bin/cli.js", "respect", path, "--server", "api="+vault.endpoint), err
			},
		},
	}
}

func exchangesOf(path string) (int, error) {
	report, err := rerun.Load(path)
	if err != nil {
		return 0, err
	}
	sent := 0
	for i := range report.Plays {
		sent += len(report.Plays[i].Steps)
	}
	return sent, nil
}

// usage is the least that a program took for its requests in several runs.
type usage struct {
	requests  int
	wall, cpu time.Duration
	memory    int
}

// measure writes the row of a program.
func (p *peer) measure(page *strings.Builder, list *requestList) error {
	few, err := p.best(list, fewRounds)
	if err != nil {
		return err
	}
	many, err := p.best(list, manyRounds)
	if err != nil {
		return err
	}
	more := time.Duration(many.requests - few.requests)
	one, cpu := (many.wall-few.wall)/more, (many.cpu-few.cpu)/more
	rest := time.Duration(200 - many.requests)
	fmt.Fprintf(page, "| %s | %s | %.2f s | %.2f s | %.2f ms | %.2f ms | %d MB |\n", p.name, p.checks,
		(many.wall + one*rest).Seconds(), (many.cpu + cpu*rest).Seconds(), ms(one), ms(cpu), many.memory)
	return nil
}

func ms(of time.Duration) float64 { return float64(of.Microseconds()) / 1000 }

// best runs a program several times; a response that it rejects is an error.
func (p *peer) best(list *requestList, rounds int) (usage, error) {
	of := *list
	of.Rounds = rounds
	best := usage{requests: rounds * len(of.Kinds), wall: time.Hour, cpu: time.Hour}
	for range tries {
		run, err := p.command(&of)
		if err != nil {
			return usage{}, err
		}
		began := time.Now()
		if out, err := run.CombinedOutput(); err != nil {
			return usage{}, fmt.Errorf("%w\n%s", err, out)
		}
		best.wall = min(best.wall, time.Since(began))
		best.cpu = min(best.cpu, run.ProcessState.UserTime()+run.ProcessState.SystemTime())
		best.memory = max(best.memory, megabytes(run.ProcessState))
		if p.sent != nil {
			if best.requests, err = p.sent(); err != nil {
				return usage{}, err
			}
		}
	}
	return best, nil
}
