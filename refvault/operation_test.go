package refvault_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
)

func TestCreateAnswersWithWhereToLook(t *testing.T) {
	for _, manner := range []refvault.Manner{refvault.Observed, refvault.Documented} {
		for _, issuer := range []string{"Self", "self", "stays", "Unknown"} {
			t.Run(string(manner)+"/"+issuer, func(t *testing.T) {
				b := newBench(t, func(o *refvault.Options) { o.Manner = manner })
				r := b.create("a", issuer)
				members := []string{"id", "issuer", "csr", "status", "status_details", "request_id"}
				if manner == refvault.Observed || issuer != "Unknown" {
					members = append(members, "cancellation_requested")
				}
				r.hasExactly(members...)
				id := r.text("request_id")
				if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
					t.Errorf("request_id %q", id)
				}
				want := b.server.URL + "/certificates/a/pending"
				if got := r.text("id"); got != want {
					t.Errorf("id %q, want %q", got, want)
				}
				if got := r.Header.Get("Location"); got != want+"?api-version=7.4&request_id="+id {
					t.Errorf("Location %q", got)
				}
				if got := r.text("issuer", "name"); got != issuer {
					t.Errorf("issuer %q, want %q", got, issuer)
				}
				if got := r.text("status"); got != "inProgress" {
					t.Errorf("status %q", got)
				}
				wantRetry := map[refvault.Manner]string{refvault.Observed: "10", refvault.Documented: ""}[manner]
				if got := r.Header.Get("Retry-After"); got != wantRetry {
					t.Errorf("Retry-After %q, want %q", got, wantRetry)
				}
				b.sendRaw(http.MethodGet, r.Header.Get("Location"), nil, nil).must(http.StatusOK)
			})
		}
	}
}

func TestOperationEndsAsItsIssuerHasIt(t *testing.T) {
	for _, test := range []struct {
		issuer string
		manner refvault.Manner
		status string
		code   string
		// members beyond id, issuer, csr, cancellation_requested, status and request_id
		members []string
		target  string
	}{
		{"Self", refvault.Observed, "completed", "", []string{"target"}, "/certificates/a"},
		{"Self", refvault.Documented, "completed", "", []string{"target"}, "/certificates/a?api-version=7.4"},
		{"completes", refvault.Observed, "completed", "", []string{"target"}, "/certificates/a"},
		{"Completes", refvault.Observed, "completed", "", []string{"target"}, "/certificates/a"},
		{"fails", refvault.Observed, "failed", "Certificate issuer error", []string{"error"}, ""},
		{"fails", refvault.Documented, "failed", "Certificate issuer error", []string{"error", "status_details"}, ""},
		{"rejects", refvault.Observed, "failed", "Request rejected", []string{"error"}, ""},
		{"stays", refvault.Observed, "inProgress", "", []string{"status_details"}, ""},
		{"Unknown", refvault.Observed, "inProgress", "", []string{"status_details"}, ""},
	} {
		t.Run(test.issuer+"/"+string(test.manner), func(t *testing.T) {
			b := newBench(t, func(o *refvault.Options) { o.Manner = test.manner })
			created := b.create("a", test.issuer)
			b.clock.Advance(199 * time.Millisecond)
			if got := b.pending("a").must(http.StatusOK).text("status"); got != "inProgress" {
				t.Errorf("before its time: status %q", got)
			}
			b.clock.Advance(time.Millisecond)
			r := b.pending("a").must(http.StatusOK)
			r.hasExactly(append(test.members, "id", "issuer", "csr", "cancellation_requested", "status", "request_id")...)
			if got := r.text("status"); got != test.status {
				t.Errorf("status %q, want %q", got, test.status)
			}
			if got := r.text("error", "code"); got != test.code {
				t.Errorf("error code %q, want %q", got, test.code)
			}
			if test.target != "" && r.text("target") != b.server.URL+test.target {
				t.Errorf("target %q", r.text("target"))
			}
			for _, member := range []string{"id", "csr", "request_id"} {
				if r.text(member) != created.text(member) {
					t.Errorf("%s changed", member)
				}
			}
			if polled := r.Header.Get("Retry-After") != ""; polled != (test.manner == refvault.Observed && test.status == "inProgress") {
				t.Errorf("Retry-After present: %v", polled)
			}
		})
	}
}

