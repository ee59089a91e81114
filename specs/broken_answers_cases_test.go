package specs_test

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

func brokenRequests() []broken {
	const s = "request-from-issuer/"
	return []broken{
		at(s+"create-status", "Created", status(200)),
		at(s+"create-status", "Created", status(201)),
		at(s+"location-path", "Created", header("Location", "")),
		at(s+"location-path", "Created", header("Location", "/certificates/rehearsal-request/pending")),
		at(s+"location-path", "Created", location(func(u *url.URL) { u.Host = "elsewhere.example" })),
		at(s+"location-path", "Created", location(func(u *url.URL) { u.Scheme = "http" })),
		at(s+"location-path", "Created", location(func(u *url.URL) { u.Path = "/certificates/another/pending" })),
		at(s+"location-path", "Created", location(func(u *url.URL) { u.Path += "/0123" })),
		at(s+"location-api-version", "Created", locationQuery("api-version", "7.0")),
		at(s+"location-api-version", "Created", location(func(u *url.URL) { u.RawQuery = "request_id=1" })),
		at(s+"location-request-id", "Created", locationQuery("request_id", strings.Repeat("b", 32))),
		at(s+"location-request-id", "Created", put(strings.Repeat("b", 32), "request_id")),
		at(s+"location-request-id", "Created", location(func(u *url.URL) { u.RawQuery = "api-version=7.4" })),
		at(s+"location-read", "Followed", gone()),
		at(s+"location-read", "Followed", put("other", "request_id")),
		at(s+"operation-id", "Created", put(nil, "id")),
		at(s+"operation-id", "Created", rewrite("/pending\"", "/pending?api-version=7.4\"")),
		at(s+"operation-id", "Created", rewrite("/pending\"", "/0123/pending\"")),
		at(s+"operation-id", "Created", rewrite("rehearsal-request/pending", "another/pending")),
		at(s+"issuer-name", "Created", put("Self", "issuer", "name")),
		at(s+"issuer-name", "Created", put(nil, "issuer")),
		at(s+"issuer-name-spelling", "Created", put("STAYS", "issuer", "name")),
		at(s+"csr-encoding", "Created", put("not base64!", "csr")),
		at(s+"csr-encoding", "Created", put("AAAA", "csr")),
		at(s+"csr-encoding", "Created", put(nil, "csr")),
		at(s+"csr-encoding", "Created", rewrite(`"csr":"`, `"csr":"-----BEGIN CERTIFICATE REQUEST-----`)),
		at(s+"csr-signature", "Created", spoiledSignature),
		at(s+"csr-subject", "Created", csr(nil)),
		at(s+"csr-default-key", "Created", csr(nil)),
		at(s+"csr-requested-key", "Elliptic", csr(nil)),
		at(s+"csr-subject-alternative-names", "Detailed", csr(nil)),
		at(s+"csr-subject-alternative-names", "Detailed", csr(func(r *x509.CertificateRequest) {
			r.DNSNames = []string{"detailed.example.com", "www.detailed.example.com", "more.example.com"}
		})),
		at(s+"csr-extended-key-usages", "Detailed", csr(nil)),
		at(s+"csr-key-usage", "Detailed", csr(nil)),
		at(s+"csr-not-authority", "Created", csr(authority)),
		at(s+"cancellation-not-requested", "Created", put(true, "cancellation_requested")),
		at(s+"cancellation-not-requested", "Created", put("false", "cancellation_requested")),
		at(s+"cancellation-not-requested", "Created", put(nil, "cancellation_requested")),
		at(s+"state", "Created", put("completed", "status")),
		at(s+"state", "Created", put("in progress", "status")),
		at(s+"state-spelling", "Created", put("INPROGRESS", "status")),
		at(s+"status-details", "Created", put("", "status_details")),
		at(s+"status-details", "Created", put(nil, "status_details")),
		at(s+"request-id", "Created", put(nil, "request_id")),
		at(s+"request-id", "Created", put(17, "request_id")),
		at(s+"request-id-format", "Created", put("0C3F-77", "request_id")),
		{rule: s + "request-id-unique", step: "Detailed", borrow: requestIDOf("RequestFromIssuer", "Created")},
		at(s+"no-error", "Created", put(map[string]any{"code": "x", "message": "y"}, "error")),
		at(s+"no-target", "Created", put("https://any/certificates/any", "target")),
		at(s+"unknown-issuer-status", "UnknownIssuer", status(202)),
		at(s+"unknown-issuer-status", "UnknownIssuer", status(500)),
		at(s+"unknown-issuer-error", "UnknownIssuer", put(nil, "error", "code")),
		at(s+"unknown-issuer-error", "UnknownIssuer", answer(400, "no such issuer")),
		at(s+"unknown-issuer-starts-nothing", "UnknownPending", found()),
		at(s+"issuer-set", "IssuerSet", status(201)),
		at(s+"issuer-set", "IssuerSet", put("Other", "provider")),
		at(s+"issuer-set", "IssuerSet", rewrite("/issuers/rehearsal-issuer", "/issuers/another")),
		at(s+"issuer-read", "IssuerRead", status(404)),
		at(s+"issuer-read", "IssuerRead", put("Other", "provider")),
		at(s+"issuer-read", "IssuerRead", put(nil, "credentials")),
		at(s+"issuer-read", "IssuerRead", put([]any{}, "org_details", "admin_details")),
		at(s+"issuer-password-kept", "IssuerRead", put("kvconform-no-such-password", "credentials", "pwd")),
		at(s+"issuer-password-kept", "IssuerSet", put("kvconform-no-such-password", "credentials", "pwd")),
		at(s+"issuer-referenced", "Created", status(400)),
		at(s+"retry-after", "Created", header("Retry-After", "")),
		at(s+"retry-after", "Created", header("Retry-After", "soon")),
	}
}

