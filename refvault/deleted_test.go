package refvault_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
)

func TestDeletedCertificateCanBeSeenRecoveredAndPurged(t *testing.T) {
	b := newBench(t, nil)
	live := b.completed("Cert")
	deleted := b.send(http.MethodDelete, "/certificates/cert", nil).must(http.StatusOK)
	deleted.hasExactly("recoveryId", "deletedDate", "scheduledPurgeDate",
		"id", "kid", "sid", "x5t", "cer", "attributes", "policy", "pending")
	if deleted.text("recoveryId") != b.server.URL+"/deletedcertificates/Cert" || deleted.text("id") != live.text("id") ||
		deleted.number("scheduledPurgeDate")-deleted.number("deletedDate") != 7*86400 {
		t.Errorf("deleted: %s", deleted.Text)
	}
	version := strings.TrimPrefix(live.text("id"), b.server.URL)
	for _, path := range []string{"/certificates/cert", "/certificates/cert/policy", version} {
		b.send(http.MethodGet, path, nil).refused(http.StatusNotFound, "CertificateNotFound")
	}
	b.pending("cert").refused(http.StatusNotFound, "PendingCertificateNotFound")
	b.send(http.MethodDelete, "/certificates/cert", nil).refused(http.StatusNotFound, "CertificateNotFound")
	for _, path := range []string{"create", "import"} {
		body := createBody("Self")
		if path == "import" {
			body = importBody(t)
		}
		r := b.send(http.MethodPost, "/certificates/CERT/"+path, body).refused(http.StatusConflict, "Conflict")
		if got := r.text("error", "innererror", "code"); got != "ObjectIsDeletedButRecoverable" {
			t.Errorf("%s: innererror %q", path, got)
		}
	}
	if got := b.send(http.MethodGet, "/deletedcertificates/cert", nil).must(http.StatusOK).Text; got != deleted.Text {
		t.Errorf("read: %s", got)
	}
	if got := b.send(http.MethodPost, "/deletedcertificates/cert/recover", nil).must(http.StatusOK).Text; got != live.Text {
		t.Errorf("recovered: %s, want %s", got, live.Text)
	}
	if got := b.send(http.MethodGet, version, nil).must(http.StatusOK).text("cer"); got != live.text("cer") {
		t.Errorf("the version changed: %s", got)
	}
	b.send(http.MethodDelete, "/certificates/cert", nil).must(http.StatusOK)
	if purged := b.send(http.MethodDelete, "/deletedcertificates/cert", nil).must(http.StatusNoContent); purged.Text != "" ||
		purged.Header.Get("Content-Type") != "" {
		t.Errorf("an answer without content has some: %q %v", purged.Text, purged.Header)
	}
	b.send(http.MethodGet, "/deletedcertificates/cert", nil).refused(http.StatusNotFound, "CertificateNotFound")
	b.create("cert", "Self")
}

func TestWhatWasNeverDeleted(t *testing.T) {
	b := newBench(t, nil)
	b.completed("live")
	for _, name := range []string{"none", "live"} {
		b.send(http.MethodGet, "/deletedcertificates/"+name, nil).refused(http.StatusNotFound, "CertificateNotFound")
		b.send(http.MethodDelete, "/deletedcertificates/"+name, nil).refused(http.StatusNotFound, "CertificateNotFound")
		b.send(http.MethodPost, "/deletedcertificates/"+name+"/recover", nil).refused(http.StatusNotFound, "CertificateNotFound")
	}
	for _, request := range []string{"GET ", "DELETE ", "GET /policy", "POST /backup", "PATCH ", "PATCH /policy"} {
		method, path, _ := strings.Cut(request, " ")
		b.send(method, "/certificates/none"+path, `{}`).refused(http.StatusNotFound, "CertificateNotFound")
	}
}

