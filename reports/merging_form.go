package reports

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// forms merges legal requests of an operation that are refused with one status for one form: all of them have something in
// common that no accepted request of the operation has, such as a key of EC or tags.
func (g *grouping) forms() {
	accepted := g.acceptedForms()
	of := map[string]*refusedForm{}
	var order []string
	for _, key := range g.order {
		if g.parent[key] != "" {
			continue
		}
		form := g.refusedForm(key, accepted)
		if form == nil {
			continue
		}
		merged := false
		for _, other := range order {
			to := of[other]
			if to.returned != form.returned {
				continue
			}
			shared := slices.DeleteFunc(slices.Clone(to.features), func(f string) bool { return !slices.Contains(form.features, f) })
			if len(shared) > 0 {
				g.into(key, other)
				to.features, merged = shared, true
				break
			}
		}
		if !merged {
			of[key] = form
			order = append(order, key)
		}
	}
}

// refusedForm is what refused requests have in common, and no accepted one has.
type refusedForm struct {
	returned string
	features []string
}

// refusedForm is that of a key which is about legal requests that were refused because of what they have, nil for others.
func (g *grouping) refusedForm(key string, accepted map[string]map[string]bool) *refusedForm {
	var form *refusedForm
	for i := range g.byKey[key].evidence {
		e := &g.byKey[key].evidence[i]
		if e.step == nil || e.historical() {
			continue
		}
		if !e.aboutStatus() || e.refusalIsDue() || e.step.Status < 400 || e.step.Status == http.StatusNotFound || e.step.RequestBody == "" {
			return nil
		}
		has := features(e.step.RequestBody)
		has = slices.DeleteFunc(has, func(f string) bool { return accepted[e.step.Operation][f] })
		if form == nil {
			form = &refusedForm{returned: e.step.Operation + strconv.Itoa(e.step.Status), features: has}
			continue
		}
		form.features = slices.DeleteFunc(form.features, func(f string) bool { return !slices.Contains(has, f) })
	}
	if form == nil || len(form.features) == 0 {
		return nil
	}
	return form
}

// acceptedForms is what the accepted requests of each operation have.
func (g *grouping) acceptedForms() map[string]map[string]bool { return g.acceptedBut(nil) }

func (g *grouping) acceptedBut(wrongly map[Place]bool) map[string]map[string]bool {
	accepted := map[string]map[string]bool{}
	for i := range g.report.Plays {
		for j := range g.report.Plays[i].Steps {
			step := &g.report.Plays[i].Steps[j]
			if step.Status < 200 || step.Status >= 300 || step.RequestBody == "" || wrongly[Place{g.report.Plays[i].Name, step.Name, step.Index}] {
				continue
			}
			if accepted[step.Operation] == nil {
				accepted[step.Operation] = map[string]bool{}
			}
			for _, f := range features(step.RequestBody) {
				accepted[step.Operation][f] = true
			}
		}
	}
	return accepted
}

// features lists the members of a body, and the short values that they have.
func features(body string) []string {
	var value any
	if json.Unmarshal([]byte(body), &value) != nil {
		return nil
	}
	var list []string
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch in := value.(type) {
		case map[string]any:
			for name, v := range in {
				list = append(list, path+"."+name)
				walk(path+"."+name, v)
			}
		case []any:
			for _, v := range in {
				walk(path+".*", v)
			}
		default:
			if text, err := json.Marshal(in); err == nil {
				list = append(list, path+"="+strings.ToLower(string(text)))
			}
		}
	}
	walk("", value)
	slices.Sort(list)
	return slices.Compact(list)
}

// ignored merges requests of an operation that are accepted or refused wrongly because of a member into the cause that says
// that the operation does not take the member as it is sent: one that is not read cannot be found illegal.
func (g *grouping) ignored() {
	accepted := g.rightlyAccepted()
	for _, key := range g.order {
		if g.parent[key] != "" {
			continue
		}
		operation, members := g.atFault(key, accepted)
		if len(members) == 0 {
			continue
		}
		g.after(key, func(e *evidence) bool {
			_, member := e.thing()
			if e.aspect != "body" || member == "" || e.step.Operation != operation && e.sender != operation || e.taken() {
				return false
			}
			return !slices.ContainsFunc(members, func(m string) bool {
				return m != member && !strings.HasPrefix(m, member+".") && !strings.HasPrefix(member, m+".")
			})
		})
	}
}

// taken reports whether the response has all that was sent of the member, and something else beside it: the member is read.
func (e *evidence) taken() bool {
	if !e.wasSent() {
		return false
	}
	path := withoutIndexes(e.member)
	sent, _ := below(e.step.RequestBody, path).(map[string]any)
	shown, _ := below(e.step.ResponseBody, path).(map[string]any)
	for name, value := range sent {
		if !reflect.DeepEqual(shown[name], value) {
			return false
		}
	}
	return len(sent) > 0
}

// atFault lists the members that each request of a key has and no request that was rightly accepted has, or has with that value.
func (g *grouping) atFault(key string, accepted map[string]map[string]bool) (operation string, members []string) {
	for i := range g.byKey[key].evidence {
		e := &g.byKey[key].evidence[i]
		if e.step == nil || !e.aboutStatus() || e.step.RequestBody == "" || e.step.Status >= 300 && e.refusalIsDue() {
			return "", nil
		}
		if e.historical() {
			continue
		}
		operation = e.step.Operation
		found := false
		for _, f := range features(e.step.RequestBody) {
			if accepted[operation][f] {
				continue
			}
			path, _, _ := strings.Cut(f, "=")
			path = strings.TrimPrefix(strings.TrimPrefix(strings.ReplaceAll(path, ".*", ""), "."), "policy.")
			members, found = addOnce(members, path), true
		}
		if !found {
			return "", nil
		}
	}
	return operation, members
}

// rightlyAccepted is acceptedForms without the requests that should have been refused.
func (g *grouping) rightlyAccepted() map[string]map[string]bool {
	wrongly := map[Place]bool{}
	for _, e := range g.all() {
		if e.aboutStatus() {
			wrongly[e.at] = true
		}
	}
	return g.acceptedBut(wrongly)
}
