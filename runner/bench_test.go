package runner

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// BenchmarkRun measures a whole run against the embedded vault and, in the same iteration, the time that a bare client
// takes to send the same recorded requests, as many at once. The figures to quote are the ratio and the counts; the
// rest of a run is the waiting that the API imposes, and the judging.
func BenchmarkRun(b *testing.B) {
	keys := refvault.NewKeyPool(4)
	var running, bare time.Duration
	exchanges := 0
	for b.Loop() {
		reference, err := refserver.Start(refserver.Options{Keys: keys})
		if err != nil {
			b.Fatal(err)
		}
		ca := filepath.Join(b.TempDir(), "ca.pem")
		if err := reference.WriteCA(ca); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		outcome, err := Run(context.Background(), Options{Target: reference.Target(ca)})
		if err != nil {
			b.Fatal(err)
		}
		running += time.Since(began)
		if code := outcome.Report.Conclusion.ExitCode; code != ExitHeld {
			b.Fatalf("exit %d: %s", code, outcome.Report.Conclusion.Line)
		}
		began = time.Now()
		exchanges = resend(b, outcome.Transcript, reference.Token)
		bare += time.Since(began)
		if err := reference.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(running.Seconds()/float64(b.N), "s/run")
	b.ReportMetric(bare.Seconds()/float64(b.N), "s/bare-client")
	b.ReportMetric(float64(running)/float64(bare), "run/bare")
	b.ReportMetric(float64(exchanges), "requests")
}

// resend sends the requests of a transcript as a bare client would: nothing is waited for, kept or judged.
func resend(b *testing.B, transcript *Transcript, token string) int {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		MaxIdleConnsPerHost: 8,
	}}
	places := make(chan struct{}, 8)
	var senders sync.WaitGroup
	sent := 0
	for _, performance := range transcript.Performances {
		for _, step := range scenarios.Steps(performance.Script) {
			sent++
			places <- struct{}{}
			senders.Go(func() {
				defer func() { <-places }()
				recorded := step.Exchange.Request
				request, err := http.NewRequest(recorded.Method, recorded.URL, bytes.NewReader(recorded.Body))
				if err != nil {
					b.Error(err)
					return
				}
				request.Header.Set("Authorization", "Bearer "+token)
				request.Header.Set("Content-Type", "application/json")
				response, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			})
		}
	}
	senders.Wait()
	return sent
}

// BenchmarkJudge measures what judging costs: every rule on the exchanges of one whole run, under Ginkgo and without.
func BenchmarkJudge(b *testing.B) {
	reference, err := refserver.Start(refserver.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = reference.Close() }()
	ca := filepath.Join(b.TempDir(), "ca.pem")
	if err := reference.WriteCA(ca); err != nil {
		b.Fatal(err)
	}
	outcome, err := Run(context.Background(), Options{Target: reference.Target(ca)})
	if err != nil {
		b.Fatal(err)
	}
	book, err := specs.NewSuite()
	if err != nil {
		b.Fatal(err)
	}
	exchanges := 0
	for _, performance := range outcome.Transcript.Performances {
		exchanges += len(scenarios.Steps(performance.Script))
	}
	session := &specs.Judgement{
		Suite: book, Oracle: scenarios.Either, Facts: outcome.Transcript.Head.Facts,
		Performances: specs.NewPerformed(outcome.Transcript.Performances), Specs: book.Specs(),
	}
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*exchanges), "µs/exchange")
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(session.Specs)), "µs/rule")
	}
	b.Run("recorded", func(b *testing.B) {
		for b.Loop() {
			judge(context.Background(), nil, session)
		}
		report(b)
	})
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			for _, spec := range session.Specs {
				book.Judge(context.Background(), spec, session.Oracle, session.Facts, session.Performances)
			}
		}
		report(b)
	})
}
