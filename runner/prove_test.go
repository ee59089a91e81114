package runner_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/runner"
)

func TestProve(t *testing.T) {
	options := runner.ProveOptions{}
	if f := os.Getenv("FAULTS"); f != "" {
		options.Faults = strings.Split(f, ",")
	}
	if f := os.Getenv("VARIANTS"); f != "" {
		options.Variants = strings.Split(f, ",")
	}
	proof, err := runner.Prove(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.MarshalIndent(proof, "", " ")
	_ = os.WriteFile("/tmp/proof.json", text, 0o600)
	t.Log(len(proof.Faults), len(proof.Rules), len(proof.Problems))
}