func brokenReads() []broken {
	const s = "read-in-progress/"
	return []broken{
		at(s+"status", "Read", gone()),
		at(s+"status", "Read", status(202)),
		at(s+"filter-match-status", "Matched", gone()),
		at(s+"filter-match-body", "Matched", put("other", "request_id")),
		at(s+"filter-match-body", "Matched", put("completed", "status")),
		at(s+"filter-mismatch-status", "Mismatched", found()),
		at(s+"filter-mismatch-status", "Mismatched", status(400)),
		at(s+"filter-mismatch-code", "Mismatched", put("NotFound", "error", "code")),
		at(s+"filter-mismatch-code", "Mismatched", put(nil, "error", "code")),
		at(s+"filter-foreign-status", "ForeignFilter", found()),
		at(s+"filter-mismatch-keeps", "ReadAfter", gone()),
		at(s+"filter-mismatch-keeps", "ReadAfter", put("cancelled", "status")),
		at(s+"filter-mismatch-keeps", "ReadAfter", put("other", "request_id")),
		at(s+"id-unchanged", "Read", put("https://any/certificates/any/pending", "id")),
		at(s+"csr-unchanged", "Read", csr(nil)),
		at(s+"request-id-unchanged", "Read", put("other", "request_id")),
		at(s+"issuer-unchanged", "Read", put("Self", "issuer", "name")),
		at(s+"own-operation", "OtherRead", rewrite("rehearsal-other", "rehearsal-reading")),
		at(s+"state", "Read", put("completed", "status")),
		at(s+"state", "Read", put(nil, "status")),
		at(s+"state-spelling", "Read", put("InProgress", "status")),
		at(s+"cancellation-not-requested", "Read", put(true, "cancellation_requested")),
		at(s+"cancellation-not-requested", "Read", put("no", "cancellation_requested")),
		at(s+"status-details", "Read", put(nil, "status_details")),
		at(s+"status-details", "Read", put(3, "status_details")),
		at(s+"no-outcome", "Read", put("https://any", "target")),
		at(s+"no-outcome", "Read", put(map[string]any{}, "error")),
		at(s+"repeatable", "ReadAgain", put("another explanation", "status_details")),
		at(s+"repeatable", "ReadAgain", gone()),
		at(s+"retry-after", "Read", header("Retry-After", "")),
	}
}

func brokenCompletions() []broken {
	const s = "read-completed/"
	return []broken{
		at(s+"status", "Looks", gone()),
		at(s+"status", "Looks", status(302)),
		at(s+"state", "Looks", put("complete", "status")),
		at(s+"state", "Looks", put("failed", "status")),
		at(s+"state-spelling", "Looks", put("Completed", "status")),
		at(s+"state-lasts", "Later", put("inProgress", "status")),
		at(s+"state-lasts", "Later", gone()),
		at(s+"same-request-throughout", "Looks", put("other", "request_id")),
		at(s+"target-present", "Looks", put(nil, "target")),
		at(s+"target-present", "Looks", put("/certificates/rehearsal-completed", "target")),
		at(s+"target-present", "Looks", put("https://elsewhere.example/certificates/rehearsal-completed", "target")),
		at(s+"target-certificate", "Looks", rewrite("/certificates/rehearsal-completed\"", "/certificates/rehearsal-completed/0123\"")),
		at(s+"target-certificate", "Looks", rewrite("/certificates/rehearsal-completed\"", "/certificates/another\"")),
		at(s+"target-query", "Looks", rewrite("/certificates/rehearsal-completed\"", "/certificates/rehearsal-completed?version=1\"")),
		at(s+"target-read", "Target", status(404)),
		at(s+"target-version", "Target", put("https://any/certificates/any/1", "id")),
		at(s+"target-version", "Target", func(t *testing.T, r *vault.Response) { put(withoutVersion(t, r), "id")(t, r) }),
		at(s+"id-unchanged", "Looks", put("https://any/certificates/any/pending", "id")),
		at(s+"csr-unchanged", "Looks", csr(nil)),
		at(s+"request-id-unchanged", "Looks", put("other", "request_id")),
		at(s+"issuer-unchanged", "Looks", put("Unknown", "issuer", "name")),
		at(s+"status-details", "Looks", put("done", "status_details")),
		at(s+"no-error", "Looks", put(map[string]any{"code": "x", "message": "y"}, "error")),
		at(s+"cancellation-not-requested", "Looks", put(true, "cancellation_requested")),
		at(s+"current-version", "Current", status(404)),
		at(s+"current-version", "Current", put(nil, "cer")),
		at(s+"current-version", "Current", put(nil, "kid")),
		at(s+"current-version", "Current", func(t *testing.T, r *vault.Response) { put(withoutVersion(t, r), "id")(t, r) }),
		at(s+"version-listed", "Versions", put([]any{}, "value")),
		at(s+"version-listed", "Versions", status(404)),
		at(s+"version-only", "Versions", put([]any{map[string]any{"id": "a"}, map[string]any{"id": "b"}}, "value")),
		at(s+"version-read", "Version", status(404)),
		at(s+"version-read", "Version", anotherCertificate),
		at(s+"public-key", "Current", anotherCertificate),
		at(s+"public-key", "Current", put("AAAA", "cer")),
		at(s+"filter-match", "Matched", gone()),
		at(s+"filter-mismatch", "Mismatched", found()),
	}
}

