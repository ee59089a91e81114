package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/transcript"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
	"github.com/kvconform/kvconform/specs/match"
)

// served is a reference vault in a process of its own, so that its cost is not the client's.
type served struct {
	process *exec.Cmd
	config  string
}

func serve(ctx context.Context, command, folder string, flags ...string) (*served, error) {
	s := &served{config: filepath.Join(folder, "target.yaml")}
	s.process = exec.CommandContext(ctx, command, append([]string{"serve", "--target-out", s.config}, flags...)...)
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	if !bufio.NewScanner(out).Scan() { // its address, once it serves
		return nil, fmt.Errorf("%s prints no address", s.process)
	}
	return s, nil
}

func (s *served) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait() // killed: its error says so
}

// cost measures the client's processor time against a bare client, and the judging against the decoding of the bodies.
func cost(ctx context.Context, command, folder string, page *strings.Builder) error {
	vault, err := serve(ctx, command, folder)
	if err != nil {
		return err
	}
	defer vault.stop()
	target, err := runner.LoadTarget(vault.config)
	if err != nil {
		return err
	}
	client, bare, requests := time.Hour, time.Hour, 0
	var outcome *runner.Result
	for range 3 {
		before := processorTime()
		if outcome, err = runner.Run(ctx, runner.Options{Target: target, NoLedger: true}); err != nil {
			return err
		}
		for _, write := range []func(io.Writer, *reports.Report) error{reports.WriteJSON, reports.WriteJUnit, reports.WriteHTML} {
			if err := write(io.Discard, outcome.Report); err != nil {
				return err
			}
		}
		ran := processorTime() - before
		before = processorTime()
		sent, err := resend(ctx, outcome.Transcript, target)
		if err != nil {
			return err
		}
		alone := processorTime() - before
		client, bare, requests = min(client, ran), min(bare, alone), sent
	}
	judging, decoding, exchanges, err := judge(ctx, outcome)
	if err != nil {
		return err
	}
	rows(page, "The cost of the client", "figure", "kvconform", "compared with", "ratio", "goal")
	fmt.Fprintf(page, "| processor time of a full run with all checks and reports, against a bare client that sends the same %d requests, the removal of what was made included | %d ms | %d ms | %.1f | 4 |\n",
		requests, client.Milliseconds(), bare.Milliseconds(), float64(client)/float64(bare))
	fmt.Fprintf(page, "| processor time of judging an exchange, its decoding included, against decoding its body (%d exchanges, %d rules) | %d µs | %d µs | %.1f | 5 |\n\n",
		exchanges, outcome.Report.Counts.Rules, judging.Microseconds()/int64(exchanges), decoding.Microseconds()/int64(exchanges), float64(judging)/float64(decoding))
	return nil
}

// resend sends the requests of a run as a bare client would: those of its transcript, and the two by which each certificate was
// removed, which no transcript has. Nothing is waited for, kept or judged.
func resend(ctx context.Context, of *runner.Transcript, target runner.Target) (sent int, err error) {
	transport, err := target.Transport()
	if err != nil {
		return 0, err
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	send := func(asked *vault.Request) error {
		request, err := http.NewRequestWithContext(ctx, asked.Method, asked.URL, bytes.NewReader(asked.Body))
		if err != nil {
			return nil //nolint:nilerr // a link that was not followed
		}
		request.Header = asked.Header.Clone()
		request.Header.Set("Authorization", "Bearer "+target.Auth.Token.Value)
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body) // only its cost counts
		sent++
		return response.Body.Close()
	}
	made := map[string]*vault.Request{}
	for _, performance := range of.Performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if step.Exchange.Response == nil {
				continue
			}
			if err := send(&step.Exchange.Request); err != nil {
				return sent, err
			}
			if name := match.Name(step.Exchange); makes(step.Exchange.Operation) && step.Exchange.Succeeded() {
				made[name] = &step.Exchange.Request
			}
		}
	}
	for name, by := range made {
		for _, rest := range []string{"/pending", ""} {
			removal := vault.Request{
				Method: http.MethodDelete, Header: by.Header,
				URL: target.Endpoint + "/certificates/" + name + rest + "?api-version=" + of.Head.Facts.APIVersion,
			}
			if err := send(&removal); err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}

// makes tells the operations after which a certificate has to be removed.
func makes(operation string) bool {
	return operation == vault.CreateCertificate || operation == vault.ImportCertificate
}

// judge measures the processor time of all checks on the exchanges of a run, and of decoding the same bodies alone: the wall
// time of either would count what else the machine does.
func judge(ctx context.Context, outcome *runner.Result) (judging, decoding time.Duration, exchanges int, err error) {
	suite, err := specs.NewSuite()
	if err != nil {
		return 0, 0, 0, err
	}
	var written bytes.Buffer
	if err := outcome.Transcript.Write(&written); err != nil {
		return 0, 0, 0, err
	}
	judging, decoding = time.Hour, time.Hour
	for range 5 {
		// Read again each time: what one judging finds out of an exchange is there for the next.
		unjudged, err := transcript.Read(bytes.NewReader(written.Bytes()))
		if err != nil {
			return 0, 0, 0, err
		}
		runtime.GC() // of what reading left behind
		exchanges = 0
		before := processorTime()
		for _, performance := range unjudged.Performances {
			for _, step := range scenarios.Steps(performance.Script) {
				if step.Exchange.Response == nil {
					continue
				}
				exchanges++
				var value any
				_ = json.Unmarshal(step.Exchange.Response.Body, &value) // some bodies are empty
			}
		}
		decoding = min(decoding, processorTime()-before)
		judgement := &specs.Judgement{
			Suite: suite, Oracle: scenarios.Either, Facts: outcome.Transcript.Head.Facts, Specs: suite.Specs(),
			Performances: specs.NewPerformed(unjudged.Performances),
		}
		before = processorTime()
		judgement.Judge(ctx)
		judging = min(judging, processorTime()-before)
	}
	return judging, decoding, exchanges, nil
}
