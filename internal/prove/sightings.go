package prove

import (
	"bytes"
	"crypto"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// sightings is what became of the faults of a group on the way to the client. Each marks its responses with a header
// that no client gets to see.
type sightings struct {
	group []fault.Fault

	mu sync.Mutex
	// sent are the faults that a request was sent for, shown those of which a response arrived, read those of which one
	// arrived without a body or as JSON, told those of which one is another with the fault than without it.
	sent, shown, read, told map[string]bool
}

const sightingHeader = "X-Kvconform-Fault-"

func newSightings(group []fault.Fault) *sightings {
	return &sightings{group: group, sent: map[string]bool{}, shown: map[string]bool{}, read: map[string]bool{}, told: map[string]bool{}}
}

// signing is a broken vault that can still be asked to sign with the keys of the vault within: a fault that makes a wrong
// csr needs them wherever it stands in the group.
type signing struct {
	http.Handler
	signer interface {
		Signer(public crypto.PublicKey) crypto.Signer
	}
}

// Signer asks the vault within.
func (s signing) Signer(public crypto.PublicKey) crypto.Signer { return s.signer.Signer(public) }

// wrap puts all faults around a vault.
func (s *sightings) wrap(handler http.Handler) http.Handler {
	vault, signs := handler.(interface {
		Signer(public crypto.PublicKey) crypto.Signer
	})
	for i, f := range s.group {
		inner := handler
		var behind http.Handler = watched{inner, func() { s.tell(f) }}
		if signs {
			behind = signing{behind, vault}
		}
		broken := f.Wrap(behind)
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f.Edit == nil { // it may remember requests that it does not act on
				a, acted := watch(broken, r)
				if acted {
					s.tell(f)
				}
				if f.On(r) {
					a.Header.Set(sightingHeader+f.ID, "1")
				}
				a.Write(w)
				return
			}
			if !f.On(r) {
				inner.ServeHTTP(w, r)
				return
			}
			a := tamper.Pass(inner, r)
			if f.Edit.Alters(a) { // it has nothing to do with a response that it leaves as it is
				without := copied(a)
				f.Edit(a)
				if s.survives(i, r, without, copied(a)) {
					s.tell(f)
				}
				a.Header.Set(sightingHeader+f.ID, "1")
			}
			a.Write(w)
		})
		if signs {
			handler = signing{handler, vault}
		}
	}
	return handler
}

// tell notes that a client can tell a vault with the fault from one without it.
func (s *sightings) tell(f fault.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[f.ID] = true
}

// survives reports whether the edit of a fault can be seen behind those that come after it: they are done to the response
// without it as well, and the two are compared byte for byte. A fault that behaves otherwise hides nothing for certain.
func (s *sightings) survives(i int, r *http.Request, without, with *tamper.Response) bool {
	for _, outer := range s.group[i+1:] {
		if !outer.On(r) {
			continue
		}
		if outer.Edit == nil {
			return true
		}
		outer.Edit(without)
		outer.Edit(with)
	}
	return without.Status != with.Status || !bytes.Equal(without.Body, with.Body) ||
		!maps.EqualFunc(without.Header, with.Header, slices.Equal[[]string])
}

func copied(a *tamper.Response) *tamper.Response {
	other := *a
	other.Header, other.Body = a.Header.Clone(), bytes.Clone(a.Body)
	for name := range other.Header {
		if strings.HasPrefix(name, sightingHeader) {
			delete(other.Header, name)
		}
	}
	return &other
}

// look takes the marks off a response that arrives. One that an edit would alter once more has lost what it did.
func (s *sightings) look(a *tamper.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.group {
		marked := a.Header.Get(sightingHeader+f.ID) != ""
		a.Header.Del(sightingHeader + f.ID)
		if f.On(a.Request) {
			s.sent[f.ID] = true
		}
		if marked && (f.Edit == nil || !f.Edit.Alters(a)) {
			s.shown[f.ID] = true
			s.read[f.ID] = s.read[f.ID] || len(a.Body) == 0 || json.Valid(a.Body)
		}
	}
}

// kinds says of each fault how far it got.
func (s *sightings) kinds() map[string]MaskKind {
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := map[string]MaskKind{}
	for _, f := range s.group {
		switch {
		case !s.sent[f.ID]:
			kinds[f.ID] = Unsent
		case !s.shown[f.ID]:
			kinds[f.ID] = Apart
		case !s.told[f.ID]:
			kinds[f.ID] = Hidden
		case !s.read[f.ID]:
			kinds[f.ID] = Unreadable
		default:
			kinds[f.ID] = Unseen
		}
	}
	return kinds
}
