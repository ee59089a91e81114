package specs

import (
	"fmt"
	"sync"
	"testing"
)

func someSpecs(n int) []Spec {
	specs := make([]Spec, n)
	for i := range specs {
		specs[i].Rule = fmt.Sprintf("rule-%d", i)
	}
	return specs
}

func TestEverySpecIsJudgedOnceWhoeverComesFirst(t *testing.T) {
	var mu sync.Mutex
	judged := map[string]int{}
	specs := someSpecs(500)
	a := newAhead(specs, func(spec Spec) Finding {
		mu.Lock()
		defer mu.Unlock()
		judged[spec.Rule]++
		return Finding{Rule: spec.Rule}
	})
	for _, spec := range specs {
		if finding := a.find(spec); finding.Rule != spec.Rule {
			t.Errorf("%s has the finding of %s", spec.Rule, finding.Rule)
		}
	}
	for _, spec := range specs {
		if judged[spec.Rule] != 1 {
			t.Errorf("%s was judged %d times, want once", spec.Rule, judged[spec.Rule])
		}
	}
}

func TestAPanicOfAHelperComesUpWhereTheFindingIsAskedFor(t *testing.T) {
	specs := someSpecs(2)
	a := newAhead(specs[:1], func(spec Spec) Finding { panic("judging " + spec.Rule) }) // one spec: no helper of its own
	a.help()
	defer func() {
		if thrown := recover(); thrown != "judging rule-0" {
			t.Errorf("recovered %v, want the panic of the judging", thrown)
		}
	}()
	a.find(specs[0])
}

func TestASpecThatNobodyAnnouncedIsJudged(t *testing.T) {
	specs := someSpecs(3)
	a := newAhead(specs[:2], func(spec Spec) Finding { return Finding{Rule: spec.Rule} })
	if finding := a.find(specs[2]); finding.Rule != "rule-2" {
		t.Errorf("got the finding of %q", finding.Rule)
	}
}
