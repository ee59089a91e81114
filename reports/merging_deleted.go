package reports

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// deletions merges what a deletion that does too much, or nothing, shows in several operations.
func (g *grouping) deletions() {
	g.deletedAtOnce()
	g.deletedNothing()
	g.fromBackup()
	g.clientsMistake()
	g.anotherVersion()
}

// deletedAtOnce merges what a deletion does not leave: the deleted certificate, its place in the list, and its name.
func (g *grouping) deletedAtOnce() {
	const after = "after DeleteCertificate"
	var found []string
	for _, key := range g.order {
		if g.parent[key] != "" {
			continue
		}
		first := &g.byKey[key].evidence[0]
		switch {
		case first.step == nil:
		case strings.HasPrefix(key, "GetDeletedCertificate/status/404") && strings.HasSuffix(key, after),
			key == "GetDeletedCertificates/body/items" && strings.HasPrefix(first.got, "a list without it"),
			strings.HasSuffix(key, "/refusal/2xx/conflict/"+after):
			found = append(found, key)
		}
	}
	if len(found) < 2 {
		return
	}
	root := slices.IndexFunc(found, func(key string) bool { return strings.HasPrefix(key, "GetDeletedCertificate/") })
	if root < 0 {
		return
	}
	for _, key := range found {
		g.into(key, found[root])
	}
	of := g.byKey[found[root]]
	of.operation, of.title = "DeleteCertificate", "DeleteCertificate leaves no deleted certificate: "+of.evidence[0].title()
}

// deletedNothing merges a second deletion that succeeds into what the first did not delete.
func (g *grouping) deletedNothing() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || g.parent[key] != "" || first.step.Method != http.MethodDelete || first.step.Status >= 300 || !first.refusalIsDue() {
			continue
		}
		earlier, _ := g.report.upTo(first.at)
		again := slices.ContainsFunc(earlier, func(step Step) bool {
			return step.Operation == first.step.Operation && step.path() == first.step.path() && step.Status < 300
		})
		if !again {
			continue
		}
		for _, other := range g.order {
			if strings.HasSuffix(other, "/refusal/2xx/after "+first.step.Operation) {
				g.into(key, other)
				g.byKey[g.find(other)].operation = first.step.Operation
				break
			}
		}
	}
}

// fromBackup merges a backup that is not taken back into what is wrong with it.
func (g *grouping) fromBackup() {
	for _, key := range g.order {
		first := &g.byKey[key].evidence[0]
		if first.step == nil || g.parent[key] != "" || first.step.Operation != "RestoreCertificate" || !first.aboutStatus() || first.step.Status < 400 || first.refusalIsDue() {
			continue
		}
		plays := g.plays(key)
		g.after(key, func(e *evidence) bool {
			return e.step.Operation == "BackupCertificate" && e.aspect == "body" && plays[e.at.Play]
		})
	}
}

// clientsMistake merges refusals that have the status of a fault of the server and a code that names a mistake of the client:
// whoever makes errors gives all of them that status.
func (g *grouping) clientsMistake() {
	g.alikeBy(func(e *evidence) string {
		code := e.step.code()
		if !e.aboutStatus() || e.step.Status < 500 || code == "" {
			return ""
		}
		for _, word := range []string{"internal", "server", "unexpected", "exception", "unavailable", "notimplemented", "unknown"} {
			if strings.Contains(strings.ToLower(code), word) {
				return ""
			}
		}
		return code
	})
}

// anotherVersion merges what is wrong with a response that shows another version than was asked for.
func (g *grouping) anotherVersion() {
	root := ""
	for key, e := range g.all() {
		if _, member := e.otherVersion(); member == "id" && root == "" {
			root = key
		}
	}
	if root == "" {
		return
	}
	for _, key := range g.order {
		g.shareWhole(key, func(e *evidence) string {
			// A rule of every response names its first breach alone: the others may be of any response.
			if other, _ := e.otherVersion(); !other || e.count > max(len(g.byKey[root].evidence), 1) {
				return ""
			}
			return root
		})
	}
}

// otherVersion reports whether the response shows another version than the one that was asked for, and the member.
func (e *evidence) otherVersion() (other bool, about string) {
	if e.step == nil || e.aspect == "header" || e.step.Operation != "GetCertificate" || e.step.Status >= 300 || !e.step.version() {
		return false, ""
	}
	asked, err := url.Parse(e.step.URL)
	if err != nil {
		return false, ""
	}
	shown, err := url.Parse(member(e.step, "id"))
	if err != nil || shown.Path == "" || strings.EqualFold(shown.Path, asked.Path) {
		return false, ""
	}
	thing, named := e.thing()
	return true, strings.TrimPrefix(thing+"."+named, "bundle.")
}
