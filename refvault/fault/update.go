package fault

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// body is the JSON object in the body of a request.
func sentBody(r *http.Request) map[string]any {
	return sentObject(r)
}

// sent builds a fault that rewrites the body of an update before the vault sees it.
func rewritesUpdate(id, title string, change func(body map[string]any), breaks ...string) Fault {
	return asks(id, title, tamper.UpdateCertificate(), func(r *http.Request) *http.Request {
		body := sentBody(r)
		if body == nil {
			return r
		}
		change(body)
		return tamper.WithBody(r, body)
	}, breaks...)
}

// updateVersions picks the updates of a version that the path names.
func updateVersions() tamper.On {
	return tamper.Operation(http.MethodPatch, "/certificates/[^/]+/[0-9a-fA-F]{32}")
}

// attributesOf are the attributes in the body of an update.
func attributesOf(body map[string]any) map[string]any {
	attributes, _ := body["attributes"].(map[string]any)
	return attributes
}

// wrongUpdates are updates of the wrong version, or of more or less than was sent.
func wrongUpdates() []Fault {
	const of = "update-certificate/"
	on := tamper.UpdateCertificate()
	onVersion := updateVersions()
	plain := func(r *http.Request) []byte { return tamper.Sent(r) }
	all := []Fault{
		acts("update-of-a-version-updates-the-current", "an update of a version updates the current one", onVersion,
			func(next http.Handler, r *http.Request) *tamper.Response {
				if a := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil); !a.OK() {
					return tamper.Pass(next, r)
				}
				return tamper.Ask(next, r, http.MethodPatch, "", plain(r))
			}, of+"version"),
		acts("update-of-a-version-updates-both", "an update of a version updates the current one as well", onVersion,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.Ask(next, r, http.MethodPatch, "", plain(r))
				}
				return a
			}, of+"others-enabled", of+"others-tags"),
		acts("update-of-a-version-stores-nothing", "an update of an earlier version gets the right response and stores nothing", onVersion,
			func(next http.Handler, r *http.Request) *tamper.Response {
				before := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
				a := tamper.Pass(next, r)
				if a.OK() && before.OK() {
					tags, _ := before.Object()["tags"].(map[string]any)
					if tags == nil {
						tags = map[string]any{}
					}
					tamper.AskPath(next, r, http.MethodPatch, r.URL.Path, map[string]any{
						"attributes": map[string]any{"enabled": attributesOf(before.Object())["enabled"]}, "tags": tags,
					})
				}
				return a
			}, of+"disabled", of+"tags-replaced"),
		rewritesUpdate("update-cannot-enable", "a disabled version stays disabled", func(body map[string]any) {
			if attributes := attributesOf(body); attributes["enabled"] == true {
				delete(attributes, "enabled")
			}
		}, of+"enabled-again"),
		acts("update-adds-tags", "an update adds its tags to those that are there", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				body := sentBody(r)
				before, _ := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil).Object()["tags"].(map[string]any)
				if tags, ok := body["tags"].(map[string]any); ok && before != nil {
					merged := maps.Clone(before)
					maps.Copy(merged, tags)
					body["tags"] = merged
					return tamper.Pass(next, tamper.WithBody(r, body))
				}
				return tamper.Pass(next, r)
			}, of+"tags-replaced", of+"tags-emptied"),
		rewritesUpdate("update-cannot-empty-tags", "an update with empty tags leaves the tags", func(body map[string]any) {
			if tags, ok := body["tags"].(map[string]any); ok && len(tags) == 0 {
				delete(body, "tags")
			}
		}, of+"tags-emptied"),
		rewritesUpdate("update-without-tags-empties-them", "an update without tags empties them", func(body map[string]any) {
			if body["tags"] == nil {
				body["tags"] = map[string]any{}
			}
		}, of+"tags-not-sent"),
		rewritesUpdate("update-without-enabled-enables", "an update without enabled enables the version", func(body map[string]any) {
			if attributes := attributesOf(body); attributes == nil {
				body["attributes"] = map[string]any{"enabled": true}
			}
		}, of+"enabled-not-sent"),
	}
	return append(append(all, repeatedUpdate()), changingUpdates()...)
}

