package profile

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// A store keeps what was sent as the certificate of a version, whatever it is. The vault within makes a version of its
// own for each, whose certificate is never shown.
type store struct {
	// derives reports whether such versions have a policy.
	derives bool
	// cers are by version, pending are the responses to reads of the pending object as they were before, by name.
	cers    *notes[string]
	pending *notes[*tamper.Response]
}

// storing is a deviation that stores what is found in a request; derives says whether the version gets a policy.
func storing(id, text string, on tamper.On, derives bool, found func(sent map[string]any) string) Deviation {
	shows := tamper.Bundle().Or(tamper.DeletedBundle()).Or(tamper.ListVersions()).Or(tamper.ListCertificates()).
		Or(tamper.Pending())
	return remembers(id, text, on.Or(shows), func() action {
		s := &store{derives: derives, cers: newNotes[string](), pending: newNotes[*tamper.Response]()}
		return func(next http.Handler, r *http.Request) *tamper.Response {
			if text := found(sentObject(r)); on(r) && authorized()(r) && text != "" {
				return s.take(next, r, text)
			}
			return s.show(next, r)
		}
	})
}

// take makes a version for what was sent.
func (s *store) take(next http.Handler, r *http.Request, cer string) *tamper.Response {
	name := tamper.Name(r)
	before := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
	if tamper.Import()(r) {
		before = refusal(r, http.StatusNotFound, "PendingCertificateNotFound", "An import has no pending object.")
	}
	body := map[string]any{}
	for _, member := range []string{"attributes", "tags"} {
		if value, ok := sentObject(r)[member]; ok {
			body[member] = value
		}
	}
	made := tamper.Ask(next, r, http.MethodPost, "/create", body)
	if made.Status == http.StatusBadRequest {
		body["policy"] = map[string]any{
			"x509_props": map[string]any{"subject": "CN=" + name}, "issuer": map[string]any{"name": "Self"},
			"key_props": map[string]any{"kty": "EC", "crv": "P-256"},
		}
		made = tamper.Ask(next, r, http.MethodPost, "/create", body)
	}
	if !made.OK() {
		return made
	}
	a := tamper.Ask(next, r, http.MethodGet, "", nil)
	s.cers.set(lastSegment(a.Text("id")), cer)
	s.pending.set(name, before)
	a.Request = r
	if tamper.Merge()(r) {
		a.Status = http.StatusCreated
	}
	s.edit(a)
	return a
}

// show passes a request on and shows what is stored in the place of the vault's own.
func (s *store) show(next http.Handler, r *http.Request) *tamper.Response {
	name := tamper.Name(r)
	a := tamper.Pass(next, r)
	before, held := s.pending.get(name)
	switch {
	case held && a.OK() && (tamper.Create()(r) || tamper.PatchPending()(r) && before.OK()):
		s.pending.forget(name)
	case held && (tamper.ReadPending()(r) || tamper.PatchPending()(r)):
		a.Become(before)
	case held && tamper.DeletePending()(r):
		a.Become(before)
		s.pending.forget(name)
	}
	s.edit(a)
	return a
}

// edit puts what is stored into a bundle, and into a list of versions.
func (s *store) edit(a *tamper.Response) {
	body := a.Object()
	if body == nil || !a.OK() {
		return
	}
	changed := s.change(body)
	items, _ := body["value"].([]any)
	for _, item := range items {
		if item, ok := item.(map[string]any); ok && s.change(item) {
			changed = true
		}
	}
	if before, held := s.pending.get(tamper.Name(a.Request)); held && !before.OK() && body["pending"] != nil {
		delete(body, "pending")
		changed = true
	}
	if changed {
		a.SetObject(body)
	}
}

// change puts what is stored into one bundle or item.
func (s *store) change(in map[string]any) bool {
	id, _ := in["id"].(string)
	cer, ok := s.cers.get(lastSegment(id))
	if !ok {
		return false
	}
	der, err := base64.StdEncoding.DecodeString(cer)
	if err != nil {
		der = []byte(cer)
	}
	sum := sha1.Sum(der)
	in["x5t"] = base64.RawURLEncoding.EncodeToString(sum[:])
	if in["cer"] != nil {
		in["cer"] = cer
	}
	if !s.derives {
		delete(in, "policy")
	}
	return true
}
