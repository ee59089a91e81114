package scenarios_test

import (
	"fmt"

	"github.com/kvconform/kvconform/scenarios"
)

// The catalogue says what is judged, and a play how its situation comes about.
func Example() {
	catalogue, err := scenarios.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	rule, _ := catalogue.Rule("cancel-in-progress/status")
	fmt.Println(rule.Level, "·", rule.Statement)
	for _, play := range scenarios.Plays() {
		if play.Scenario == "cancel-in-progress" {
			fmt.Println(play.Name)
		}
	}
	// Output:
	// must · A cancellation of a request in progress returns 200.
	// CancelInProgress
	// CancelByRequestID
	// CancelTooLate
}
