package reports

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// alike merges causes that say the same of several places.
func (g *grouping) alike() {
	g.sameMember()
	g.wholeGroups()
	g.sameItems()
	g.sameState()
	g.sameContacts()
	g.refusedWithSuccess()
	g.acceptedLate()
	g.acceptedAlike()
	g.neverThere()
	g.withSlash()
	g.madeOfCSR()
	g.badNames()
	g.unvalidated()
}

// sameMember merges what is only found by comparing responses: the rules that compare say it of each thing that is compared.
func (g *grouping) sameMember() {
	first := map[string]string{}
	for _, key := range g.order {
		e := &g.byKey[key].evidence[0]
		if e.step == nil || e.aspect == "header" || e.aboutStatus() {
			continue
		}
		member := e.topic()
		if member == "" || member == "status" {
			continue
		}
		if thing, _ := e.thing(); !slices.Contains([]string{"bundle", "deleted", "list"}, thing) {
			member = thing + "." + member // a policy and an operation have an id and dates of their own
		}
		if other := first[member]; other != "" && (g.compared(key) || g.compared(other)) && g.parent[key] == "" {
			g.into(key, other)
			continue
		}
		if first[member] == "" {
			first[member] = key
		}
	}
}

// compared reports whether a key is only known from comparing responses.
func (g *grouping) compared(key string) bool {
	return !slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool { return !e.historical() && e.aspect != "identity" })
}

// wholeGroups merges a group of members that is wrong as a whole into the member of it that is.
func (g *grouping) wholeGroups() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || first.aspect != "body" || g.parent[key] != "" {
			continue
		}
		thing, member := first.thing()
		if member == "" || thing == "error" || thing == "list" { // neither a list nor an error of another form is a group of members
			continue
		}
		g.after(key, func(e *evidence) bool {
			of, m := e.thing()
			return of == thing && e.aspect == "body" && strings.HasPrefix(m, member+".")
		})
	}
}

// sameItems merges a member that the items of one list have wrong with the same member in the items of another.
func (g *grouping) sameItems() {
	g.alikeBy(func(e *evidence) string {
		if e.aspect != "body" || carried(e.step) != "list" || !strings.HasSuffix(e.key(), "/body/items") {
			return ""
		}
		member, _, _ := strings.Cut(e.plainMember(), ".")
		return member
	})
}

// sameState merges a state that an operation shows of itself wherever it was asked: a DELETE or a PATCH that returns one
// state for every other. A GET shows states that other requests bring about, and each may have a reason of its own.
func (g *grouping) sameState() {
	g.alikeBy(func(e *evidence) string {
		if !e.aboutState() || e.step.Method == http.MethodGet || e.state() == "" {
			return ""
		}
		return e.step.Operation + " " + e.state()
	})
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || !first.aboutState() || g.parent[key] != "" {
			continue
		}
		want, ok := strings.CutPrefix(first.want, "it to be ")
		if !ok {
			want, ok = strings.CutPrefix(first.want, "status to be ")
		}
		if !ok {
			continue
		}
		// The rule compares with an earlier response, and that one is known to be wrong.
		g.after(key, func(e *evidence) bool {
			return e.aboutState() && !e.historical() && e.state() == want && (e.context == first.context || e.key() == "operation/state/spelling")
		})
	}
}

// sameContacts merges what the operations on the contacts return, which is one list.
func (g *grouping) sameContacts() {
	g.alikeBy(func(e *evidence) string {
		if e.aspect != "body" || e.step.Status >= 300 || !strings.HasSuffix(e.step.Operation, "CertificateContacts") {
			return ""
		}
		_, member := e.thing()
		return member
	})
}

// withSlash merges paths that end with a slash and are not found.
func (g *grouping) withSlash() {
	g.alikeBy(func(e *evidence) string {
		if !e.aboutStatus() || e.refusalIsDue() || e.step.Status < 400 || !strings.HasSuffix(e.step.path(), "/") {
			return ""
		}
		return "slash"
	})
}

// manyOperations is how many operations have to do the same for it to have one reason.
const manyOperations = 3

// refusedWithSuccess merges refusals that have a success as their status and an error as their body: of one operation, and of
// all where many do so.
func (g *grouping) refusedWithSuccess() {
	operations := map[string]string{}
	for key, e := range g.all() {
		if e.step != nil && e.aboutStatus() && e.step.errorDespiteSuccess() && operations[e.step.Operation] == "" {
			operations[e.step.Operation] = key
		}
	}
	root := ""
	for _, key := range g.order {
		g.share(key, func(e *evidence) string {
			if !e.step.errorDespiteSuccess() {
				return ""
			}
			to := operations[e.step.Operation]
			if root == "" {
				root = to
			}
			if len(operations) >= manyOperations {
				return root
			}
			return to
		})
	}
	if root != "" && len(operations) >= manyOperations {
		g.byKey[g.find(root)].title = fmt.Sprintf("%d operations return an error with the status of a success, such as %s",
			len(operations), g.byKey[root].evidence[0].title())
	}
}

