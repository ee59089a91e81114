package variant_test

import (
	"fmt"

	"github.com/kvconform/kvconform/refvault/variant"
)

// A variant stands for a reading of the contract, or there is a reason why none does.
func Example() {
	for _, v := range variant.All() {
		if v.ID == "canceled-with-one-l" {
			fmt.Printf("%s: %s\n", v.Ambiguities[0], v.Title)
		}
	}
	fmt.Printf("F-14: %s\n", variant.Reasons()["F-14"])
	// Output:
	// F-2: a cancelled request is canceled
	// F-14: No play names a certificate with a reserved word.
}
