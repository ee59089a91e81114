package fault

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// revivedSequences are wrong about a name that was deleted, recovered, purged, backed up or restored before.
func revivedSequences() []Fault {
	return []Fault{
		sequence("second-recovery-enables", "the second recovery of a certificate enables its versions", onceRecovered(2, enablesAll)),
		sequence("recovery-undoes-the-policy-patch", "a recovery brings back the policy before the last change of it", undoesPolicyPatch),
		sequence("purged-versions-are-listed", "the versions of a purged certificate are listed under the next one of the name", listsPurged),
		sequence("purged-version-is-readable", "a version of a purged certificate can be read under the next one of the name", readsPurged),
		everySequence("backup-of-three-lacks-the-first", "a backup of three versions lacks the first", losesFirstOfThree),
		everySequence("restore-has-later-tags", "a restore brings tags that were set after the backup", restoresLaterTags),
		everySequence("restore-over-a-recovered-name", "a restore is accepted where the name exists, if it was recovered before", restoresOverRecovered),
		sequence("twice-recovered-is-still-deleted", "after the second recovery the deleted certificate can still be read", keepsDeletedTwice),
		sequence("create-after-a-recovery-conflicts", "a create after a recovery is rejected with a conflict", conflictsAfterRecovery),
		sequence("recovery-changes-created", "a recovered version was created when it was updated", recreates),
	}
}

// updatable are the groups of a policy that a PATCH can set.
func updatable(policy map[string]any) map[string]any {
	groups := map[string]any{}
	for _, group := range []string{"key_props", "secret_props", "x509_props", "lifetime_actions", "issuer"} {
		if policy[group] != nil {
			groups[group] = policy[group]
		}
	}
	return groups
}

// onceRecovered acts once after each recovery of a name from one of them on, before the first request that finds the name.
func onceRecovered(from int, act func(next http.Handler, r *http.Request)) func(*notes, http.Handler, *http.Request) *tamper.Response {
	return func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
		if tamper.Recover()(r) {
			a := tamper.Pass(next, r)
			if a.OK() && n.next(key(r)) >= from {
				n.put(key(r), "recovered")
			}
			return a
		}
		if n.get(key(r)) != "" && strings.Contains(r.URL.Path, "/certificates/") && current(next, r).OK() {
			n.put(key(r), "")
			act(next, r)
		}
		return tamper.Pass(next, r)
	}
}

// enables enables a version of a request's name.
func enables(next http.Handler, r *http.Request, version string) {
	tamper.Ask(next, r, http.MethodPatch, "/"+version, map[string]any{"attributes": map[string]any{"enabled": true}})
}

// recovers takes a deletion of a request's name back at once.
func recovers(next http.Handler, r *http.Request) {
	base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
	tamper.AskPath(next, r, http.MethodPost, base+"/deletedcertificates/"+tamper.Name(r)+"/recover", nil)
}

func enablesAll(next http.Handler, r *http.Request) {
	for _, id := range listed(next, r) {
		enables(next, r, id)
	}
}

func undoesPolicyPatch(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	of := key(r)
	switch {
	case tamper.PatchPolicy()(r):
		before := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
		a := tamper.Pass(next, r)
		if a.OK() {
			groups, _ := json.Marshal(updatable(before.Object())) // was JSON before
			n.put(of, string(groups))
		}
		return a
	case tamper.Create()(r), tamper.Import()(r), tamper.Purge()(r):
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(of, "")
			n.put(of+"/undo", "")
		}
		return a
	case tamper.Recover()(r):
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(of+"/undo", n.get(of))
		}
		return a
	}
	if groups := n.get(of + "/undo"); groups != "" && strings.Contains(r.URL.Path, "/certificates/") && current(next, r).OK() {
		n.put(of+"/undo", "")
		tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(groups))
	}
	return tamper.Pass(next, r)
}

func listsPurged(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.DeleteCertificate()(r) {
		ids := listed(next, r)
		a := tamper.Pass(next, r)
		if a.OK() {
			n.put(key(r), strings.Join(ids, " "))
		}
		return a
	}
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Purge()(r):
		for _, id := range strings.Fields(n.get(key(r))) {
			n.add(key(r), id)
		}
	case tamper.ListVersions()(r):
		for _, id := range n.all(key(r)) {
			withVersion(a, id)
		}
	}
	return a
}

