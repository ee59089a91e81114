package schemas_test

import (
	"fmt"

	"github.com/kvconform/kvconform/schemas"
)

// The schema of a body is found by its kind. A problem says where it is, and what is wrong there.
func Example() {
	set, err := schemas.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := schemas.Decode([]byte(`{"error":{"code":7}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range set.Check(schemas.ErrorBody, body) {
		fmt.Println(problem)
	}
	// Output:
	// error.code is an integer, must be a string
	// error.message is missing
}
