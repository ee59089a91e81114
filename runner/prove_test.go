package runner_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/kvconform/kvconform/runner"
)

func TestProve(t *testing.T) {
	proof, err := runner.Prove(t.Context(), runner.ProveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.MarshalIndent(proof, "", " ")
	_ = os.WriteFile("/tmp/proof.json", text, 0o600)
	t.Log(len(proof.Faults), len(proof.Rules), len(proof.Problems))
}