// repeatedUpdate rejects an update that sets what is set already.
func repeatedUpdate() Fault {
	return remembers("update-repeated-rejected", "an update that is sent again is a conflict", updateVersions(),
		func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
			sent := r.URL.Path + " " + string(tamper.Sent(r))
			a := tamper.Pass(next, r)
			if a.OK() && m.marked(sent) {
				a.Status = http.StatusConflict
				a.SetObject(failure("Conflict"))
			}
			m.mark(sent)
			return a
		}, "update-certificate/repeated")
}

// changingUpdates are updates that change what an update leaves alone.
func changingUpdates() []Fault {
	const of = "update-certificate/"
	on, seen := tamper.UpdateCertificate(), tamper.ReadBundle()
	patched := func(edit tamper.Edit) tamper.Edit { return tamper.OnSuccess(edit) }
	dated := on.And(func(r *http.Request) bool { return strings.Contains(string(tamper.Sent(r)), `"exp"`) })
	readOnly := on.And(func(r *http.Request) bool { return strings.Contains(string(tamper.Sent(r)), `"created"`) })
	rejected := func(*tamper.Response) bool { return true }
	return []Fault{
		then("update-creates-anew", "an update sets created", on, seen,
			tamper.MapNumber("attributes.created", func(at int64) any { return at + 1 }), of+"created-kept"),
		then("update-sets-updated-back", "an update sets updated back by an hour", on, seen,
			tamper.MapNumber("attributes.updated", func(at int64) any { return at - 3600 }), of+"updated-forward"),
		then("update-changes-the-kid", "an update gives the certificate another kid", on, seen,
			tamper.MapText("kid", func(kid string) string { return strings.TrimSuffix(kid, lastOf(kid)) + strings.Repeat("f", 32) }),
			of+"identity-kept"),
		then("update-changes-the-x5t", "an update gives the certificate another x5t", on, seen,
			tamper.MapText("x5t", func(x5t string) string { return "A" + x5t[1:] }), of+"identity-kept"),
		then("update-resets-the-policy", "an update gives the policy other key properties", on, tamper.ReadPolicy(),
			tamper.Set("key_props.reuse_key", true), of+"policy-kept"),
		then("update-with-dates-sets-them", "an update with nbf and exp sets them", dated, seen,
			tamper.All(tamper.Set("attributes.nbf", json.Number("1500000000")), tamper.Set("attributes.exp", json.Number("4000000000"))),
			of+"dates-ignored"),
		edits("update-with-dates-rejected", "an update with nbf and exp is rejected", dated, func(a *tamper.Response) {
			a.Status = http.StatusBadRequest
			a.SetObject(failure("BadParameter"))
		}, of+"dates-accepted"),
		then("update-with-created-sets-it", "an update with created sets it", readOnly, seen,
			tamper.Set("attributes.created", json.Number("1500000000")), of+"read-only-ignored"),
		edits("update-with-created-rejected", "an update with created is rejected", readOnly, tamper.Where(rejected, func(a *tamper.Response) {
			a.Status = http.StatusBadRequest
			a.SetObject(failure("BadParameter"))
		}), of+"read-only-accepted"),
		edits("update-with-policy", "the response to an update of a version has a policy", updateVersions(),
			patched(tamper.Set("policy", map[string]any{"issuer": map[string]any{"name": "Unknown"}})), of+"lean"),
	}
}

// tagLimits are updates with as many tags as there can be, or more.
func tagLimits() []Fault {
	const of = "update-certificate/"
	on := tamper.UpdateCertificate()
	tags := func(a *tamper.Response) int {
		sent, _ := a.SentObject()["tags"].(map[string]any)
		return len(sent)
	}
	over := func(a *tamper.Response) bool { return tags(a) > 15 }
	return []Fault{
		edits("update-with-15-tags-rejected", "an update with 15 tags is rejected", on, tamper.Where(func(a *tamper.Response) bool {
			return tags(a) == 15
		}, func(a *tamper.Response) {
			a.Status = http.StatusBadRequest
			a.SetObject(failure("BadParameter"))
		}), of+"tags-limit"),
		then("update-keeps-10-tags", "no certificate shows more than 10 tags", on, tamper.ReadBundle(), func(a *tamper.Response) {
			if shown, ok := a.Object()["tags"].(map[string]any); ok && len(shown) > 10 {
				few := map[string]any{}
				for name, value := range shown {
					if len(few) < 10 {
						few[name] = value
					}
				}
				tamper.Set("tags", few)(a)
			}
		}, of+"tags-limit"),
		edits("update-with-16-tags-accepted", "an update with 16 tags is accepted", on, tamper.Where(over, func(a *tamper.Response) {
			a.Status = http.StatusOK
			a.SetObject(map[string]any{"attributes": map[string]any{"enabled": true}})
		}), of+"tags-over-limit"),
		acts("update-with-16-tags-empties-them", "an update with 16 tags is rejected and takes the tags", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if over(a) && !a.OK() {
					tamper.AskPath(next, r, http.MethodPatch, r.URL.Path, map[string]any{"tags": map[string]any{}})
				}
				return a
			}, of+"over-limit-unchanged"),
	}
}

