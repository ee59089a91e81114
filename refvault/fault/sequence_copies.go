package fault

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// asFirstSeen gives the items of a list the attributes and tags that they had when they were listed first.
func asFirstSeen(n *notes, a *tamper.Response) {
	object := a.Object()
	items, _ := object["value"].([]any)
	for _, item := range items {
		item, _ := item.(map[string]any)
		id, _ := item["id"].(string)
		var before map[string]any
		if json.Unmarshal([]byte(n.get("seen "+id)), &before) != nil || before["x5t"] != item["x5t"] {
			text, _ := json.Marshal(item) // was JSON before
			n.put("seen "+id, string(text))
			continue
		}
		for _, member := range []string{"attributes", "tags"} {
			delete(item, member)
			if before[member] != nil {
				item[member] = before[member]
			}
		}
	}
	if items != nil {
		a.SetObject(object)
	}
}

func listsVersionsAsBefore(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	if tamper.ListVersions()(r) && a.OK() {
		asFirstSeen(n, a)
	}
	return a
}

func deletesAsBefore(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if tamper.UpdateCertificate()(r) {
		before, a := current(next, r), tamper.Pass(next, r)
		if a.OK() && versionID(before) == versionID(a) {
			tags, _ := json.Marshal(before.Object()["tags"]) // was JSON before
			n.put(versionID(a), string(tags))
		}
		return a
	}
	a := tamper.Pass(next, r)
	if tamper.ReadDeleted()(r) && a.OK() && n.get(versionID(a)) != "" {
		tamper.Set("tags", json.RawMessage(n.get(versionID(a))))(a)
	}
	return a
}

func staysListed(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.DeleteCertificate()(r):
		object := a.Object()
		item := map[string]any{}
		for _, member := range []string{"id", "x5t", "attributes", "tags", "subject", "recoveryId", "deletedDate", "scheduledPurgeDate"} {
			if object[member] != nil {
				item[member] = object[member]
			}
		}
		if id, _ := item["id"].(string); strings.Count(id, "/") > 4 {
			item["id"] = id[:strings.LastIndex(id, "/")]
		}
		text, _ := json.Marshal(item) // was JSON before
		n.put("item "+key(r), string(text))
	case tamper.Recover()(r):
		n.put("recovered "+key(r), "once")
	case tamper.Purge()(r) && n.get("recovered "+key(r)) != "":
		n.add("purged", n.get("item "+key(r)))
	case tamper.ListDeleted()(r) && r.URL.Query().Get("$skiptoken") == "":
		object := a.Object()
		items, _ := object["value"].([]any)
		for _, text := range n.all("purged") {
			items = append(items, json.RawMessage(text))
		}
		if items != nil {
			object["value"] = items
			a.SetObject(object)
		}
	}
	return a
}

func swapsTags(next http.Handler, r *http.Request) {
	ids := versionsByAge(next, r)
	if len(ids) < 2 {
		return
	}
	tags := map[string]any{}
	last := ids[len(ids)-2:]
	for _, id := range last {
		tags[id] = tamper.Ask(next, r, http.MethodGet, "/"+id, nil).Object()["tags"]
		if tags[id] == nil {
			tags[id] = map[string]any{}
		}
	}
	tamper.Ask(next, r, http.MethodPatch, "/"+last[0], map[string]any{"tags": tags[last[1]]})
	tamper.Ask(next, r, http.MethodPatch, "/"+last[1], map[string]any{"tags": tags[last[0]]})
}

func takesPolicy(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case tamper.DeletePending()(r) && a.OK() && finished(current(next, r)):
		n.put(key(r), "taken")
	case (tamper.Create()(r) || tamper.Import()(r) || tamper.Purge()(r)) && a.OK():
		n.put(key(r), "")
	case tamper.Policy()(r) && a.OK() && n.get(key(r)) != "":
		return refusal(r, http.StatusNotFound, "CertificateNotFound")
	}
	return a
}

func staysUndeleted(_ *notes, next http.Handler, r *http.Request) *tamper.Response {
	stays := false
	if tamper.DeleteCertificate()(r) {
		now := current(next, r)
		attributes, _ := now.Object()["attributes"].(map[string]any)
		stays = finished(now) && attributes["enabled"] == false && len(listed(next, r)) > 1
	}
	a := tamper.Pass(next, r)
	if stays && a.OK() {
		recovers(next, r)
	}
	return a
}
