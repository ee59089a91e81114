// Package variant holds legal differences: ways in which a vault may differ from the reference vault without breaking
// the contract. The suite must accept every one of them; it is the counterpart of package fault, and shows that rules
// do not demand more than the contract.
//
// Where the contract can be read in several ways, which part F of docs/contract.md lists, a variant stands for a
// reading, or Reasons says why none can.
package variant

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// Variant is one legal difference, by options of the reference vault, by a wrapper before it, or by both.
type Variant struct {
	// ID is stable and says what is different.
	ID string
	// Title says in one line what the vault does.
	Title string
	// Ambiguities are those of the contract that it stands for: keys into part F of docs/contract.md ("F-20").
	Ambiguities []string
	// MayWarn lists the rules of the level should that recommend another way.
	MayWarn []string
	// Options, if not nil, changes the options of the reference vault.
	Options func(*refvault.Options)
	// Alters, if not nil, reports whether the variant would change a response of the vault.
	Alters func(a *tamper.Response) bool
	// AtOnce is true if only requests that are under way at the same time show it.
	AtOnce bool
	// Wrap, if not nil, changes its responses. It is called once for each vault.
	Wrap func(next http.Handler) http.Handler
}

// All lists every variant.
func All() []Variant {
	var all []Variant
	for _, kind := range [][]Variant{manners(), timings(), operations(), bodies(), lists(), refusals(), headers(),
		policies(), lenient(), protections(), emulations(), meetings(), forms(), otherRejections(), fuller(), companions()} {
		all = append(all, kind...)
	}
	return all
}

// edits builds a variant that edits responses.
func edits(id, title string, on tamper.On, edit tamper.Edit, ambiguities ...string) Variant {
	return Variant{
		ID: id, Title: title, Ambiguities: ambiguities,
		Alters: func(a *tamper.Response) bool { return on(a.Request) && edit.AltersBytes(a) },
		Wrap:   func(next http.Handler) http.Handler { return tamper.Handler(next, on, edit) },
	}
}

// warns names the rules that recommend another way.
func (v Variant) warns(rules ...string) Variant {
	v.MayWarn = append(v.MayWarn, rules...)
	return v
}

// made builds a variant that is an option of the reference vault.
func made(id, title string, options func(*refvault.Options), ambiguities ...string) Variant {
	return Variant{ID: id, Title: title, Ambiguities: ambiguities, Options: options}
}

// manners are the two manners of the reference vault: as documented and as observed.
func manners() []Variant {
	return []Variant{
		made("documented-manner", "behaves to the letter of the documentation",
			func(o *refvault.Options) { o.Manner = refvault.Documented },
			"F-2", "F-3", "F-4", "F-5", "F-7", "F-8", "F-9", "F-17"),
		made("observed-manner", "behaves as recordings show that the service does",
			func(o *refvault.Options) { o.Manner = refvault.Observed },
			"F-2", "F-3", "F-4", "F-5", "F-7", "F-8", "F-9", "F-16", "F-17"),
	}
}

// Reasons says of the ambiguities of the contract that no variant stands for why that cannot be.
func Reasons() map[string]string {
	return map[string]string{
		"F-12": "The window in which a Self request is in progress is too short to merge in; no play tries.",
		"F-14": "No play names a certificate with a reserved word.",
		"F-18": "The token of a link is opaque: whether it holds includePending cannot be seen in it.",
		"F-24": "The reference vault ignores nbf and exp, as recordings show; no source shows another reading.",
		"F-25": "No play sends a policy in an update of a certificate.",
		"F-26": "No play waits until a certificate has expired.",
		"F-27": "No play sends tags near the limits of their length.",
		"F-30": "An api-version is chosen by the one who runs the suite; the two are not in the default list.",
		"F-38": "The listing and reading of deleted certificates follow the specification; nothing else is asked of them.",
		"F-39": "Permissions belong to the caller of a real service; the reference vault has one caller, who may do everything.",
		"F-40": "No rule looks into a certificate that a provider has made.",
		"F-42": "No play sends a recoveryId.",
		"F-43": "It is about the samples of the documentation, none of which is sent or expected.",
	}
}
