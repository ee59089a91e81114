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
