package refvault_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestIssuersAreSetReplacedChangedAndDeleted(t *testing.T) {
	b := newBench(t, nil)
	const path = "/certificates/issuers/My-Issuer"
	r := b.send(http.MethodPut, path, map[string]any{
		"provider": "Test", "credentials": map[string]any{"account_id": "me", "pwd": "secret"},
		"org_details": map[string]any{"id": "org", "admin_details": []any{map[string]any{"email": "a@b"}}},
	}).must(http.StatusOK)
	r.hasExactly("id", "provider", "credentials", "org_details", "attributes")
	if strings.Contains(r.Text, "pwd") || strings.Contains(r.Text, "secret") {
		t.Errorf("the password came back: %s", r.Text)
	}
	if r.text("id") != b.server.URL+path || r.text("credentials", "account_id") != "me" || r.at("org_details", "zip") != 0.0 ||
		r.at("attributes", "enabled") != true {
		t.Errorf("issuer: %s", r.Text)
	}
	b.clock.Advance(time.Minute)
	changed := b.send(http.MethodPatch, path, `{"attributes":{"enabled":false},"org_details":{}}`).must(http.StatusOK)
	if changed.text("provider") != "Test" || changed.text("credentials", "account_id") != "me" ||
		changed.at("attributes", "enabled") != false || changed.at("org_details", "id") != nil {
		t.Errorf("changed: %s", changed.Text)
	}
	if got := b.send(http.MethodGet, "/certificates/issuers/my-issuer", nil).must(http.StatusOK).Text; got != changed.Text {
		t.Errorf("read: %s", got)
	}
	replaced := b.send(http.MethodPut, path, `{"provider":"DigiCert"}`).must(http.StatusOK)
	replaced.hasExactly("id", "provider", "attributes")
	if replaced.number("attributes", "created") != r.number("attributes", "created") ||
		replaced.number("attributes", "updated") != r.number("attributes", "updated")+60 {
		t.Errorf("times: %s", replaced.Text)
	}
	if got := b.send(http.MethodDelete, path, nil).must(http.StatusOK).Text; got != replaced.Text {
		t.Errorf("deleted: %s", got)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		b.send(method, path, nil).refused(http.StatusNotFound, "CertificateIssuerNotFound")
	}
	b.send(http.MethodPatch, path, `{}`).refused(http.StatusNotFound, "CertificateIssuerNotFound")
}

func TestIssuersThatCannotBeSet(t *testing.T) {
	b := newBench(t, nil)
	b.send(http.MethodPut, "/certificates/issuers/a", `{}`).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodPut, "/certificates/issuers/self", `{"provider":"Test"}`).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodGet, "/certificates/issuers/a", nil).refused(http.StatusNotFound, "CertificateIssuerNotFound")
}

func TestOutcomeComesFromTheProvider(t *testing.T) {
	b := newBench(t, nil)
	for provider, want := range map[string]string{
		"Stays": "inProgress", "Completes": "completed", "FAILS": "failed", "Rejects": "failed", "DigiCert": "completed",
	} {
		b.send(http.MethodPut, "/certificates/issuers/of-"+provider, map[string]any{"provider": provider}).must(http.StatusOK)
		b.create(provider, "of-"+provider)
		b.clock.Advance(time.Second)
		if got := b.pending(provider).text("status"); got != want {
			t.Errorf("%s: status %q, want %q", provider, got, want)
		}
	}
}

func TestContactsAreOneListForTheVault(t *testing.T) {
	b := newBench(t, nil)
	const path = "/certificates/contacts"
	b.send(http.MethodGet, path, nil).refused(http.StatusNotFound, "ContactsNotFound")
	b.send(http.MethodDelete, path, nil).refused(http.StatusNotFound, "ContactsNotFound")
	b.send(http.MethodPut, path, `{}`).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodPut, path, `{"contacts":[{"email":"old@b"}]}`).must(http.StatusOK)
	set := b.send(http.MethodPut, path, `{"contacts":[{"email":"a@b"},{"email":"c@d","name":"C","phone":"1"}]}`).must(http.StatusOK)
	want := `{"id":"` + b.server.URL + path + `","contacts":[{"email":"a@b"},{"email":"c@d","name":"C","phone":"1"}]}`
	if set.Text != want {
		t.Errorf("set: %s", set.Text)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if got := b.send(method, path, nil).must(http.StatusOK).Text; got != want {
			t.Errorf("%s: %s", method, got)
		}
	}
	b.send(http.MethodGet, path, nil).refused(http.StatusNotFound, "ContactsNotFound")
}