func TestCancellationTakesItsTime(t *testing.T) {
	for _, test := range []struct {
		issuer string
		manner refvault.Manner
		want   string
	}{
		{"stays", refvault.Observed, "cancelled"},
		{"stays", refvault.Documented, "canceled"},
		{"Unknown", refvault.Observed, "cancelled"},
		{"Self", refvault.Observed, "cancelled"},
	} {
		t.Run(test.issuer+"/"+string(test.manner), func(t *testing.T) {
			b := newBench(t, func(o *refvault.Options) { o.Manner = test.manner })
			b.create("a", test.issuer)
			for range 2 { // asking twice is no error and does not put it off
				r := b.cancel("a", true).must(http.StatusOK)
				if r.text("status") != "inProgress" || r.at("cancellation_requested") != true {
					t.Errorf("answer to the cancellation: %s", r.Text)
				}
				if r.Header.Get("Retry-After")+r.Header.Get("Location") != "" {
					t.Errorf("headers of an answer that is not to be polled: %v", r.Header)
				}
				if got := b.pending("a").text("status"); got != "inProgress" {
					t.Errorf("before its time: %q", got)
				}
				b.clock.Advance(50 * time.Millisecond)
			}
			r := b.pending("a").must(http.StatusOK)
			members := []string{"id", "issuer", "csr", "cancellation_requested", "status", "request_id"}
			if test.manner == refvault.Documented {
				members = append(members, "status_details")
			}
			r.hasExactly(members...)
			if r.text("status") != test.want || r.at("cancellation_requested") != true {
				t.Errorf("after its time: %s", r.Text)
			}
			b.clock.Advance(time.Hour)
			if got := b.pending("a").text("status"); got != test.want {
				t.Errorf("an hour later: %q", got)
			}
		})
	}
}

func TestCancellationLosesTheRaceAgainstAnIssuerThatIsDueFirst(t *testing.T) {
	b := newBench(t, nil)
	b.create("a", "completes")
	b.clock.Advance(150 * time.Millisecond)
	b.cancel("a", true).must(http.StatusOK)
	b.clock.Advance(time.Second)
	r := b.pending("a")
	if r.text("status") != "completed" || r.at("cancellation_requested") != true {
		t.Errorf("operation: %s", r.Text)
	}
}

func TestCancellationThatIsNotOne(t *testing.T) {
	b := newBench(t, nil)
	before := b.create("a", "stays")
	if r := b.cancel("a", false).must(http.StatusOK); r.Text != before.Text {
		t.Errorf("a false changed the operation: %s", r.Text)
	}
	b.send(http.MethodPatch, "/certificates/a/pending", `{}`).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodPatch, "/certificates/a/pending", `{"cancellation_requested":"true"}`).
		refused(http.StatusBadRequest, "BadParameter")
	b.cancel("none", true).refused(http.StatusNotFound, "PendingCertificateNotFound")
	b.clock.Advance(time.Hour)
	if r := b.pending("a"); r.Text != before.Text {
		t.Errorf("the operation changed: %s", r.Text)
	}
}

func TestCancellationThatComesTooLate(t *testing.T) {
	for _, issuer := range []string{"Self", "fails"} {
		for manner, want := range map[refvault.Manner]struct {
			status int
			code   string
		}{
			refvault.Observed:   {http.StatusForbidden, "Forbidden"},
			refvault.Documented: {http.StatusBadRequest, "BadParameter"},
		} {
			t.Run(issuer+"/"+string(manner), func(t *testing.T) {
				b := newBench(t, func(o *refvault.Options) { o.Manner = manner })
				b.create("a", issuer)
				b.clock.Advance(time.Second)
				before := b.pending("a").Text
				b.cancel("a", true).refused(want.status, want.code)
				if after := b.pending("a").Text; after != before {
					t.Errorf("the operation changed: %s", after)
				}
			})
		}
	}
}

