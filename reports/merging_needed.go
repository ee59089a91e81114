package reports

import (
	"net/http"
	"strconv"
	"strings"
)

// needed merges causes that break no rule and only keep rules from being judged: a deleted certificate that is not found goes
// with the deletion that did not keep it, operations of one feature that are not there are one feature that is not, and what
// follows from an earlier response of the play goes with that.
func (g *grouping) needed() {
	deletion := join("DeleteCertificate", "status", "200", "needed", takenBack)
	first := map[string]string{}
	ways := g.ways()
	for _, key := range g.order {
		of := g.byKey[key]
		if len(of.evidence) > 0 || of.blocker == nil {
			continue
		}
		offered := !of.blocker.missing() || of.blocker.code() != "" // an operation that is not there is so whatever came before
		if root := ways.before(of.at.Play, &of.at); root != "" && offered {
			g.into(key, root)
			continue
		}
		if root := g.unmerged(of.at.Play); root != "" && strings.HasPrefix(of.want, "the member ") {
			g.into(key, root)
			continue
		}
		switch {
		case g.byKey[deletion] != nil && strings.HasPrefix(key, "GetDeletedCertificate/status/404"):
			g.into(key, deletion)
		case of.feature == "" || !wantsStatus(of.want) || of.blocker.Status != http.StatusNotFound && !of.blocker.missing():
		case first[of.feature] != "":
			g.into(key, first[of.feature])
		default:
			first[of.feature] = key
		}
	}
}

// unmerged is the cause of a csr that no certificate can be made for, if a play made a request and no merge of it.
func (g *grouping) unmerged(play string) string {
	created := false
	for i := range g.report.Plays {
		if g.report.Plays[i].Name != play {
			continue
		}
		for j := range g.report.Plays[i].Steps {
			step := &g.report.Plays[i].Steps[j]
			if step.Operation == "MergeCertificate" {
				return ""
			}
			created = created || step.Operation == "CreateCertificate" && step.Status < 300
		}
	}
	if !created {
		return ""
	}
	for key, e := range g.all() {
		if e.step != nil && e.spoilsMerge() {
			return g.find(key)
		}
	}
	return ""
}

// unmet puts a rule to whose request its play did not come under the cause that ended the play.
func (g *grouping) unmet() {
	ways := g.ways()
	for i := range g.report.Scenarios {
		for j := range g.report.Scenarios[i].Rules {
			res := &g.report.Scenarios[i].Rules[j]
			if res.Was() != NotReached || res.After != "" || res.Blocker != nil || res.Play == "" {
				continue
			}
			if root := ways.before(res.Play, nil); root != "" {
				g.byKey[root].held = addOnce(g.byKey[root].held, res.ID)
			}
		}
	}
}

// ways finds what went wrong on the way of a play.
type ways struct {
	g        *grouping
	places   map[Place]string  // what is wrong with the status of a response, or with the state that it shows
	statuses map[string]string // what is wrong with every response of an operation that has a status
}

func (g *grouping) ways() ways {
	w := ways{g, map[Place]string{}, map[string]string{}}
	for key, e := range g.all() {
		if e.step == nil || !e.aboutStatus() && !e.aboutState() && e.aspect != "way" {
			continue
		}
		if w.places[e.at] == "" {
			w.places[e.at] = key
		}
		if mark := statusMark(e.step, e.context); e.aboutStatus() && !e.historical() && w.statuses[mark] == "" && (e.step.Status >= 400) != e.refusalIsDue() {
			w.statuses[mark] = key
		}
	}
	return w
}

// statusMark tells a status of an operation; a success is told by what was changed before it.
func statusMark(step *Step, context string) string {
	mark := step.Operation + " " + strconv.Itoa(step.Status) + " " + step.code()
	if step.Status < 300 {
		mark += " " + context
	}
	return mark
}

// before is the cause of the last response of a play that went wrong, before a place if there is one.
func (w ways) before(play string, at *Place) string {
	root, context := "", ""
	for i := range w.g.report.Plays {
		if w.g.report.Plays[i].Name != play {
			continue
		}
		steps := w.g.report.Plays[i].Steps
		for j := range steps {
			step := &steps[j]
			here := Place{play, step.Name, step.Index}
			if at != nil && here == *at {
				break
			}
			if key := w.places[here]; key != "" {
				root = key
			} else if key := w.statuses[statusMark(step, context)]; key != "" {
				root = key
			}
			if step.Method != http.MethodGet && step.Status < 300 {
				context = "after " + step.Operation
			}
		}
	}
	if root == "" {
		return ""
	}
	return w.g.find(root)
}
