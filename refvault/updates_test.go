package refvault_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestUpdatesOfACertificate(t *testing.T) {
	b := newBench(t, nil)
	first := b.completed("a")
	second := b.completed("a")
	b.clock.Advance(time.Minute)
	old, err := url.Parse(first.text("id"))
	if err != nil {
		t.Fatal(err)
	}

	r := b.send(http.MethodPatch, "/certificates/a/", `{"tags":{"a":"1","b":"2"},"attributes":{"enabled":false,"exp":1,"nbf":1}}`).must(http.StatusOK)
	r.hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "tags", "policy", "pending")
	if r.text("id") != second.text("id") || r.at("attributes", "enabled") != false || r.text("tags", "b") != "2" ||
		r.number("attributes", "exp") != second.number("attributes", "exp") ||
		r.number("attributes", "updated") != b.clock.Now().Unix() {
		t.Errorf("updated: %s", r.Text)
	}
	if r = b.send(http.MethodPatch, "/certificates/a", `{"tags":{"c":"3"}}`).must(http.StatusOK); r.at("tags", "a") != nil ||
		r.text("tags", "c") != "3" || r.at("attributes", "enabled") != false {
		t.Errorf("tags are not replaced: %s", r.Text)
	}
	if r = b.send(http.MethodPatch, "/certificates/a", `{}`).must(http.StatusOK); r.text("tags", "c") != "3" {
		t.Errorf("tags are lost: %s", r.Text)
	}
	if r = b.send(http.MethodPatch, "/certificates/a", `{"tags":{}}`).must(http.StatusOK); !strings.Contains(r.Text, `"tags":{}`) {
		t.Errorf("tags are not emptied: %s", r.Text)
	}
	r = b.send(http.MethodPatch, old.Path, `{"tags":{"old":"1"}}`).must(http.StatusOK)
	r.hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "tags", "pending")
	if r.text("id") != first.text("id") {
		t.Errorf("another version was updated: %s", r.Text)
	}
	b.send(http.MethodPatch, "/certificates/a", map[string]any{"tags": manyTags(16)}).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodPatch, "/certificates/a/"+strings.Repeat("0", 32), `{}`).refused(http.StatusNotFound, "CertificateNotFound")
}

func TestUpdatesOfAPolicy(t *testing.T) {
	b := newBench(t, nil)
	live := b.completed("a")
	before := b.send(http.MethodGet, "/certificates/a/policy", nil)
	b.clock.Advance(time.Minute)
	const path = "/certificates/a/policy"

	r := b.send(http.MethodPatch, path, `{"key_props":{"kty":"EC","crv":"P-256K"},"id":"x","attributes":{"created":1}}`).must(http.StatusOK)
	if r.text("key_props", "crv") != "P-256K" || r.number("key_props", "key_size") != 256 || r.text("id") != before.text("id") ||
		r.text("x509_props", "subject") != "CN=example.com" || r.text("issuer", "name") != "Self" ||
		r.number("attributes", "created") != before.number("attributes", "created") ||
		r.number("attributes", "updated") != before.number("attributes", "updated")+61 {
		t.Errorf("updated: %s", r.Text)
	}
	if r = b.send(http.MethodPatch, path, `{"key_props":{"kty":"RSA"}}`).must(http.StatusOK); r.number("key_props", "key_size") != 2048 ||
		r.at("key_props", "crv") != nil {
		t.Errorf("another kind of key: %s", r.Text)
	}
	r = b.send(http.MethodPatch, path, map[string]any{
		"lifetime_actions": []any{action("EmailContacts", map[string]any{"days_before_expiry": 5})},
	}).must(http.StatusOK)
	if strings.Contains(r.Text, "lifetime_percentage") || actionOf(r) != "EmailContacts" {
		t.Errorf("lifetime actions are merged, not replaced: %s", r.Text)
	}
	if r = b.send(http.MethodPatch, path, `{"x509_props":{"validity_months":6}}`).must(http.StatusOK); r.text("x509_props", "subject") != "CN=example.com" {
		t.Errorf("members of a group are lost: %s", r.Text)
	}
	good := r.Text
	for _, bad := range []string{
		`{"issuer":{"name":"nobody"}}`, `{"key_props":{"kty":"DSA"}}`, `{"x509_props":{"subject":"x"}}`, `{"lifetime_actions":[{},{}]}`,
	} {
		b.send(http.MethodPatch, path, bad).refused(http.StatusBadRequest, "BadParameter")
	}
	if after := b.send(http.MethodGet, path, nil).Text; after != good {
		t.Errorf("a refused update changed the policy: %s", after)
	}
	if after := b.send(http.MethodGet, "/certificates/a", nil); after.text("id") != live.text("id") || after.text("cer") != live.text("cer") {
		t.Errorf("the version changed: %s", after.Text)
	}
}