func TestRequestIDFiltersAndChangesNothing(t *testing.T) {
	b := newBench(t, nil)
	created := b.create("a", "stays")
	right := "?request_id=" + created.text("request_id")
	for _, wrong := range []string{"?request_id=" + strings.Repeat("0", 32), "?request_id=x"} {
		path := "/certificates/a/pending" + wrong
		b.send(http.MethodGet, path, nil).refused(http.StatusNotFound, "PendingCertificateNotFound")
		b.send(http.MethodPatch, path, `{"cancellation_requested":true}`).refused(http.StatusNotFound, "PendingCertificateNotFound")
		b.send(http.MethodDelete, path, nil).refused(http.StatusNotFound, "PendingCertificateNotFound")
	}
	b.clock.Advance(time.Second)
	if r := b.send(http.MethodGet, "/certificates/a/pending"+right, nil).must(http.StatusOK); r.Text != created.Text {
		t.Errorf("the operation changed: %s", r.Text)
	}
	b.send(http.MethodPatch, "/certificates/a/pending"+right, `{"cancellation_requested":true}`).must(http.StatusOK)
	b.send(http.MethodDelete, "/certificates/a/pending"+right, nil).must(http.StatusOK)
	b.pending("a").refused(http.StatusNotFound, "PendingCertificateNotFound")
}

func TestDeletedOperationAnswersAsItStood(t *testing.T) {
	for _, manner := range []refvault.Manner{refvault.Observed, refvault.Documented} {
		for _, issuer := range []string{"stays", "Self", "fails", "Unknown"} {
			t.Run(string(manner)+"/"+issuer, func(t *testing.T) {
				b := newBench(t, func(o *refvault.Options) { o.Manner = manner })
				b.create("a", issuer)
				b.clock.Advance(time.Second)
				before := b.pending("a")
				r := b.send(http.MethodDelete, "/certificates/a/pending", nil).must(http.StatusOK)
				if manner == refvault.Documented {
					delete(before.Body, "status_details")
				}
				for name := range before.Body {
					if got, want := r.text(name), before.text(name); got != want {
						t.Errorf("%s %q, want %q", name, got, want)
					}
				}
				if len(r.Body) != len(before.Body) {
					t.Errorf("members: %s", r.Text)
				}
				b.pending("a").refused(http.StatusNotFound, "PendingCertificateNotFound")
				b.send(http.MethodDelete, "/certificates/a/pending", nil).refused(http.StatusNotFound, "PendingCertificateNotFound")
			})
		}
	}
}

func TestPlaceholderStaysWhenItsOperationIsDeleted(t *testing.T) {
	b := newBench(t, nil)
	b.create("a", "Self")
	stub := b.send(http.MethodGet, "/certificates/a", nil).must(http.StatusOK)
	stub.hasExactly("id", "attributes", "policy", "pending")
	if stub.at("attributes", "enabled") != false {
		t.Errorf("a placeholder is enabled: %s", stub.Text)
	}
	address, err := url.Parse(stub.text("id"))
	if err != nil {
		t.Fatal(err)
	}
	b.send(http.MethodGet, address.Path, nil).must(http.StatusOK).hasExactly("id", "attributes")
	b.send(http.MethodDelete, "/certificates/a/pending", nil).must(http.StatusOK)
	b.clock.Advance(time.Hour)
	r := b.send(http.MethodGet, "/certificates/a", nil).must(http.StatusOK)
	r.hasExactly("id", "attributes", "policy")
	if r.text("id") != stub.text("id") {
		t.Errorf("id %q, want %q", r.text("id"), stub.text("id"))
	}
	if versions, _ := b.send(http.MethodGet, "/certificates/a/versions", nil).at("value").([]any); len(versions) != 0 {
		t.Errorf("versions: %v", versions)
	}
	b.send(http.MethodPost, "/certificates/a/create", `{}`).must(http.StatusAccepted)
	if again := b.send(http.MethodGet, "/certificates/a", nil).text("id"); again != stub.text("id") {
		t.Errorf("a second create made another placeholder: %q", again)
	}
	b.clock.Advance(time.Hour)
	if done := b.send(http.MethodGet, "/certificates/a", nil); done.text("id") == stub.text("id") || done.text("kid") == "" {
		t.Errorf("after a second create: %s", done.Text)
	}
	b.send(http.MethodGet, address.Path, nil).refused(http.StatusNotFound, "CertificateNotFound")
}

