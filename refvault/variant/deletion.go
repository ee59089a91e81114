package variant

import (
	"net/http"
	"strings"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// levelled gives every certificate, item and deleted certificate another level of recovery.
func levelled(level string, days int) tamper.Edit {
	return func(a *tamper.Response) {
		for _, at := range []string{"", "value.*."} {
			tamper.Replace(at+"attributes.recoveryLevel", level)(a)
			if days >= 0 {
				tamper.Replace(at+"attributes.recoverableDays", days)(a)
			}
		}
	}
}

// protections are vaults that keep deleted certificates in other ways: not at all, or against their owner's will.
func protections() []Variant {
	return []Variant{
		{
			ID: "purge-protected", Title: "deleted certificates cannot be purged, and their level says so",
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(purgeProtected(next), tamper.Anything(), levelled("CustomizedRecoverable", -1))
			},
		},
		{
			ID: "purge-not-supported", Title: "deleted certificates cannot be purged, which returns 400 NotSupported",
			Wrap: func(next http.Handler) http.Handler {
				other := tamper.Handler(purgeProtected(next), tamper.Purge(), tamper.OnStatus(http.StatusForbidden,
					tamper.Status(http.StatusBadRequest), tamper.Set("error.code", "NotSupported")))
				return tamper.Handler(other, tamper.Anything(), levelled("CustomizedRecoverable", -1))
			},
		},
		{
			ID: "no-soft-delete", Title: "a deleted certificate is gone at once, and its level says so", Ambiguities: []string{"F-37"},
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(withoutSoftDelete(next), tamper.Anything(), levelled("Purgeable", 0))
			},
		},
		{
			ID: "purge-conflicts-at-first", Title: "two purges of a certificate that was just deleted are a conflict, the third is accepted",
			Ambiguities: []string{"F-20"}, Wrap: purgesLate,
		},
		{
			ID: "versions-of-nothing-not-found", Title: "a list of the versions of a name that does not exist returns 404",
			Ambiguities: []string{"F-23"},
			Alters:      func(a *tamper.Response) bool { return tamper.ListVersions()(a.Request) && emptyList(a) },
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(next, tamper.ListVersions(), tamper.Where(emptyList, func(a *tamper.Response) {
					a.Status = http.StatusNotFound
					a.SetObject(map[string]any{"error": map[string]any{"code": "CertificateNotFound", "message": "There is none."}})
				}))
			},
		},
		edits("tags-empty-instead-of-missing", "a certificate without tags has empty ones",
			tamper.Bundle().Or(tamper.Recover()).Or(tamper.Restore()).Or(tamper.DeletedBundle()), tamper.OnSuccess(func(a *tamper.Response) {
				if body := a.Object(); body != nil && body["tags"] == nil {
					tamper.Set("tags", map[string]any{})(a)
				}
			})),
	}
}

func emptyList(a *tamper.Response) bool {
	list, ok := a.Object()["value"].([]any)
	return a.OK() && ok && len(list) == 0
}

// purgesLate returns a conflict to the first two purges of a certificate that is deleted.
func purgesLate(next http.Handler) http.Handler {
	var mu sync.Mutex
	tries := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tamper.Purge()(r) {
			next.ServeHTTP(w, r)
			return
		}
		deleted := tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil)
		mu.Lock()
		tries[r.URL.Path]++
		early := tries[r.URL.Path] <= 2
		mu.Unlock()
		if !early || !deleted.OK() {
			next.ServeHTTP(w, r)
			return
		}
		deleted.Status = http.StatusConflict
		deleted.SetObject(map[string]any{"error": map[string]any{
			"code": "Conflict", "message": "The certificate is being deleted.", "innererror": map[string]any{"code": "ObjectIsBeingDeleted"},
		}})
		deleted.Write(w)
	})
}

// purgeProtected rejects every purge of a deleted certificate.
func purgeProtected(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tamper.Purge()(r) || !tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil).OK() {
			next.ServeHTTP(w, r)
			return
		}
		a := &tamper.Response{Status: http.StatusForbidden, Header: http.Header{}, Request: r}
		for name, values := range tamper.AskPath(next, r, http.MethodGet, r.URL.Path, nil).Header {
			a.Header[name] = values
		}
		a.SetObject(map[string]any{"error": map[string]any{"code": "Forbidden", "message": "The vault is protected against purges."}})
		a.Write(w)
	})
}

// withoutSoftDelete purges a certificate as soon as it is deleted.
func withoutSoftDelete(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tamper.DeleteCertificate()(r) {
			next.ServeHTTP(w, r)
			return
		}
		a := tamper.Pass(next, r)
		if a.OK() {
			base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
			tamper.AskPath(next, r, http.MethodDelete, base+"/deletedcertificates/"+tamper.Name(r), nil)
			for _, member := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
				tamper.Drop(member)(a)
			}
		}
		a.Write(w)
	})
}

// hidesStubs does not find a certificate that has no version: it can neither be read nor deleted.
func hidesStubs() Variant {
	stub := func(a *tamper.Response) bool { return a.OK() && a.Object()["cer"] == nil }
	missing := tamper.Where(stub, func(a *tamper.Response) {
		a.Status = http.StatusNotFound
		a.SetObject(problem("CertificateNotFound"))
	})
	v := edits("stub-not-found", "a certificate whose only request is in progress, or was deleted or cancelled, is not found",
		tamper.ReadCertificate().Or(tamper.DeleteCertificate()), missing, "F-15", "F-16").
		warns("create-manually/unfinished-deleted")
	v.Wrap = func(next http.Handler) http.Handler {
		reading := tamper.Handler(next, tamper.ReadCertificate(), missing)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tamper.DeleteCertificate()(r) {
				if now := tamper.Ask(next, r, http.MethodGet, "", nil); stub(now) {
					missing(now)
					now.Write(w)
					return
				}
			}
			reading.ServeHTTP(w, r)
		})
	}
	return v
}