// unknownUpdates and reads of what does not exist, or of a certificate in other words.
func unknownUpdates() []Fault {
	const of = "update-certificate/"
	on := tamper.UpdateCertificate()
	body := map[string]any{"attributes": map[string]any{"enabled": true}}
	bare := on.But(updateVersions())
	code := tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound"))
	return []Fault{
		edits("update-of-nothing-accepted", "an update of a name that does not exist is accepted", bare, madeOf(body), of+"unknown"),
		edits("update-of-nothing-code-wrong", "an update of a name that does not exist has another code", bare, code, of+"unknown-code"),
		acts("update-of-no-version-updates-the-current", "an update of a version that does not exist updates the current one", updateVersions(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				sent := tamper.Sent(r)
				a := tamper.Pass(next, r)
				if a.Status == http.StatusNotFound {
					return tamper.Ask(next, r, http.MethodPatch, "", sent)
				}
				return a
			}, of+"unknown-version"),
		edits("update-of-no-version-code-wrong", "an update of a version that does not exist has another code", updateVersions(), code,
			of+"unknown-version-code"),
	}
}

// readings are reads that find what they should not, or do not find what they should.
func readings() []Fault {
	const of = "read-certificate/"
	body := map[string]any{"attributes": map[string]any{"enabled": true}}
	return []Fault{
		edits("read-of-nothing-accepted", "a read of a name that does not exist returns 200", tamper.ReadCertificate(),
			madeOf(body), of+"unknown"),
		edits("read-of-nothing-code-wrong", "a read of a name that does not exist has another code", tamper.ReadCertificate(),
			tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound")), of+"unknown-code"),
		acts("read-of-a-foreign-version", "a version is found under every name", tamper.ReadVersion(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
				if a.Status != http.StatusNotFound {
					return a
				}
				for _, item := range items(tamper.AskPath(next, r, http.MethodGet, base+"/certificates", nil)) {
					object, _ := item.(map[string]any)
					id, _ := object["id"].(string)
					found := tamper.AskPath(next, r, http.MethodGet, base+"/certificates/"+lastOf(id)+"/"+lastSegment(r), nil)
					if found.OK() {
						return found
					}
				}
				return a
			}, of+"foreign-version"),
		edits("version-case-sensitive", "a version in upper case is not found", tamper.ReadVersion().And(func(r *http.Request) bool {
			return lastSegment(r) != strings.ToLower(lastSegment(r))
		}), notFound, of+"version-case"),
		edits("read-in-upper-case-not-found", "a name in upper case is not found", tamper.ReadCertificate().And(func(r *http.Request) bool {
			return tamper.Name(r) != strings.ToLower(tamper.Name(r))
		}), notFound, of+"name-case"),
		edits("read-without-tags-has-some", "a certificate without tags has a tag", tamper.ReadCertificate(),
			tamper.OnSuccess(func(a *tamper.Response) {
				if a.Object()["tags"] == nil {
					tamper.Set("tags", map[string]any{"default": ""})(a)
				}
			}), of+"no-tags"),
		{
			ID: "read-keeps-the-pending-link", Title: "a certificate names its pending object after that is deleted",
			Breaks: []string{of + "pending-gone"}, On: tamper.DeletePending().Or(tamper.ReadCertificate()),
			Wrap: following(tamper.DeletePending(), tamper.ReadCertificate(), tamper.OnSuccess(func(a *tamper.Response) {
				id := a.Text("id")
				tamper.Set("pending", map[string]any{"id": strings.TrimSuffix(id, lastOf(id)) + "pending"})(a)
			})),
		},
	}
}