func readsPurged(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case tamper.Purge()(r) && a.OK():
		n.put(key(r), "purged")
	case !tamper.ReadVersion()(r):
	case a.OK():
		n.put(key(r)+"/"+lastSegment(r), string(a.Body))
	case a.Status == http.StatusNotFound && n.get(key(r)) != "" && finished(current(next, r)):
		if kept := n.get(key(r) + "/" + lastSegment(r)); kept != "" {
			a.Status, a.Body = http.StatusOK, []byte(kept)
		}
	}
	return a
}

// hidden serves a name without the versions that were noted as lost.
func hidden(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	lost := n.all(key(r) + "/lost")
	if slices.Contains(lost, strings.ToLower(lastSegment(r))) {
		r = tamper.WithPath(r, strings.Replace(r.URL.Path, lastSegment(r), strings.Repeat("0", 32), 1))
	}
	a := tamper.Pass(next, r)
	if tamper.ListVersions()(r) && len(lost) > 0 {
		hiding(a, lost)
	}
	return a
}

func losesFirstOfThree(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	first := ""
	if tamper.Backup()(r) {
		if ids := versionsByAge(next, r); len(ids) > 2 {
			first = ids[0]
		}
	}
	a := hidden(n, next, r)
	value, _ := a.SentObject()["value"].(string)
	switch {
	case !a.OK():
	case tamper.Backup()(r):
		n.put(a.Text("value"), first)
	case tamper.Restore()(r) && n.get(value) != "":
		n.add(nameIn(a.Text("id"))+"/lost", n.get(value))
	}
	return a
}

// versionsByAge are the ids of the completed versions of a request's name, the oldest first.
func versionsByAge(next http.Handler, r *http.Request) []string {
	ids := listed(next, r)
	created := map[string]string{}
	for _, id := range ids {
		attributes, _ := tamper.Ask(next, r, http.MethodGet, "/"+id, nil).Object()["attributes"].(map[string]any)
		at, _ := attributes["created"].(json.Number)
		created[id] = string(at)
	}
	slices.SortStableFunc(ids, func(a, b string) int { return strings.Compare(created[a], created[b]) })
	return ids
}

func restoresLaterTags(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Backup()(r):
		n.put(key(r), "")
	case tamper.UpdateCertificate()(r) && a.SentObject()["tags"] != nil:
		tags, _ := json.Marshal(map[string]any{"tags": a.SentObject()["tags"]}) // was JSON before
		n.put(key(r), string(tags))
	case tamper.Restore()(r):
		name := nameIn(a.Text("id"))
		if tags := n.get(name); tags != "" {
			of := at(r, name)
			tamper.Ask(next, of, http.MethodPatch, "", []byte(tags))
			a.Become(current(next, of))
		}
	}
	return a
}

func restoresOverRecovered(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	value, _ := a.SentObject()["value"].(string)
	switch name := n.get(value); {
	case tamper.Recover()(r) && a.OK():
		n.put("recovered/"+key(r), "recovered")
	case tamper.Backup()(r) && a.OK():
		n.put(a.Text("value"), key(r))
	case tamper.Restore()(r) && a.Status == http.StatusConflict && n.get("recovered/"+name) != "":
		if is := current(next, at(r, name)); finished(is) {
			a.Become(is)
		}
	}
	return a
}

func keepsDeletedTwice(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case tamper.Purge()(r) && a.OK():
		n.put(key(r), "")
	case tamper.DeleteCertificate()(r) && a.OK():
		n.put(key(r), string(a.Body))
	case tamper.Recover()(r) && a.OK():
		if n.next(key(r)) == 2 {
			n.put(key(r)+"/twice", "twice")
		}
	case tamper.ReadDeleted()(r) && a.Status == http.StatusNotFound && n.get(key(r)+"/twice") != "" && n.get(key(r)) != "":
		a.Status, a.Body = http.StatusOK, []byte(n.get(key(r)))
	}
	return a
}

func conflictsAfterRecovery(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.Create()(r) && n.get(key(r)) != "" && current(next, r).OK() {
		return refusal(r, http.StatusConflict, "Conflict")
	}
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Recover()(r):
		n.put(key(r), "recovered")
	case tamper.Import()(r):
		n.put(key(r), "")
	}
	return a
}

func recreates(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Recover()(r):
		n.put(key(r), "recovered")
	case tamper.Create()(r), tamper.Import()(r):
		n.put(key(r), "")
	case tamper.ReadBundle()(r) && n.get(key(r)) != "":
		attributes, _ := a.Object()["attributes"].(map[string]any)
		if attributes["updated"] != nil {
			tamper.Set("attributes.created", attributes["updated"])(a)
		}
	}
	return a
}
