package specs

import "github.com/kvconform/kvconform/schemas"

// Knows tells of an api-version whether it has what another one brought.
func Knows(apiVersion string) func(since string) bool {
	return func(since string) bool {
		order, err := schemas.Compare(apiVersion, since)
		return err == nil && order >= 0
	}
}
