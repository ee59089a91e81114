package match

import (
	"fmt"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Refused wants a status of the 4xx class, other than 401: the request was understood and refused for what it asks.
func Refused() Test {
	return func(e *vault.Exchange) *Failure {
		if IsRefused(e) {
			return nil
		}
		return &Failure{Expected: "status 4xx", Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectRefusal}
	}
}

// IsRefused reports whether a response is a refusal as Refused wants it.
func IsRefused(e *vault.Exchange) bool {
	return e.Status() >= 400 && e.Status() < 500 && e.Status() != http.StatusUnauthorized
}

// RetryAfter wants the header of that name to be a whole number of seconds.
func RetryAfter() Test {
	return func(e *vault.Exchange) *Failure {
		value := e.Response.Header.Get("Retry-After")
		if value == "" {
			return &Failure{Expected: "Retry-After in seconds", Got: "no Retry-After", Header: "Retry-After"}
		}
		for _, digit := range value {
			if digit < '0' || digit > '9' {
				return &Failure{Expected: "Retry-After in seconds", Got: "Retry-After " + value, Header: "Retry-After"}
			}
		}
		return nil
	}
}
