package runner

import "github.com/kvconform/kvconform/runner/target"

// Target is the endpoint under test, and what most targets need; package target has the other parts.
type (
	Target  = target.Target
	Auth    = target.Auth
	Secret  = target.Secret
	TLS     = target.TLS
	Issuers = target.Issuers
	Issuer  = target.Issuer
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
