package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// operationView counts the rules of an operation: those that a run against the reference vault judges on a response of it.
type operationView struct {
	Operation string `json:"operation"` // empty for the rules that are judged on every response
	Must      int    `json:"must"`
	Should    int    `json:"should"`
	May       int    `json:"may"`
}

func (v operationView) rules() int { return v.Must + v.Should + v.May }

func (v *operationView) add(level string) {
	switch scenarios.Level(level) {
	case scenarios.Must:
		v.Must++
	case scenarios.Should:
		v.Should++
	case scenarios.May:
		v.May++
	}
}

// listOperations runs the suite against the reference vault and counts on whose response each rule was judged.
func listOperations(ctx context.Context, w io.Writer, asJSON bool) error {
	flags := &runFlags{embedded: true, manner: manners()[0]}
	options := runner.Options{Oracle: scenarios.Either, NoLedger: true}
	if err := flags.embed(&options); err != nil {
		return err
	}
	outcome, err := runner.Run(ctx, options)
	if err != nil {
		return err
	}
	views := operationsOf(outcome.Report)
	if asJSON {
		return writeJSON(w, views)
	}
	var text strings.Builder
	row := func(name string, v operationView) {
		fmt.Fprintf(&text, "%-28s %5d %5d %7d %4d\n", name, v.rules(), v.Must, v.Should, v.May)
	}
	fmt.Fprintf(&text, "%-28s %5s %5s %7s %4s\n", "operation", "rules", "must", "should", "may")
	total := operationView{}
	for _, v := range views {
		row(cmp.Or(v.Operation, "every response"), v)
		total.Must, total.Should, total.May = total.Must+v.Must, total.Should+v.Should, total.May+v.May
	}
	row("total", total)
	_, err = io.WriteString(w, text.String())
	return err //nolint:wrapcheck // of the standard output
}

// operationsOf counts the rules of a report by operation, the operation with the most rules first and those of every
// response last.
func operationsOf(report *reports.Report) []operationView {
	counts := map[string]*operationView{}
	for _, scenario := range report.Scenarios {
		for _, result := range scenario.Rules {
			name := ""
			if step, ok := report.Exchange(result); ok {
				name = step.Operation
			}
			if counts[name] == nil {
				counts[name] = &operationView{Operation: name}
			}
			counts[name].add(string(result.Level))
		}
	}
	var views []operationView
	for _, view := range counts {
		views = append(views, *view)
	}
	slices.SortFunc(views, func(a, b operationView) int {
		if (a.Operation == "") != (b.Operation == "") {
			return cmp.Compare(b.Operation, a.Operation)
		}
		return cmp.Or(cmp.Compare(b.rules(), a.rules()), cmp.Compare(a.Operation, b.Operation))
	})
	return views
}