// withoutVersion is the id of a bundle less its version.
func withoutVersion(t *testing.T, r *vault.Response) string {
	t.Helper()
	decoded, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := decoded.(map[string]any)["id"].(string)
	return id[:strings.LastIndex(id, "/")]
}

func TestEveryRuleFallsWhenItsAnswerIsBroken(t *testing.T) {
	r := rehearse(t, reference(t, refvault.Observed), readingScenarios()...)
	cases := slices.Concat(brokenRequests(), brokenReads(), brokenCompletions(), brokenEnds(), brokenOverwriting(), brokenConflicts())
	seen := map[string]bool{}
	for _, b := range cases {
		seen[b.rule] = true
		t.Run(b.rule+" at "+b.step, func(t *testing.T) {
			spec, ok := r.book.Spec(b.rule)
			if !ok {
				t.Fatal("the rule has no spec")
			}
			play, step, edit := spec.Play, b.step, b.edit
			if play == "" {
				play, step, _ = strings.Cut(b.step, ".")
			}
			if b.borrow != nil {
				edit = b.borrow(t, r)
			}
			changed, err := r.edited(play, step, func(response *vault.Response) { edit(t, response) })
			if err != nil {
				t.Fatal(err)
			}
			finding := changed.judge(t, b.rule, scenarios.Either)
			if finding.Kind != specs.Broken {
				t.Fatalf("the rule is %s: %s", finding.Kind, finding.Text())
			}
			if finding.Expected == "" || finding.Got == "" || finding.Exchange == nil {
				t.Errorf("the finding does not say what was expected of which exchange and what came: %+v", finding)
			}
		})
	}
	for _, rule := range r.rules(readingScenarios()...) {
		if !seen[rule] {
			t.Errorf("no broken answer is made for %s", rule)
		}
	}
}

func TestARuleIsNotReachedWhereItsPreconditionNeverHeld(t *testing.T) {
	r := rehearse(t, reference(t, refvault.Observed), readingScenarios()...)
	for _, b := range []broken{
		at("read-in-progress/filter-mismatch-status", "Read", gone()),
		at("read-in-progress/state", "Created", put("completed", "status")),
		at("read-completed/target-query", "Looks", put(nil, "target")),
		at("read-completed/no-error", "Looks", put("failed", "status")),
		at("read-cancelled-or-failed/cancelled-state", "Looks", put("completed", "status")),
		at("read-cancelled-or-failed/cancelled-no-target", "Cancelled", status(http.StatusForbidden)),
		at("read-deleted-or-overwritten/deleted-status", "Read", gone()),
		at("read-deleted-or-overwritten/overwritten-filter-status", "Matched", gone()),
		at("conflict-while-in-progress/create-status", "Before", put("completed", "status")),
		at("conflict-while-in-progress/create-keeps-request", "CreatedAgain", status(http.StatusAccepted)),
		at("conflict-while-in-progress/merge-ends-it", "Merged", status(http.StatusForbidden)),
	} {
		spec, _ := r.book.Spec(b.rule)
		changed, err := r.edited(spec.Play, b.step, func(response *vault.Response) { b.edit(t, response) })
		if err != nil {
			t.Fatal(err)
		}
		finding := changed.judge(t, b.rule, scenarios.Either)
		if finding.Kind != specs.NotReached || finding.Reason == "" {
			t.Errorf("%s without its precondition: %s %q", b.rule, finding.Kind, finding.Reason)
		}
	}
}
