// Package variant holds legal differences: what another vault may do otherwise than the reference vault does without
// breaking the contract. The suite has to accept every one of them.
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
	// Title says what the vault does, in one line.
	Title string
	// Ambiguities are those of the contract that it stands for, by their keys in part F of docs/contract.md ("F-20").
	Ambiguities []string
	// MayWarn lists the rules of the level should that ask for another way than this one, which is legal all the same.
	MayWarn []string
	// Options, where not nil, changes how the vault is made.
	Options func(*refvault.Options)
	// Alters, where not nil, tells that the variant would make something else of an answer of the vault.
	Alters func(a *tamper.Answer) bool
	// Wrap, where not nil, changes what it answers. It is called once a vault.
	Wrap func(next http.Handler) http.Handler
}

// All lists every variant.
func All() []Variant {
	var all []Variant
	for _, kind := range [][]Variant{manners(), timings(), operations(), bodies(), lists(), refusals(), headers(),
		policies(), emulations()} {
		all = append(all, kind...)
	}
	return all
}

// edits is a variant that edits answers.
func edits(id, title string, on tamper.On, edit tamper.Edit, ambiguities ...string) Variant {
	return Variant{
		ID: id, Title: title, Ambiguities: ambiguities,
		Alters: func(a *tamper.Answer) bool { return on(a.Request) && edit.AltersBytes(a) },
		Wrap:   func(next http.Handler) http.Handler { return tamper.Handler(next, on, edit) },
	}
}

// warns names the rules that ask for another way.
func (v Variant) warns(rules ...string) Variant {
	v.MayWarn = append(v.MayWarn, rules...)
	return v
}

// made is a variant of how the vault is made.
func made(id, title string, options func(*refvault.Options), ambiguities ...string) Variant {
	return Variant{ID: id, Title: title, Ambiguities: ambiguities, Options: options}
}

// manners are the two truths of the reference vault itself.
func manners() []Variant {
	return []Variant{
		made("documented-manner", "answers to the letter of the documentation",
			func(o *refvault.Options) { o.Manner = refvault.Documented },
			"F-2", "F-3", "F-4", "F-5", "F-7", "F-8", "F-9", "F-17"),
		made("observed-manner", "answers as recordings show that the service does",
			func(o *refvault.Options) { o.Manner = refvault.Observed },
			"F-2", "F-3", "F-4", "F-5", "F-7", "F-8", "F-9", "F-16", "F-17"),
	}
}

// Reasons says of the ambiguities of the contract that no variant stands for why that cannot be.
func Reasons() map[string]string {
	return map[string]string{
		"F-12": "The window in which a Self request is in progress is too short to merge in; no play tries.",
		"F-14": "No play names a certificate with a reserved word.",
		"F-18": "No play asks for includePending.",
		"F-23": "No play lists the versions of a name that is not there.",
		"F-24": "No play patches nbf or exp.",
		"F-25": "No play sends a policy in an update of a certificate.",
		"F-26": "No play waits until a certificate has expired.",
		"F-27": "No play sends tags near the limits of their length.",
		"F-30": "An api-version is chosen by the one who runs the suite; the two are not in the default list.",
		"F-35": "No play merges twice.",
		"F-38": "The listing and reading of deleted certificates follow the specification; nothing else is asked of them.",
		"F-39": "Permissions belong to the caller of a real service; a vault on the bench has one caller, who may do everything.",
		"F-40": "No rule looks into a certificate that a provider has made.",
		"F-42": "No play sends a recoveryId.",
		"F-43": "It is about the samples of the documentation, none of which is sent or expected.",
	}
}
