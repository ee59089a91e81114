package fault

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// furtherMerges are merges of requests that say more than the least, and merges that come too late.
func furtherMerges() []Fault {
	return []Fault{
		acts("merge-of-an-ec-key-refused", "a merge of a certificate with an EC key is refused", tamper.Merge(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				now := tamper.Ask(next, r, http.MethodGet, "/policy", nil)
				if kty, _ := member(now.Object(), "key_props.kty").(string); kty == "EC" {
					return refusal(r, http.StatusBadRequest, "BadParameter")
				}
				return tamper.Pass(next, r)
			}, "merge-manual-request/ec-status"),
		edits("merge-of-an-ec-key-without-cer", "a merge of a certificate with an EC key returns no cer", tamper.Merge(),
			tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
				return member(a.Object(), "policy.key_props.kty") == "EC"
			}, tamper.Drop("cer"))), "merge-manual-request/ec-cer"),
		edits("merge-takes-the-validity-of-the-leaf", "the policy of a merged certificate has the validity of the leaf",
			tamper.Merge(), tamper.OnSuccess(tamper.Set("policy.x509_props.validity_months", 3)), "merge-manual-request/policy-kept"),
		asks("merge-forgets-the-tags", "a merge without tags makes a version without tags", tamper.Merge(),
			func(r *http.Request) *http.Request {
				body := sentObject(r)
				if body == nil || body["tags"] != nil {
					return r
				}
				body["tags"] = map[string]any{}
				return tamper.WithBody(r, body)
			}, "merge-manual-request/tags-kept"),
		asks("merge-takes-pem", "a merge takes certificates in PEM", tamper.Merge(), func(r *http.Request) *http.Request {
			return changedChain(r, func(chain []any) []any {
				for i, item := range chain {
					text, _ := item.(string)
					if _, body, found := strings.Cut(text, "-----BEGIN CERTIFICATE-----"); found {
						body, _, _ = strings.Cut(body, "-----END")
						chain[i] = strings.ReplaceAll(body, "\n", "")
					}
				}
				return chain
			})
		}, "merge-manual-request/x5c-pem"),
		asks("merge-reads-the-leaf-alone", "a merge does not read whatever follows the leaf", tamper.Merge(),
			func(r *http.Request) *http.Request {
				return changedChain(r, func(chain []any) []any { return chain[:min(len(chain), 1)] })
			}, "merge-manual-request/x5c-garbage-behind"),
		edits("merge-refusal-has-another-code", "a merge of what is no certificate has the code InvalidCertificate", tamper.Merge(),
			tamper.OnStatus(http.StatusBadRequest, tamper.Set("error.code", "InvalidCertificate")),
			"merge-manual-request/x5c-empty-code", "merge-manual-request/x5c-garbage-code"),
		remembers("merge-after-deletion-forbidden", "a merge for a deleted request returns 403", tamper.Merge().Or(tamper.DeletePending()),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				switch {
				case tamper.DeletePending()(r) && a.OK():
					m.mark(tamper.Name(r))
				case tamper.Merge()(r) && a.Status == http.StatusNotFound && m.marked(tamper.Name(r)):
					return refusal(r, http.StatusForbidden, "Forbidden")
				}
				return a
			}, "merge-manual-request/after-deletion-status"),
		edits("merge-without-a-request-other-code", "a merge without a pending object has the code NotFound", tamper.Merge(),
			tamper.OnStatus(http.StatusNotFound, tamper.Set("error.code", "NotFound")),
			"merge-manual-request/after-deletion-code", "merge-manual-request/nothing-pending-code"),
		{
			ID: "merge-after-deletion-issues", Title: "a merge for a deleted request is refused and makes the certificate anyway",
			Breaks: []string{"merge-manual-request/after-deletion-no-certificate"}, On: tamper.Merge().Or(tamper.ReadCertificate()),
			Wrap: shadowing(tamper.Merge(), http.StatusNotFound, tamper.ReadCertificate(), issuedAnyhow(lazyRSA(2048))),
		},
		remembers("merge-twice-accepted", "a second merge for a request is accepted and changes nothing", tamper.Merge(),
			func(m *memory, next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if first := m.kept(tamper.Name(r)); first != nil && !a.OK() {
					a.Become(first)
				} else if a.OK() {
					m.keep(tamper.Name(r), a)
				}
				return a
			}, "merge-manual-request/again-refused"),
		{
			ID: "merge-twice-makes-a-version", Title: "a second merge is refused and makes a version anyway",
			Breaks: []string{"merge-manual-request/again-unchanged"}, On: tamper.Merge().Or(tamper.ReadCertificate()),
			Wrap: func(next http.Handler) http.Handler {
				m := newMemory()
				return acting(next, tamper.Merge().Or(tamper.ReadCertificate()), func(next http.Handler, r *http.Request) *tamper.Response {
					a := tamper.Pass(next, r)
					merged := tamper.Name(r) + "/merged"
					switch {
					case tamper.Merge()(r) && a.OK():
						m.mark(merged)
					case tamper.Merge()(r) && m.marked(merged):
						m.mark(tamper.Name(r))
					case tamper.ReadCertificate()(r) && a.OK() && m.marked(tamper.Name(r)):
						otherVersion(a)
					}
					return a
				})
			},
		},
		{
			ID: "merge-replaces-the-earlier-version", Title: "the earlier version is gone after the merge of the next",
			Breaks: []string{"issue-next-version/merged-earlier"}, On: tamper.Merge().Or(tamper.ReadVersion()),
			Wrap: func(next http.Handler) http.Handler {
				m := newMemory()
				return acting(next, tamper.Merge().Or(tamper.ReadVersion()), func(next http.Handler, r *http.Request) *tamper.Response {
					a := tamper.Pass(next, r)
					switch {
					case tamper.Merge()(r) && a.OK():
						m.keep(tamper.Name(r), a)
					case tamper.ReadVersion()(r) && a.OK() && m.kept(tamper.Name(r)) != nil && m.kept(tamper.Name(r)).Text("id") != a.Text("id"):
						return refusal(r, http.StatusNotFound, "CertificateNotFound")
					}
					return a
				})
			},
		},
	}
}

// changedChain changes the x5c of a merge.
func changedChain(r *http.Request, change func(chain []any) []any) *http.Request {
	body := sentObject(r)
	chain, there := body["x5c"].([]any)
	if !there {
		return r
	}
	body["x5c"] = change(chain)
	return tamper.WithBody(r, body)
}
