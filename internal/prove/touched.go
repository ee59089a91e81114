package prove

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// Touched finds the rules that a difference between two documents of the API touches. It goes by the faults: a rule that
// fails if a member of a response is wrong is about that member, and one that fails if an operation behaves wrongly is
// about that operation.
type Touched struct {
	catalogue *scenarios.Catalogue
	document  *schemas.Document
	faults    []fault.Fault
	requests  map[string][]*http.Request
}

// manyOperations is how many operations a fault acts on at most to be one of a single operation.
const manyOperations = 4

// NewTouched prepares the search.
func NewTouched() (*Touched, error) {
	catalogue, err := scenarios.Load()
	if err != nil {
		return nil, err
	}
	document, err := schemas.LoadDocument()
	if err != nil {
		return nil, err
	}
	t := &Touched{catalogue: catalogue, document: document, faults: fault.All(), requests: map[string][]*http.Request{}}
	for _, template := range document.Templates() {
		path := strings.NewReplacer("{certificate-version}", strings.Repeat("0a", 16), "{certificate-name}", "name", "{issuer-name}", "name").Replace(template.Path)
		request, err := http.NewRequest(template.Method, "https://vault.localhost"+path+"?api-version="+string(schemas.Default()), nil)
		if err != nil {
			return nil, err
		}
		t.requests[template.Operation] = append(t.requests[template.Operation], request)
	}
	return t, nil
}

// Rules lists the rules that a difference touches, in the order of the catalogue. If no rule is about the very member, they
// are those about the nearest one around it.
func (t *Touched) Rules(difference schemas.Difference) []string {
	found := map[string]int{}
	nearest := 1
	for _, f := range t.faults {
		near := t.nearness(f, difference)
		for _, rule := range f.Breaks {
			found[rule] = max(found[rule], near)
		}
		nearest = max(nearest, near)
	}
	return slices.DeleteFunc(t.catalogue.RuleIDs(), func(id string) bool { return found[id] < nearest })
}

// Between lists the rules that hold at only one of two api-versions.
func (t *Touched) Between(a, b string) []string {
	at, then := ruleset.IDs(t.catalogue, a), ruleset.IDs(t.catalogue, b)
	return slices.DeleteFunc(t.catalogue.RuleIDs(), func(id string) bool {
		return slices.Contains(at, id) == slices.Contains(then, id)
	})
}

// veryMember is the nearness of what makes the very thing wrong.
const veryMember = 1 << 10

// nearness is how near to a difference is what a fault makes wrong, 0 for a fault that has nothing to do with it.
func (t *Touched) nearness(f fault.Fault, difference schemas.Difference) int {
	if len(difference.In) == 0 { // a whole operation
		if t.acts(f, difference.Name) && t.ofFew(f) {
			return veryMember
		}
		return 0
	}
	near := 0
	for _, in := range difference.In {
		operation, part, _ := strings.Cut(in, " ")
		if !t.acts(f, operation) {
			continue
		}
		switch {
		case difference.What == "member" && part != "request":
			for _, member := range f.Members {
				near = max(near, nearnessOf(member, difference.Name))
			}
		case difference.What == "status" && part != "error" && len(f.Members) == 0 && t.ofFew(f):
			near = veryMember
		}
	}
	return near
}

// acts reports whether a fault acts on an operation.
func (t *Touched) acts(f fault.Fault, operation string) bool {
	return f.On == nil || slices.ContainsFunc(t.requests[operation], f.On)
}

// ofFew reports whether a fault is about few operations, and not about every response.
func (t *Touched) ofFew(f fault.Fault) bool {
	acted := 0
	for operation := range t.requests {
		if t.acts(f, operation) {
			acted++
		}
	}
	return acted <= manyOperations
}

// nearnessOf tells how near a member that is wrong is to a place: it is that place or below it, or it is around it, the
// nearer the deeper. A fault may name the place below the policy, where a difference names it from the root.
func nearnessOf(member, place string) int {
	place = strings.ReplaceAll(place, "[]", "")
	near := 0
	for _, at := range []string{place, strings.TrimPrefix(place, "policy."), strings.TrimPrefix(place, "value.")} {
		switch {
		case at == member, strings.HasPrefix(member, at+"."):
			return veryMember
		case strings.HasPrefix(at, member+"."):
			near = max(near, 1+strings.Count(member, "."))
		}
	}
	return near
}
