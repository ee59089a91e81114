package prove

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/account"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// causesOf groups what the suite found into causes, as a run's report has them.
func (p *prover) causesOf(performances []*scenarios.Performance, findings []specs.Finding) []reports.Cause {
	var telling []specs.Finding
	for _, finding := range findings {
		if p.clean[finding.Rule].Kind == specs.Held { // what does not hold anyway says nothing of the faults
			telling = append(telling, finding)
		}
	}
	return reports.Causes(&reports.Report{
		Scenarios: account.Scenarios(p.book.Catalogue, telling, performances, nil), Plays: account.Plays(performances),
	})
}

// actsOn lists the operations that a fault of the group acts on, of those that were sent.
func actsOn(group []fault.Fault, performances []*scenarios.Performance) map[string]bool {
	operations := map[string]bool{}
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			sent := &step.Exchange.Request
			request, err := http.NewRequest(sent.Method, sent.URL, bytes.NewReader(sent.Body))
			if err != nil {
				continue // a request that was never sent
			}
			request.Header = sent.Header.Clone()
			if slices.ContainsFunc(group, func(f fault.Fault) bool { return f.On(request) }) {
				operations[step.Exchange.Operation] = true
			}
		}
	}
	return operations
}

// tell keeps the causes of a group, and whether the first names an operation that a fault acts on.
func (g *ReachGroup) tell(causes []reports.Cause, operations map[string]bool) {
	for i, cause := range causes {
		g.Causes = append(g.Causes, cause.Key)
		if i == 0 {
			g.Named = operations[cause.Operation] || slices.ContainsFunc(cause.Operations, func(name string) bool { return operations[name] })
		}
	}
}

// Told is how few causes the faults are told as: the shares of groups with one cause, with three at most, and of those
// whose first cause names an operation that a fault acts on. Groups that break mays alone do not count.
func (r *Reach) Told() (one, three, named float64) {
	count := func(test func(ReachGroup) bool) float64 {
		n, of := 0, 0
		for _, group := range r.Groups {
			if group.Recorded {
				continue
			}
			of++
			if test(group) {
				n++
			}
		}
		return float64(n) / float64(max(of, 1))
	}
	return count(func(g ReachGroup) bool { return len(g.Causes) == 1 }),
		count(func(g ReachGroup) bool { return len(g.Causes) > 0 && len(g.Causes) <= 3 }),
		count(func(g ReachGroup) bool { return g.Named })
}

func (r *Reach) writeCauses(text *strings.Builder) {
	one, three, named := r.Told()
	fmt.Fprintf(text, "\nTold as one cause %s, as three at most %s; the first cause names an operation at fault %s\n",
		percent(one), percent(three), percent(named))
	if r.Together > 1 {
		return
	}
	for _, group := range r.Groups {
		if len(group.Causes) > 3 || !group.Named && !group.Recorded {
			fmt.Fprintf(text, "  %3d  %s  %s\n", len(group.Causes), strings.Join(group.Faults, ", "), some(group.Causes))
		}
	}
}
