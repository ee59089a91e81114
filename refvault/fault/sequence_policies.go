package fault

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// policySequences lose a policy, or bring back a former one, in the course of a request or of a deletion.
func policySequences() []Fault {
	return []Fault{
		sequence("cancellation-restores-the-former-policy", "a cancellation brings back the policy before the create", restoresPolicyOn(tamper.PatchPending())),
		sequence("dropped-request-restores-the-former-policy", "deleting a request brings back the policy before the create",
			restoresPolicyOn(tamper.DeletePending())),
		sequence("completion-undoes-the-policy-patch", "a first merge brings back the policy of the create", undoesPatchAtMerge),
		sequence("deleted-policy-patch-takes-effect", "a patch of the policy of a deleted certificate is rejected and takes effect after the recovery",
			patchesDeletedPolicy),
		sequence("import-after-a-purge-has-the-old-policy", "an import under a purged name has the X.509 properties of the purged policy", importsIntoOldPolicy),
		everySequence("restore-has-the-later-policy", "a restore brings the policy that was set after the backup", restoresLaterPolicy),
		sequence("policy-patches-at-once-lose-one", "of two changes of a policy at once one is lost", losesPolicyPatch),
		sequence("deleting-an-issuer-resets-policies", "deleting an issuer makes Self the issuer of every policy that names it", afterAnIssuer(storedPolicy, resetsIssuer)),
	}
}

// groupsText is the part of a policy that a PATCH can set, as JSON.
func groupsText(policy map[string]any) string {
	text, _ := json.Marshal(updatable(policy)) // was JSON before
	return string(text)
}

// storedPolicy reads the policy of a request's name.
func storedPolicy(next http.Handler, r *http.Request) *tamper.Response {
	return tamper.Ask(next, r, http.MethodGet, "/policy", nil)
}

func restoresPolicyOn(end tamper.On) func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	create, imports, patch := tamper.Create(), tamper.Import(), tamper.PatchPolicy()
	return func(n *notes, next http.Handler, r *http.Request) *tamper.Response {
		var before *tamper.Response
		if create(r) {
			before = storedPolicy(next, r)
		}
		a := tamper.Pass(next, r)
		switch {
		case !a.OK():
		case before != nil && before.OK():
			n.put(key(r), groupsText(before.Object()))
		case create(r), imports(r), patch(r):
			n.put(key(r), "")
		case end(r) && n.get(key(r)) != "":
			tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(n.get(key(r))))
			n.put(key(r), "")
		}
		return a
	}
}

func undoesPatchAtMerge(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Create()(r):
		n.put(key(r), "")
		if len(listed(next, r)) == 0 {
			n.put(key(r), groupsText(storedPolicy(next, r).Object()))
		}
	case tamper.Merge()(r) && n.get(key(r)) != "":
		tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(n.get(key(r))))
		n.put(key(r), "")
	}
	return a
}

func patchesDeletedPolicy(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	of := key(r)
	switch {
	case tamper.PatchPolicy()(r) && a.Status >= 400 && len(a.SentObject()) > 0:
		base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
		if tamper.AskPath(next, r, http.MethodGet, base+"/deletedcertificates/"+tamper.Name(r), nil).OK() {
			n.put(of, string(a.Sent))
		}
	case tamper.Purge()(r) && a.OK():
		n.put(of, "")
	case tamper.Recover()(r) && a.OK() && n.get(of) != "":
		n.put(of+"/due", n.get(of))
		n.put(of, "")
	case n.get(of+"/due") != "" && strings.Contains(r.URL.Path, "/certificates/") && current(next, r).OK():
		due := n.get(of + "/due")
		n.put(of+"/due", "")
		tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(due))
		return tamper.Pass(next, r)
	}
	return a
}

func importsIntoOldPolicy(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	var policy string
	if tamper.DeleteCertificate()(r) {
		policy = groupsText(map[string]any{"x509_props": storedPolicy(next, r).Object()["x509_props"]})
	}
	a := tamper.Pass(next, r)
	of := key(r)
	switch {
	case !a.OK():
	case policy != "":
		n.put(of+"/deleted", policy)
	case tamper.Purge()(r):
		n.put(of, n.get(of+"/deleted"))
	case tamper.Create()(r):
		n.put(of, "")
	case tamper.Import()(r) && n.get(of) != "" && !sentX509(a):
		tamper.Ask(next, r, http.MethodPatch, "/policy", []byte(n.get(of)))
		tamper.Set("policy", storedPolicy(next, r).Object())(a)
		n.put(of, "")
	}
	return a
}

// sentX509 reports whether a request sent X.509 properties in its policy.
func sentX509(a *tamper.Response) bool {
	policy, _ := a.SentObject()["policy"].(map[string]any)
	return policy["x509_props"] != nil
}

func restoresLaterPolicy(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	a := tamper.Pass(next, r)
	switch {
	case !a.OK():
	case tamper.Backup()(r):
		n.put(key(r), "")
	case tamper.PatchPolicy()(r):
		n.put(key(r), groupsText(a.Object()))
	case tamper.Restore()(r):
		name := nameIn(a.Text("id"))
		if policy := n.get(name); policy != "" {
			of := at(r, name)
			tamper.Ask(next, of, http.MethodPatch, "/policy", []byte(policy))
			a.Become(current(next, of))
		}
	}
	return a
}

func losesPolicyPatch(n *notes, next http.Handler, r *http.Request) *tamper.Response {
	if !tamper.PatchPolicy()(r) {
		return tamper.Pass(next, r)
	}
	met, leave := n.meet(r)
	defer leave()
	before := storedPolicy(next, r)
	a := tamper.Pass(next, r)
	if met && a.OK() && before.OK() && n.next("turn/"+key(r))%2 == 0 {
		tamper.Ask(next, r, http.MethodPatch, "/policy", updatable(before.Object()))
	}
	return a
}

func resetsIssuer(next http.Handler, of *http.Request) {
	tamper.Ask(next, of, http.MethodPatch, "/policy", map[string]any{"issuer": map[string]any{"name": "Self"}})
}
