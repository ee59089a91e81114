package profile

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// bornCompleted is a simulator that makes infrastructure scripts run through: a certificate is there at once, whoever
// was to issue it, and nothing that is sent with it is looked into.
func bornCompleted() Profile {
	p := Profile{
		ID:     "born-completed",
		Title:  "every create is completed at once, merges and imports are stored unread, policies and issuers have no routes",
		Claims: Claims{Completes: "completes"},
	}
	for _, part := range [][]Deviation{
		{anyVersionTaken("no api-version is looked at", isNoVersion).because("E-2-01 E-2-02 E-2-03")},
		creatingWithoutIssuer(), storingUnread(), bareIdentifiers(), lackingRoutes(), simulatedDoor(), {filterIgnored()},
	} {
		p.Deviations = append(p.Deviations, part...)
	}
	return p
}

// creatingWithoutIssuer are the deviations of a create that asks nobody.
func creatingWithoutIssuer() []Deviation {
	anyIssuer := remembers("issuers-unchecked", "any issuer is taken, set or not", tamper.Create().Or(tamper.Pending()),
		func() action {
			shown := newNotes[string]()
			return func(next http.Handler, r *http.Request) *tamper.Response {
				name, asked := tamper.Name(r), ""
				if tamper.Create()(r) {
					r, asked = issuerTaken(r, "Self")
				}
				a := tamper.Pass(next, r)
				if tamper.Create()(r) && a.OK() {
					shown.set(name, orElse(asked, "Unknown"))
				}
				if issuer, ok := shown.get(name); ok {
					tamper.OnSuccess(tamper.Replace("issuer.name", issuer))(a)
				}
				return a
			}
		}).because("SC-01-15")
	return []Deviation{
		anyIssuer,
		changes("subject-of-the-name", "the subject of a certificate is its name, whatever the policy says", tamper.Create(),
			func(r *http.Request) *http.Request {
				body := sentObject(r)
				policy, _ := body["policy"].(map[string]any)
				props, ok := policy["x509_props"].(map[string]any)
				if !ok {
					return r
				}
				props["subject"] = "CN=" + tamper.Name(r)
				return tamper.WithBody(r, body)
			}).because("SC-01-08 E-8-05"),
		bornCompletedBy(),
		edits("csr-of-text", "a csr is the base64 of a sentence", tamper.Pending(), tamper.OnSuccess(func(a *tamper.Response) {
			text := "signing request of " + tamper.Name(a.Request)
			tamper.Replace("csr", base64.StdEncoding.EncodeToString([]byte(text)))(a)
		})).because("SC-01-07 SC-10-08 E-8-03"),
		edits("location-bare", "the Location of a create has no query", tamper.Create(), tamper.MapHeader("Location", tamper.OnURL(func(u *url.URL) {
			u.RawQuery = ""
		}))).because("SC-01-03 SC-01-04 D-2-5"),
		lateCancellation(),
		pendingCode("pending-code-of-operations", "without a pending object the code is CertificateOperationNotFound", "CertificateOperationNotFound",
			func(http.Handler, *http.Request) bool { return true }).because("SC-05-02 SC-09-05 SC-09-09 B-11-01"),
		acts("target-versioned", "the target of an operation is a version", tamper.Pending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() && a.Text("target") != "" {
					tamper.Set("target", tamper.Ask(next, r, http.MethodGet, "", nil).Text("id"))(a)
				}
				return a
			}).because("SC-03-03"),
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// lateCancellation turns what is completed into something cancelled.
func lateCancellation() Deviation {
	return remembers("cancelled-though-completed", "a cancellation of a completed operation returns 200 and cancels it", tamper.Pending(),
		func() action {
			cancelled := newNotes[bool]()
			return func(next http.Handler, r *http.Request) *tamper.Response {
				name := tamper.Name(r)
				a := tamper.Pass(next, r)
				switch {
				case tamper.PatchPending()(r) && a.Status == http.StatusForbidden:
					a = tamper.Ask(next, r, http.MethodGet, "/pending", nil)
					if sentObject(r)["cancellation_requested"] == true {
						cancelled.set(name, true)
					}
				case tamper.Create()(r) && a.OK():
					cancelled.forget(name)
				}
				if is, _ := cancelled.get(name); is {
					tamper.OnSuccess(tamper.Set("status", "cancelled"), tamper.Set("cancellation_requested", true), tamper.Drop("target"))(a)
				}
				if tamper.DeletePending()(r) && a.OK() {
					cancelled.forget(name)
				}
				return a
			}
		}).because("SC-08-05 SC-08-06 SC-04-13")
}

// bareIdentifiers are the deviations of ids.
func bareIdentifiers() []Deviation {
	return []Deviation{
		dashedIDs(),
		edits("list-ids-end-in-a-slash", "the ids of items and recoveryIds end in a slash", tamper.Anything(), tamper.OnSuccess(
			tamper.MapText("value.*.id", closed), tamper.MapText("value.*.recoveryId", closed), tamper.MapText("recoveryId", closed),
		)).because("E-7-02"),
	}
}

func closed(id string) string { return strings.TrimRight(id, "/") + "/" }

var (
	digits = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	dashed = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
)

// dashedIDs writes versions and request_ids as UUIDs.
func dashedIDs() Deviation {
	return acts("dashed-ids", "versions and request_ids are UUIDs with dashes", tamper.Anything(),
		func(next http.Handler, r *http.Request) *tamper.Response {
			inner := r.Clone(r.Context())
			inner.Body = r.Body
			inner.URL.Path = dashed.ReplaceAllStringFunc(r.URL.Path, func(id string) string { return strings.ReplaceAll(id, "-", "") })
			inner.URL.RawPath = ""
			inner.RequestURI = inner.URL.RequestURI()
			a := tamper.Pass(next, inner)
			a.Request = r
			a.Body = []byte(digits.ReplaceAllStringFunc(string(a.Body), dashes))
			return a
		}).because("SC-01-12 SC-11-03 C-9-2")
}

// lackingRoutes are the operations that there are none of: their paths are read as names or versions.
func lackingRoutes() []Deviation {
	asVersion := func(r *http.Request) *tamper.Response {
		return refusal(r, http.StatusNotFound, "CertificateNotFound", "There is no such version of the certificate.")
	}
	asName := func(r *http.Request) *tamper.Response {
		if r.Method == http.MethodGet {
			return refusal(r, http.StatusNotFound, "CertificateNotFound", "There is no such certificate.")
		}
		return refusal(r, http.StatusMethodNotAllowed, "MethodNotAllowed", "The method is not allowed here.")
	}
	return []Deviation{
		lacking("no-policies", "a policy is taken for a version called policy", tamper.Operation("", "/certificates/[^/]+/policy"), asVersion).
			because("B-5-01 B-5-02 B-0-1"),
		lacking("no-issuers", "issuers are taken for versions of a certificate called issuers", tamper.Operation("", "/certificates/issuers(/[^/]+)?"), asName).
			because("B-10-01 B-10-04 SC-01-16"),
		lacking("no-contacts", "contacts are taken for a certificate called contacts", tamper.Operation("", "/certificates/contacts"), asName).
			because("B-9-01 B-9-02 B-9-03"),
		lacking("no-recovery", "a deleted certificate cannot be recovered", tamper.Operation(http.MethodPost, "/deletedcertificates/[^/]+/recover"), asName).
			because("B-7-09"),
	}
}

// lacking responds in the vault's place, unless it would ask for a token.
func lacking(id, text string, on tamper.On, answer func(*http.Request) *tamper.Response) Deviation {
	return acts(id, text, on.And(authorized()), func(_ http.Handler, r *http.Request) *tamper.Response { return answer(r) })
}

// simulatedDoor are the deviations of a door that a word opens.
func simulatedDoor() []Deviation {
	return []Deviation{
		anyToken("any-token", "any token is the right one", authorized()).because("E-3-06"),
		edits("unauthorized-without-body", "a 401 has no body", tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized, tamper.Body("", ""))).
			because("E-3-04"),
	}
}