func TestConflictWhileInProgress(t *testing.T) {
	for manner, code := range map[refvault.Manner]string{refvault.Observed: "Conflict", refvault.Documented: "Forbidden"} {
		t.Run(string(manner), func(t *testing.T) {
			b := newBench(t, func(o *refvault.Options) { o.Manner = manner })
			b.create("a", "stays")
			before := b.pending("a").Text
			policy := b.send(http.MethodGet, "/certificates/a/policy", nil).Text
			b.clock.Advance(time.Second)
			b.send(http.MethodPost, "/certificates/A/create", createBody("Self")).refused(http.StatusConflict, code)
			b.send(http.MethodPost, "/certificates/a/import", importBody(t)).refused(http.StatusConflict, code)
			if after := b.pending("a").Text; after != before {
				t.Errorf("the operation changed: %s", after)
			}
			if after := b.send(http.MethodGet, "/certificates/a/policy", nil).Text; after != policy {
				t.Errorf("the policy changed: %s", after)
			}
			b.create("b", "stays")
		})
	}
}

func TestOperationThatIsOverCanBeOverwritten(t *testing.T) {
	for _, issuer := range []string{"Self", "fails", "rejects", "cancelled", "deleted"} {
		t.Run(issuer, func(t *testing.T) {
			b := newBench(t, nil)
			var old *reply
			switch issuer {
			case "cancelled":
				old = b.create("a", "stays")
				b.cancel("a", true).must(http.StatusOK)
			case "deleted":
				old = b.create("a", "stays")
				b.send(http.MethodDelete, "/certificates/a/pending", nil).must(http.StatusOK)
			default:
				old = b.create("a", issuer)
			}
			b.clock.Advance(time.Second)
			overwritten := b.create("a", "stays")
			if overwritten.text("request_id") == old.text("request_id") || overwritten.text("csr") == old.text("csr") {
				t.Errorf("the new operation is the old one: %s", overwritten.Text)
			}
			b.send(http.MethodGet, "/certificates/a/pending?request_id="+old.text("request_id"), nil).
				refused(http.StatusNotFound, "PendingCertificateNotFound")
			if got := b.pending("a").text("request_id"); got != overwritten.text("request_id") {
				t.Errorf("request_id %q", got)
			}
		})
	}
}

func TestSigningRequestAlone(t *testing.T) {
	b := newBench(t, nil)
	created := b.create("a", "Unknown")
	header := http.Header{"Accept": {"application/pkcs10"}}
	r := b.sendRaw(http.MethodGet, b.server.URL+"/certificates/a/pending?api-version=7.4", nil, header).must(http.StatusOK)
	if got := r.Header.Get("Content-Type"); got != "application/pkcs10; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	if _, err := base64.StdEncoding.DecodeString(r.Text); err != nil || r.Text != created.text("csr") {
		t.Errorf("body %q", r.Text)
	}
}

func TestRetryAfterIsWhatWasAskedFor(t *testing.T) {
	for asked, want := range map[time.Duration]string{
		0: "10", time.Second: "1", 100 * time.Millisecond: "1", 2500 * time.Millisecond: "3", -1: "",
	} {
		b := newBench(t, func(o *refvault.Options) { o.RetryAfter = asked })
		if got := b.create("a", "stays").Header.Get("Retry-After"); got != want {
			t.Errorf("%v: Retry-After %q, want %q", asked, got, want)
		}
	}
}

func (b *bench) cancel(name string, requested bool) *reply {
	b.t.Helper()
	return b.send(http.MethodPatch, "/certificates/"+name+"/pending", map[string]bool{"cancellation_requested": requested})
}
