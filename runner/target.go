package runner

import "github.com/kvconform/kvconform/runner/target"

// The target and its parts, which package target describes.
type (
	Target            = target.Target
	TLS               = target.TLS
	TrustStore        = target.TrustStore
	ClientCertificate = target.ClientCertificate
	Ready             = target.Ready
	Polling           = target.Polling
	Deadlines         = target.Deadlines
	Names             = target.Names
	OnClash           = target.OnClash
	Cleanup           = target.Cleanup
	Product           = target.Product
	Issuers           = target.Issuers
	Issuer            = target.Issuer
	IssuerSetUp       = target.IssuerSetUp
	Hooks             = target.Hooks
	Secret            = target.Secret
	Auth              = target.Auth
	Overrides         = target.Overrides
)

// The ways to meet a name that exists, and to clean up.
const (
	ClashFails   = target.ClashFails
	ClashDeletes = target.ClashDeletes
	Leave        = target.Leave
	Delete       = target.Delete
	Purge        = target.Purge
)

// How the requests of an issuer end.
const (
	StaysInProgress = target.StaysInProgress
	Completes       = target.Completes
	Fails           = target.Fails
	Rejects         = target.Rejects
)

// DefaultTargetFile is the target file that is read where none is named.
const DefaultTargetFile = target.DefaultFile

// LoadTarget reads a target file; see [target.Load].
func LoadTarget(path string) (Target, error) { return target.Load(path) }
