package runner_test

import (
	"testing"

	"github.com/kvconform/kvconform/runner"
)

func TestProve(t *testing.T) {
	proof, err := runner.Prove(t.Context(), runner.ProveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range proof.Problems {
		t.Log(p)
	}
}
