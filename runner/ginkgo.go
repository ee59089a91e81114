package runner

import (
	"context"
	"io"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"

	"github.com/kvconform/kvconform/specs"
)

// Ginkgo is the frame of a judging and not the judge. specs.Suite.Judge makes each finding; Ginkgo calls it, one It a rule,
// orders the rules and keeps a panic to its own. Nothing else of this package knows Ginkgo: its output is discarded, its
// reports are not read, and findings leave by specs.Judgement.Record.
//
// Each judging leaves Ginkgo's own handler of SIGINT and SIGTERM in the process, which cannot be stopped from outside. A
// program that judges and then is to end by Ctrl-C has to handle these signals itself, as the command does.

// ginkgoTurn lets one run at a time use Ginkgo, whose tree and settings belong to the process.
var ginkgoTurn sync.Mutex

// quietTest is what Ginkgo calls a testing.T; the verdicts come by specs.Session.Record.
type quietTest struct{}

// Fail does nothing: Ginkgo calls it where a spec failed, which the findings know already.
func (quietTest) Fail() {}

// judge runs the session's specs under Ginkgo, silently, and returns the findings in the order of the specs.
func judge(ctx context.Context, session *specs.Judgement) []specs.Finding {
	ginkgoTurn.Lock()
	defer ginkgoTurn.Unlock()

	stdout, stderr := formatter.ColorableStdOut, formatter.ColorableStdErr
	formatter.ColorableStdOut, formatter.ColorableStdErr = io.Discard, io.Discard
	defer func() { formatter.ColorableStdOut, formatter.ColorableStdErr = stdout, stderr }()

	globals.Reset()
	defer globals.Reset()

	findings := make(map[string]specs.Finding, len(session.Specs))
	session.Record = func(finding specs.Finding) { findings[finding.Rule] = finding }
	session.Register(ctx)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.FailOnEmpty = true
	suite.RandomizeAllSpecs = false
	suite.Timeout = 0
	reporter.Succinct = true
	ginkgo.RunSpecs(quietTest{}, "kvconform", suite, reporter)

	ordered := make([]specs.Finding, 0, len(session.Specs))
	for _, spec := range session.Specs {
		finding, judged := findings[spec.Rule]
		if !judged {
			finding = specs.Finding{Rule: spec.Rule, Kind: specs.CouldNotRun, Reason: "Ginkgo did not come to this rule"}
		}
		ordered = append(ordered, finding)
	}
	return ordered
}
