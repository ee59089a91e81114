package runner_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/runner"
)

// newVault is the vault under test in the examples; yours goes in its place.
func newVault() (*refvault.Vault, error) {
	return refvault.New(refvault.Options{Token: "a token for the examples", Keys: keys})
}

// ownTarget says what kvconform has to know of the vault beside its address.
func ownTarget() runner.Target {
	return runner.Target{
		Name:    "our vault",
		Auth:    runner.Auth{Token: runner.Secret{Value: "a token for the examples"}},
		Issuers: runner.Issuers{runner.StaysInProgress: {Name: "stays"}, runner.Completes: {Name: "completes"}},
		Polling: runner.Polling{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond, Timeout: 10 * time.Second},
	}
}

// Run the suite against a handler and look at the report.
func ExampleRun() {
	vault, err := newVault()
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := runner.Run(context.Background(), runner.Options{
		Handler:   vault,
		Target:    ownTarget(),
		Scenarios: []string{"conflict-while-in-progress"},
	})
	if err != nil {
		fmt.Println(err) // wrong options, or a vault that cannot be used: nothing was judged
		return
	}
	for _, scenario := range outcome.Report.Scenarios {
		for _, rule := range scenario.Rules {
			if outcome.Report.Failing(rule) {
				fmt.Println(rule.ID, rule.Expected, rule.Got)
			}
		}
	}
	fmt.Println("exit code", outcome.Report.Conclusion.ExitCode)
	// Output: exit code 0
}

// TestOurVault is all that a project needs: each scenario becomes a subtest and each rule a subtest of it, so that
// `go test -run TestOurVault/conflict-while-in-progress/create-status` shows one of them.
func TestOurVault(t *testing.T) {
	vault, err := newVault()
	if err != nil {
		t.Fatal(err)
	}
	runner.RunT(t, runner.Options{
		Handler:   vault,
		Target:    ownTarget(),
		Scenarios: []string{"conflict-while-in-progress"},
	})
}

// RunT goes into a test of your own project. Give it a handler, or a target with an endpoint.
func ExampleRunT() {
	testVault := func(t *testing.T) {
		runner.RunT(t, runner.Options{
			Target: runner.Target{
				Endpoint: "https://localhost:8443",
				TLS:      runner.TLS{CA: "testdata/ca.pem"},
				Auth:     runner.Auth{Token: runner.Secret{Value: "a token of the tests"}},
			},
			Strict: true,
		})
	}
	_ = testVault // func TestVault(t *testing.T) in your project
}
