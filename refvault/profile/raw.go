package profile

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// policiesRaw shows policies as they were sent: no defaults, no id, no times. A new one applies once its version is
// complete. What an import was sent replaces what could be read in its certificate.
func policiesRaw() Deviation {
	on := tamper.Create().Or(tamper.Import()).Or(tamper.Merge()).Or(tamper.Policy()).Or(tamper.ReadCertificate()).
		Or(tamper.UpdateCertificate()).Or(tamper.DeletedBundle())
	return remembers("policies-raw", "policies are returned as they were sent, without defaults, id and times", on,
		func() action {
			kept := &rawPolicies{current: newNotes[map[string]any](), next: newNotes[map[string]any]()}
			return kept.act
		}).because("B-5-01 B-5-06 SC-11-10 SC-11-12 SC-11-13 SC-12-08 SC-12-14 B-2-06")
}

// rawPolicies are those of completed versions, and those that wait for theirs.
type rawPolicies struct{ current, next *notes[map[string]any] }

func (p *rawPolicies) act(next http.Handler, r *http.Request) *tamper.Response {
	name, sent := tamper.Name(r), sentObject(r)
	a := tamper.Pass(next, r)
	if !a.OK() {
		return a
	}
	policy, _ := clone(sent["policy"]).(map[string]any)
	if policy == nil {
		policy = map[string]any{}
	}
	switch {
	case tamper.Create()(r):
		p.next.set(name, policy)
		return a
	case tamper.Import()(r):
		p.current.set(name, policy)
		p.next.forget(name)
	default:
		p.promote(next, r, name)
	}
	current, known := p.current.get(name)
	switch {
	case !known:
	case tamper.Policy()(r):
		if tamper.PatchPolicy()(r) {
			current = overlaid(current, sent)
			p.current.set(name, current)
		}
		a.SetObject(current)
	default:
		tamper.Replace("policy", current)(a)
	}
	return a
}

// promote makes the policy of a completed request the current one.
func (p *rawPolicies) promote(next http.Handler, r *http.Request, name string) {
	waiting, ok := p.next.get(name)
	if !ok {
		return
	}
	if now := tamper.Ask(next, r, http.MethodGet, "/pending", nil); now.OK() && now.Text("status") != "completed" {
		return
	}
	p.current.set(name, waiting)
	p.next.forget(name)
}

// overlaid is a policy with the groups of a patch in the place of its own.
func overlaid(policy, patch map[string]any) map[string]any {
	merged := map[string]any{}
	for _, from := range []map[string]any{policy, patch} {
		for group, value := range from {
			merged[group] = value
		}
	}
	return merged
}
