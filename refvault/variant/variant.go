// Package variant holds legal differences: what another vault may do otherwise than the reference vault does without
// breaking the contract. The suite has to accept every one of them.
package variant

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault"
)

// Variant is one legal difference, by options of the reference vault, by a wrapper before it, or by both.
type Variant struct {
	// ID is stable and says what is different.
	ID string
	// Title says what the vault does, in one line.
	Title string
	// F lists the ambiguities of the contract that it stands for.
	F []string
	// Options, where not nil, changes how the vault is made.
	Options func(*refvault.Options)
	// Wrap, where not nil, changes what it answers. It is called once a vault.
	Wrap func(next http.Handler) http.Handler
}

// All lists every variant.
func All() []Variant {
	return []Variant{
		{
			ID: "documented-manner", Title: "answers to the letter of the documentation",
			Options: func(o *refvault.Options) { o.Manner = refvault.Documented },
		},
	}
}
