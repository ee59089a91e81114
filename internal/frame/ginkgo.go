// Package frame runs the specs of a judgement under Ginkgo, as the command does: Ginkgo orders the rules, one It each, and
// keeps a panic to its own rule. It is the frame of a judging and not the judge. Its output is discarded, its reports are
// not read, and the findings leave by specs.Judgement.Record.
//
// Each judging leaves Ginkgo's handler of SIGINT and SIGTERM in the process, with a goroutine, and neither can be stopped
// from outside. The command handles these signals itself and ends after a few judgings. A program that embeds package
// runner judges without a frame, and keeps its signals and goroutines.
package frame

import (
	"context"
	"io"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"

	"github.com/kvconform/kvconform/specs"
)

// turn lets one judging at a time use Ginkgo, whose tree and settings belong to the process.
var turn sync.Mutex

// Ginkgo judges under Ginkgo.
type Ginkgo struct{}

// quietTest is what Ginkgo calls a testing.T; the verdicts come by specs.Judgement.Record.
type quietTest struct{}

// Fail does nothing: Ginkgo calls it where a spec failed, which the findings know already.
func (quietTest) Fail() {}

// Judge runs the specs of a judgement, silently.
func (Ginkgo) Judge(ctx context.Context, judgement *specs.Judgement) {
	turn.Lock()
	defer turn.Unlock()

	stdout, stderr := formatter.ColorableStdOut, formatter.ColorableStdErr
	formatter.ColorableStdOut, formatter.ColorableStdErr = io.Discard, io.Discard
	defer func() { formatter.ColorableStdOut, formatter.ColorableStdErr = stdout, stderr }()

	globals.Reset()
	defer globals.Reset()

	judgement.Register(ctx)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.FailOnEmpty = true
	suite.RandomizeAllSpecs = false
	suite.Timeout = 0
	reporter.Succinct = true
	ginkgo.RunSpecs(quietTest{}, "kvconform", suite, reporter)
}