func TestDeletingRecoveringAndPurgingTakeTime(t *testing.T) {
	const lag = 3 * time.Second
	b := newBench(t, func(o *refvault.Options) { o.DeleteAfter = lag })
	b.completed("a")
	inner := func(r *reply, want string) {
		t.Helper()
		if got := r.refused(http.StatusConflict, "Conflict").text("error", "innererror", "code"); got != want {
			t.Errorf("innererror %q, want %q", got, want)
		}
	}
	gone := func() {
		t.Helper()
		b.send(http.MethodGet, "/certificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
		b.send(http.MethodGet, "/deletedcertificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
	}

	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	gone()
	inner(b.send(http.MethodDelete, "/deletedcertificates/a", nil), "ObjectIsBeingDeleted")
	inner(b.send(http.MethodPost, "/deletedcertificates/a/recover", nil), "ObjectIsBeingDeleted")
	inner(b.send(http.MethodPost, "/certificates/a/create", createBody("Self")), "ObjectIsBeingDeleted")
	b.clock.Advance(lag)
	b.send(http.MethodGet, "/deletedcertificates/a", nil).must(http.StatusOK)

	b.send(http.MethodPost, "/deletedcertificates/a/recover", nil).must(http.StatusOK)
	gone()
	b.send(http.MethodPost, "/certificates/a/create", createBody("Self")).refused(http.StatusConflict, "Conflict")
	b.clock.Advance(lag)
	b.send(http.MethodGet, "/certificates/a", nil).must(http.StatusOK)

	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	b.clock.Advance(lag)
	b.send(http.MethodDelete, "/deletedcertificates/a", nil).must(http.StatusNoContent)
	gone()
	inner(b.send(http.MethodPost, "/certificates/a/create", createBody("Self")), "ObjectIsBeingDeleted")
	b.clock.Advance(lag)
	b.create("a", "Self")
}

func TestDeletedCertificateIsPurgedOnItsDate(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.RecoverableDays = 90 })
	if got := b.completed("a").text("attributes", "recoveryLevel"); got != "Recoverable+Purgeable" {
		t.Errorf("recoveryLevel %q", got)
	}
	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	b.clock.Advance(90*24*time.Hour - time.Second)
	b.send(http.MethodGet, "/deletedcertificates/a", nil).must(http.StatusOK)
	b.clock.Advance(time.Second)
	b.send(http.MethodGet, "/deletedcertificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
}

func TestPlaceholderCanBeDeleted(t *testing.T) {
	b := newBench(t, nil)
	b.create("a", "stays")
	b.send(http.MethodDelete, "/certificates/a/pending", nil).must(http.StatusOK)
	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK).
		hasExactly("recoveryId", "deletedDate", "scheduledPurgeDate", "id", "attributes", "policy")
}

func TestBackupBringsEverythingBack(t *testing.T) {
	b := newBench(t, nil)
	b.completed("a")
	b.send(http.MethodPatch, "/certificates/a", `{"tags":{"k":"v"}}`).must(http.StatusOK)
	live := b.completed("a")
	versions := b.send(http.MethodGet, "/certificates/a/versions", nil).Text
	backup := b.send(http.MethodPost, "/certificates/a/backup", nil).must(http.StatusOK).hasExactly("value")
	if _, err := base64.RawURLEncoding.DecodeString(backup.text("value")); err != nil {
		t.Error(err)
	}
	restore := func() *reply { return b.send(http.MethodPost, "/certificates/restore", backup.Body) }

	restore().refused(http.StatusConflict, "Conflict")
	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	if got := restore().refused(http.StatusConflict, "Conflict").text("error", "innererror", "code"); got != "ObjectIsDeletedButRecoverable" {
		t.Errorf("innererror %q", got)
	}
	b.send(http.MethodDelete, "/deletedcertificates/a", nil).must(http.StatusNoContent)
	restored := restore().must(http.StatusOK)
	delete(live.Body, "pending")
	for _, member := range []string{"id", "kid", "sid", "x5t", "cer"} {
		if restored.text(member) != live.text(member) {
			t.Errorf("%s %q, want %q", member, restored.text(member), live.text(member))
		}
	}
	if len(restored.Body) != len(live.Body) {
		t.Errorf("restored: %s", restored.Text)
	}
	if got := b.send(http.MethodGet, "/certificates/a/versions", nil).Text; got != versions {
		t.Errorf("versions: %s, want %s", got, versions)
	}
	b.completed("a") // with the policy that was restored
}

func TestBackupsThatAreNone(t *testing.T) {
	b := newBench(t, nil)
	b.completed("a")
	value := b.send(http.MethodPost, "/certificates/a/backup", nil).text("value")
	b.send(http.MethodDelete, "/certificates/a", nil).must(http.StatusOK)
	b.send(http.MethodDelete, "/deletedcertificates/a", nil).must(http.StatusNoContent)
	for name, broken := range map[string]string{
		"garbage":  "Z2FyYmFnZQ",
		"no text":  "???",
		"cut":      value[:len(value)-8],
		"changed":  value[:len(value)-8] + "AAAAAAAA",
		"a header": value[:52],
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.send(http.MethodPost, "/certificates/restore", map[string]string{"value": broken}).
				refused(http.StatusBadRequest, "Malformed backup blob")
		})
	}
	b.t = t
	b.send(http.MethodPost, "/certificates/restore", `{}`).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodGet, "/certificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
}
