package explore

import (
	"fmt"
	"strings"
)

// The steps that poll.
const (
	// Await polls the pending object of a name until it has ended.
	Await = "Await"
	// Pause lets more than a second pass, so that the times of what follows differ from those before.
	Pause = "Pause"
	// Settle polls a name until its last deletion, recovery or purge shows.
	Settle = "Settle"
	// Rest follows the links of the list that was begun last, page after page.
	Rest = "Rest"
)

// Own is the issuer of the episode that a create can name; Paged is a list that is asked for in small pages.
const (
	Own   = "own"
	Paged = "paged"
)

// The requests, versions and csrs that a step can name, by what the responses before it have shown.
const (
	Right   = "right"   // the one that is there
	Earlier = "earlier" // one before it
	Cut     = "cut"     // the beginning of the right one
	MadeUp  = "made-up" // one that nothing has
	Other   = "other"   // the one of another name
)

// Step is one request of a plan. It names nothing that only a response can tell, so that a plan can be made before anything
// is sent, and played again.
type Step struct {
	// Operation is that of the REST specification, or Await.
	Operation string `json:"operation"`
	// Name says which of the names of the episode it is about, OtherCase that the name is spelled in another case.
	Name      int  `json:"name"`
	OtherCase bool `json:"otherCase,omitempty"`
	// Which names a request, a version or a csr: one of the words above; "" for none.
	Which string `json:"which,omitempty"`
	// Issuer is that of a create: Unknown, Self, or one of the target's by how its requests end.
	Issuer string `json:"issuer,omitempty"`
	// With says what the body holds, or holds beside what it has to, in a word; "" for the least.
	With string `json:"with,omitempty"`
	// Value makes the contents of two steps differ.
	Value int `json:"value,omitempty"`
}

// String is the step in a few words.
func (s Step) String() string {
	words := []string{s.Operation, fmt.Sprintf("of name %c", 'A'+s.Name)}
	if s.OtherCase {
		words = append(words, "in another case")
	}
	if s.Issuer != "" {
		words = append(words, "by "+s.Issuer)
	}
	if s.Which != "" {
		words = append(words, "("+s.Which+")")
	}
	if s.With != "" {
		words = append(words, "with "+s.With)
	}
	return strings.Join(words, " ")
}

// findsRequest reports whether the step is about the request that is there, and names no other one.
func (s Step) findsRequest() bool { return s.Which == "" || s.Which == Right }

// Plan is what one episode sends: groups one after another, the steps of a group at once.
type Plan struct {
	Episode int      `json:"episode"`
	Groups  [][]Step `json:"groups"`
}

// Steps counts the steps of the plan.
func (p Plan) Steps() int {
	sum := 0
	for _, group := range p.Groups {
		sum += len(group)
	}
	return sum
}

// names is how many certificate names an episode has: the second begins with the first, the third with neither.
const names = 3
