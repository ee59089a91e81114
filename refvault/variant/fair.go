package variant

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// lenient are legal responses that only examples or recordings show otherwise: rules of the level should may recommend
// what those show, no must may demand it.
func lenient() []Variant {
	bundles := tamper.Bundle().Or(tamper.DeletedBundle()).Or(tamper.Recover()).Or(tamper.Restore())
	policies := tamper.Policy().Or(bundles)
	return []Variant{
		{
			ID: "cancellation-loses-unseen", Title: "a request completes before its cancellation takes effect, which then shows nowhere",
			Options: func(o *refvault.Options) { o.IssueAfter, o.CancelAfter = 100*time.Millisecond, time.Hour },
			Wrap: func(next http.Handler) http.Handler {
				forgetful := tamper.Handler(next, tamper.Pending(), tamper.Completed(tamper.Replace("cancellation_requested", false)))
				return renamedIssuer("stays", "Self")(forgetful)
			},
		},
		edits("undocumented-in-one-policy", "a GET of a policy has members in its groups that no document has, and the certificate's policy has not",
			tamper.Policy(), tamper.OnSuccess(tamper.Set("issuer.emulated", true), tamper.Set("key_props.backend", map[string]any{"store": "memory"})),
			"F-10"),
		cancelsAtOnce(),
		racesDeletion(),
		edits("no-default-lifetime-action", "a policy without lifetime actions gets none", policies, tamper.OnSuccess(
			withoutDefaultAction("lifetime_actions"), withoutDefaultAction("policy.lifetime_actions"))).
			warns("merge-manual-request/default-lifetime-action", "import-certificate/policy-lifetime-action"),
		edits("purged-at-midnight", "a deleted certificate is purged at the midnight after its days",
			tamper.DeletedBundle().Or(tamper.ListDeleted()),
			tamper.OnSuccess(tamper.MapNumber("scheduledPurgeDate", midnight), tamper.MapNumber("value.*.scheduledPurgeDate", midnight))).
			warns("every-answer/purge-date-exact"),
		versionsOfTheirOwn(bundles),
		edits("import-with-a-location", "an import has a Location", tamper.Import(), tamper.OnSuccess(func(a *tamper.Response) {
			if id, ok := a.Object()["id"].(string); ok {
				a.Header.Set("Location", id)
			}
		})),
		edits("self-without-csr", "an operation of the issuer Self has no csr", tamper.Pending(), tamper.Where(func(a *tamper.Response) bool {
			issuer, _ := a.Object()["issuer"].(map[string]any)
			name, _ := issuer["name"].(string)
			return a.OK() && strings.EqualFold(name, "Self")
		}, tamper.Drop("csr"))).warns("every-answer/self-operation-csr"),
		edits("ids-with-a-slash", "the ids of lists and of deleted certificates end in a slash",
			tamper.ListCertificates().Or(tamper.ListVersions()).Or(tamper.DeletedBundle()).Or(tamper.ListDeleted()),
			tamper.OnSuccess(tamper.EditURL("recoveryId", slashed), tamper.EditURL("value.*.id", slashed),
				tamper.EditURL("value.*.recoveryId", slashed))).
			warns("every-answer/identifier-form"),
	}
}

// cancelsAtOnce shows a request cancelled in the response to its cancellation, and from then on.
func cancelsAtOnce() Variant {
	v := edits("cancels-at-once", "the response to a cancellation shows the request cancelled", tamper.PatchPending(),
		tamper.Where(func(a *tamper.Response) bool { return a.SentObject()["cancellation_requested"] == true },
			tamper.InProgress(tamper.Set("status", "cancelled"), tamper.Drop("status_details")))).
		warns("cancel-in-progress/still-in-progress")
	v.Options = func(o *refvault.Options) { o.CancelAfter = -1 }
	return v
}

// withoutDefaultAction drops the lifetime action that a vault adds where none was asked for.
func withoutDefaultAction(path string) tamper.Edit {
	return tamper.Map(path, func(value any) any {
		actions, _ := value.([]any)
		if len(actions) != 1 {
			return value
		}
		only, _ := actions[0].(map[string]any)
		action, _ := only["action"].(map[string]any)
		trigger, _ := only["trigger"].(map[string]any)
		if action["action_type"] == "EmailContacts" && fmt.Sprint(trigger["lifetime_percentage"]) == "80" {
			return nil
		}
		return value
	})
}

// versionsOfTheirOwn gives the key and the secret of a certificate other versions, and finds them by these.
func versionsOfTheirOwn(bundles tamper.On) Variant {
	v := edits("versions-of-their-own", "the key and the secret of a certificate have other versions than it", bundles,
		tamper.OnSuccess(tamper.EditURL("kid", otherVersion), tamper.EditURL("sid", otherVersion))).
		warns("every-answer/same-version")
	named := v.Wrap
	v.Wrap = func(next http.Handler) http.Handler {
		companions := tamper.On(func(r *http.Request) bool { // also one that makes a key of its own
			return strings.Contains(r.URL.Path, "/keys/") || strings.Contains(r.URL.Path, "/secrets/")
		})
		edit := tamper.OnSuccess(tamper.EditURL("id", otherVersion), tamper.EditURL("kid", otherVersion), tamper.EditURL("key.kid", otherVersion))
		found := tamper.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u := *r.URL
			otherVersion(&u)
			next.ServeHTTP(w, tamper.WithPath(r, u.Path))
		}), companions, edit)
		bundled := named(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if companions(r) {
				found.ServeHTTP(w, r)
				return
			}
			bundled.ServeHTTP(w, r)
		})
	}
	alters := v.Alters
	v.Alters = func(a *tamper.Response) bool { return alters(a) || tamper.ReadKey().Or(tamper.ReadSecret())(a.Request) }
	return v
}

// otherVersion puts another version in the place of one, and the one in the place of the other.
func otherVersion(u *url.URL) {
	at := strings.LastIndex(u.Path, "/") + 1
	if len(u.Path)-at != 32 {
		return
	}
	version := []byte(u.Path[at:])
	slices.Reverse(version)
	u.Path = u.Path[:at] + string(version)
}

func slashed(u *url.URL) { u.Path = strings.TrimSuffix(u.Path, "/") + "/" }

// midnight is the end of the day of a time.
func midnight(at int64) any {
	const day = 24 * 60 * 60
	return (at/day + 1) * day
}
