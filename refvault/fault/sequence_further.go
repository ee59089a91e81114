package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// furtherSequences are wrong about the versions of a name once there are several.
func furtherSequences() []Fault {
	return []Fault{
		sequence("import-after-a-create-is-not-current", "an import over a certificate that was created is not the current version", importStaysBehind),
		sequence("emptying-old-tags-empties-the-current", "a change that empties the tags of an earlier version empties those of the current one", emptiesCurrent),
		sequence("second-merge-loses-the-first-version", "the second merge of a name loses the first version", mergeLosesFirst),
		sequence("updates-at-once-lose-one", "of two changes of a certificate at once one is lost", losesUpdate),
		sequence("third-version-disables-the-first", "the third version of a name disables the first", disablesFirst),
	}
}

func importStaysBehind(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	switch {
	case tamper.Import()(r):
		before, pending := current(next, r), pendingOf(next, r)
		a := tamper.Pass(next, r)
		if a.OK() && finished(before) && pending.OK() {
			n.put(key(r)+"/shown", versionID(before))
			n.put(key(r)+"/own", versionID(a))
		}
		return a
	case tamper.ReadCertificate()(r):
		a := tamper.Pass(next, r)
		if own := n.get(key(r) + "/own"); a.OK() && own != "" && versionID(a) == own {
			policy := a.Object()["policy"]
			a.Become(tamper.Ask(next, r, http.MethodGet, "/"+n.get(key(r)+"/shown"), nil))
			tamper.Set("policy", policy)(a)
		}
		return a
	}
	return tamper.Pass(next, r)
}

func emptiesCurrent(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	tags, sent := a.SentObject()["tags"].(map[string]any)
	if tamper.UpdateCertificate()(r) && a.OK() && sent && len(tags) == 0 && versionID(current(next, r)) != versionID(a) {
		tamper.Ask(next, r, http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
	}
	return a
}

func mergeLosesFirst(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	var before []string
	if tamper.Merge()(r) {
		before = versionsByAge(next, r)
	}
	a := hidden(n, next, r)
	if tamper.Merge()(r) && a.OK() && n.next(key(r)) == 2 && len(before) > 0 {
		n.add(key(r)+"/lost", before[0])
	}
	return a
}

func losesUpdate(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.UpdateCertificate()(r) {
		return tamper.Pass(next, r)
	}
	met, leave := n.meet(r)
	defer leave()
	if !met || n.next("turn/"+key(r))%2 == 1 {
		return tamper.Pass(next, r)
	}
	path := strings.TrimSuffix(r.URL.Path, "/")
	a := tamper.AskPath(next, r, http.MethodGet, path, nil)
	sent := sentObject(r)
	if attributes, _ := sent["attributes"].(map[string]any); attributes["enabled"] != nil {
		tamper.OnSuccess(tamper.Set("attributes.enabled", attributes["enabled"]))(a)
	}
	if sent["tags"] != nil {
		tamper.OnSuccess(tamper.Set("tags", sent["tags"]))(a)
	}
	return a
}

func disablesFirst(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if r.Method == http.MethodGet && n.get(key(r)) == "" {
		if ids := versionsByAge(next, r); len(ids) > 2 {
			n.put(key(r), "done")
			tamper.Ask(next, r, http.MethodPatch, "/"+ids[0], map[string]any{"attributes": map[string]any{"enabled": false}})
		}
	}
	return tamper.Pass(next, r)
}
