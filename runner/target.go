package runner

import "github.com/kvconform/kvconform/runner/target"

// The parts of a target that most callers need; package target has the others.
type (
	// Target is the endpoint under test.
	Target = target.Target
	// Auth is how requests are authorized.
	Auth = target.Auth
	// Secret is a text that is never printed.
	Secret = target.Secret
	// TLS is how connections are secured.
	TLS = target.TLS
	// Issuers are the issuers that the target has.
	Issuers = target.Issuers
	// Issuer is one of them, and how its requests end.
	Issuer = target.Issuer
	// Polling is how often and how long a request is watched.
	Polling = target.Polling
)

// How the requests of an issuer end.
const (
	StaysInProgress = target.StaysInProgress
	Completes       = target.Completes
	Fails           = target.Fails
	Rejects         = target.Rejects
)

// LoadTarget reads a target file; see [target.Load].
func LoadTarget(path string) (Target, error) { return target.Load(path) }