// storingUnread are the deviations of merges and imports that nobody looks into.
func storingUnread() []Deviation {
	return []Deviation{
		storing("merges-unread", "a merge of anything, for anything pending or for nothing, returns 201", tamper.Merge(), true, mergedText).
			because("SC-07-01 SC-11-02 SC-11-15 SC-11-18"),
		storing("imports-unread", "an import keeps the PFX as the certificate, and derives no policy", tamper.Import(), false, importedText).
			because("B-2-01 B-2-05 B-2-06 SC-12-14 SC-12-17 E-8-03"),
		acts("no-pem-imported", "a PEM is rejected", tamper.Import(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if value, _ := sentObject(r)["value"].(string); strings.Contains(value, "-----BEGIN") && authorized()(r) {
					return refusal(r, http.StatusBadRequest, "BadParameter", "The value is not base64.")
				}
				return tamper.Pass(next, r)
			}).because("B-2-04 SC-12-16"),
	}
}

// mergedText is the first item of a merge's chain, whatever it is.
func mergedText(sent map[string]any) string {
	items, _ := sent["x5c"].([]any)
	if len(items) == 0 {
		return ""
	}
	first, _ := items[0].(string)
	return first
}

func importedText(sent map[string]any) string {
	value, _ := sent["value"].(string)
	return value
}