// errorDespiteSuccess reports whether the response succeeds and its body is an error and nothing else.
func (s *Step) errorDespiteSuccess() bool {
	body := strings.TrimSpace(s.ResponseBody)
	return s.Status < 300 && s.code() != "" && strings.HasPrefix(strings.ReplaceAll(body, " ", ""), `{"error":{`) && !strings.Contains(body, `"status"`)
}

// acceptedLate merges cancellations that are accepted though the state does not permit one, if the same body is accepted
// elsewhere: the request is not at fault.
func (g *grouping) acceptedLate() {
	wrongly := map[Place]bool{}
	for _, e := range g.all() {
		if e.step != nil && e.aboutStatus() {
			wrongly[e.at] = true
		}
	}
	rightly := map[string]bool{}
	for i := range g.report.Plays {
		play := &g.report.Plays[i]
		for j := range play.Steps {
			step := &play.Steps[j]
			if step.Status >= 200 && step.Status < 300 && !wrongly[Place{play.Name, step.Name, step.Index}] {
				rightly[step.Operation+" "+step.RequestBody] = true
			}
		}
	}
	g.alikeBy(func(e *evidence) string {
		if !e.aboutStatus() || !e.refusalIsDue() || e.step.Status >= 300 || e.step.Method != http.MethodPatch || carried(e.step) != "operation" || !rightly[e.step.Operation+" "+e.step.RequestBody] ||
			!strings.HasPrefix(e.key(), e.step.Operation+"/refusal/2xx/") {
			return ""
		}
		return e.step.Operation
	})
}

// acceptedAlike merges what an operation returns for every request that it should refuse.
func (g *grouping) acceptedAlike() {
	g.alikeBy(func(e *evidence) string {
		if !e.aboutStatus() || !e.refusalIsDue() || e.step.Status >= 300 || strings.TrimSpace(e.step.ResponseBody) == "" || !strings.HasPrefix(e.key(), e.step.Operation+"/") {
			return ""
		}
		return e.step.Operation + " " + e.step.ResponseBody
	})
}

// neverThere merges a GET that succeeds after a deletion into one that succeeds for a name of which there never was anything.
func (g *grouping) neverThere() {
	roots := map[string]string{}
	wrongly := func(e *evidence) bool {
		return e.aboutStatus() && e.refusalIsDue() && e.step.Status < 300 && e.step.Method == http.MethodGet && strings.HasPrefix(e.key(), e.step.Operation+"/refusal/2xx")
	}
	for key, e := range g.all() {
		if e.step != nil && wrongly(e) && !g.made(e) && roots[e.step.Operation] == "" {
			roots[e.step.Operation] = key
		}
	}
	for _, key := range g.order {
		g.shareWhole(key, func(e *evidence) string {
			if !wrongly(e) {
				return ""
			}
			return roots[e.step.Operation]
		})
	}
}

// made reports whether an earlier request of the play that succeeded made something of the name.
func (g *grouping) made(e *evidence) bool {
	earlier, _ := g.report.upTo(e.at)
	return slices.ContainsFunc(earlier, func(step Step) bool {
		return step.Method != http.MethodGet && step.Status < 300 && strings.EqualFold(named(&step), named(e.step))
	})
}

// madeOfCSR merges a part of a certificate with the same part of the csr that it is made of.
func (g *grouping) madeOfCSR() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || g.parent[key] != "" || first.aspect != "body" || first.part() == "" {
			continue
		}
		if _, member := first.thing(); member != "cer" {
			continue
		}
		g.after(key, func(e *evidence) bool {
			_, member := e.thing()
			return e.aspect == "body" && member == "csr" && e.part() == first.part()
		})
	}
}

// alikeBy merges keys of which all evidence has the same mark, and a mark that another key has; "" is no mark.
func (g *grouping) alikeBy(markOf func(*evidence) string) {
	first := map[string]string{}
	for _, key := range g.order {
		mark := ""
		for i := range g.byKey[key].evidence {
			e := &g.byKey[key].evidence[i]
			if e.step == nil {
				mark = ""
				break
			}
			if of := markOf(e); of == "" || mark != "" && of != mark {
				mark = ""
				break
			} else {
				mark = of
			}
		}
		switch {
		case mark == "", g.parent[key] != "": // a key that is merged has a reason of its own
		case first[mark] == "":
			first[mark] = key
		default:
			g.into(key, first[mark])
		}
	}
}
