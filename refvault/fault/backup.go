package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// backups are backups that cannot be used as a client uses them.
func backups() []Fault {
	const of = "backup-certificate/"
	on := tamper.Backup()
	return []Fault{
		edits("backup-padded", "a backup is padded", on,
			tamper.OnSuccess(tamper.MapText("value", func(value string) string { return value + "==" })), of+"encoding"),
		acts("backup-needs-a-body", "a backup needs a JSON body", on, func(next http.Handler, r *http.Request) *tamper.Response {
			if len(tamper.Sent(r)) == 0 && !tamper.Tokenless()(r) && !tamper.Versionless()(r) {
				return refusal(r, http.StatusBadRequest, "BadParameter")
			}
			return tamper.Pass(next, r)
		}, of+"status"),
		edits("backup-of-nothing-accepted", "a backup of a name that does not exist returns 200", on,
			madeOf(map[string]any{"value": "eHh4"}), of+"unknown"),
		remembers("backup-of-the-deleted-accepted", "a backup of a deleted certificate returns the last one", on,
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if before := m.kept(key(r)); before != nil && a.Status == http.StatusNotFound {
					return before
				}
				if a.OK() {
					m.keep(key(r), a)
				}
				return a
			}, of+"deleted"),
		edits("backup-of-nothing-code-wrong", "a backup of a name that does not exist has another code", on,
			tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound")), of+"unknown-code"),
	}
}

// restores are restores that lose something, or are accepted where they must not be.
func restores() []Fault {
	const of = "backup-certificate/"
	on := tamper.Restore()
	body := map[string]any{"attributes": map[string]any{"enabled": true}}
	conflicts := func(deleted bool) func(*tamper.Response) bool {
		return func(a *tamper.Response) bool {
			problem, _ := a.Object()["error"].(map[string]any)
			return a.Status == http.StatusConflict && (problem["innererror"] != nil) == deleted
		}
	}
	accepted := func(a *tamper.Response) {
		a.Status = http.StatusOK
		a.SetObject(body)
	}
	malformed := func(a *tamper.Response) bool {
		value, _ := a.SentObject()["value"].(string)
		return a.Status == http.StatusBadRequest && value != ""
	}
	left := func(a *tamper.Response) bool {
		return a.Status == http.StatusBadRequest && a.SentObject() != nil && a.SentObject()["value"] == nil
	}
	all := []Fault{
		edits("restore-over-a-certificate", "a restore of a name that exists is accepted", on,
			tamper.Where(conflicts(false), accepted), of+"restore-over"),
		edits("restore-over-a-certificate-code-wrong", "a restore of a name that exists has another code", on,
			tamper.Where(conflicts(false), tamper.Set("error.code", "BadParameter")), of+"restore-over-code"),
		remembers("rejected-restore-takes-the-tags", "a restore of a name that exists is rejected and takes its tags", on.Or(tamper.Backup()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if tamper.Backup()(r) && a.OK() {
					m.keep("", a)
				}
				if backed := m.kept(""); on(r) && conflicts(false)(a) && backed != nil {
					tamper.Ask(next, backed.Request, http.MethodPatch, "", map[string]any{"tags": map[string]any{}})
				}
				return a
			}, of+"restore-over-unchanged"),
		edits("restore-over-a-deleted-certificate", "a restore of a deleted name is accepted", on,
			tamper.Where(conflicts(true), accepted), of+"restore-deleted"),
		edits("restore-of-anything", "a restore of a malformed backup is accepted", on, tamper.Where(malformed, accepted), of+"malformed"),
		edits("restore-of-anything-code-wrong", "a restore of a malformed backup has another code", on,
			tamper.Where(malformed, tamper.Set("error.code", "BadParameter")), of+"malformed-code"),
		edits("restore-of-nothing", "a restore without a value is accepted", on, tamper.Where(left, accepted), of+"value-required"),
		acts("restore-with-default-actions", "a restore gives the policy the lifetime actions by default", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if name := nameIn(a.Text("id")); a.OK() && name != "" {
					tamper.AskPath(next, r, http.MethodPatch, "/certificates/"+name+"/policy", defaultActions())
				}
				return a
			}, of+"restored-policy"),
		acts("restore-not-carried-out", "a restore gets the right response and restores nothing", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
					name := nameOf(a)
					tamper.AskPath(next, r, http.MethodDelete, base+"/certificates/"+name, nil)
					tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+name, nil)
				}
				return a
			}, of+"restored-current"),
		edits("restore-of-another-version", "the response to a restore has another version than before", on,
			tamper.OnSuccess(otherVersion), of+"restore-id"),
	}
	return append(all, lossesAfter("restore", "a restored certificate", on, of+"restored-")...)
}

// defaultActions are the lifetime actions that a policy has if none were sent.
func defaultActions() map[string]any {
	return map[string]any{"lifetime_actions": []any{map[string]any{
		"trigger": map[string]any{"lifetime_percentage": 80}, "action": map[string]any{"action_type": "AutoRenew"},
	}}}
}
