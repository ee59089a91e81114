package explore

import (
	"reflect"
	"testing"

	"github.com/kvconform/kvconform/scenarios"
)

func TestTheSameSeedPlansTheSame(t *testing.T) {
	plans := func(seed uint64) []Plan {
		p := newPlanner(Options{Seed: seed}, scenarios.Issuers{StaysInProgress: "s", Completes: "c"})
		return []Plan{p.next(), p.next(), p.next()}
	}
	if !reflect.DeepEqual(plans(7), plans(7)) {
		t.Error("two planners with one seed plan otherwise")
	}
	if reflect.DeepEqual(plans(7), plans(8)) {
		t.Error("two seeds plan the same")
	}
}

func TestOnlyTheOperationsAskedForArePlanned(t *testing.T) {
	p := newPlanner(Options{Operations: []string{"CreateCertificate", "GetCertificate"}}, scenarios.Issuers{})
	for _, group := range p.next().Groups {
		for _, step := range group {
			if step.Operation != "CreateCertificate" && step.Operation != "GetCertificate" {
				t.Errorf("planned %s", step)
			}
		}
	}
}

// Half a minute sends some 10000 requests, which are 200 episodes. Nothing that is seldom possible may be left out of them.
func TestAShortExplorationPlansEverything(t *testing.T) {
	p := newPlanner(Options{Seed: 3}, scenarios.Issuers{StaysInProgress: "s", Completes: "c", Fails: "f"})
	sent := map[string]int{}
	for range 200 {
		for _, group := range p.next().Groups {
			for _, step := range group {
				sent[step.Operation]++
				sent[step.With]++
				sent[step.Issuer]++
			}
			if len(group) == 2 {
				sent[group[0].Operation+" and "+group[1].Operation]++
			}
		}
	}
	for _, transition := range p.changing() {
		if p.planned[transition] == 0 {
			t.Errorf("%s is not sent where a name is %s", transition.Operation, transition.From)
		}
	}
	for _, m := range meetings() {
		if sent[m.pair[0]+" and "+m.pair[1]] == 0 {
			t.Errorf("%s and %s are not sent at once", m.pair[0], m.pair[1])
		}
	}
	for _, word := range append(Operations(), Own, Paged) {
		if sent[word] == 0 {
			t.Errorf("%s is not sent", word)
		}
	}
}
