package refvault_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/kvconform/kvconform/refvault"
)

func TestOfManyCreatesAtOnceOneWins(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.Keys = refvault.NewKeyPool(1) })
	body := withPolicy(map[string]any{"issuer": map[string]any{"name": "stays"}, "key_props": nil})
	const clients = 8
	answers := make([]*reply, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() { answers[i] = b.send(http.MethodPost, "/certificates/same/create", body) })
	}
	all.Wait()
	accepted := 0
	for _, r := range answers {
		switch r.Status {
		case http.StatusAccepted:
			accepted++
			if got := b.pending("same").text("request_id"); got != r.text("request_id") {
				t.Errorf("the operation is %s, not the accepted %s", got, r.text("request_id"))
			}
		default:
			r.refused(http.StatusConflict, "Conflict")
		}
	}
	if accepted != 1 {
		t.Errorf("%d creates were accepted, want 1", accepted)
	}
}

func TestNamesDoNotDisturbEachOther(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.Clock = refvault.SystemClock{}; o.IssueAfter = -1 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("c%d", i)
			body := withPolicy(map[string]any{"x509_props.subject": "CN=" + name})
			created := b.send(http.MethodPost, "/certificates/"+name+"/create", body)
			r := b.send(http.MethodGet, "/certificates/"+name, nil)
			if created.Status != http.StatusAccepted || r.Status != http.StatusOK {
				t.Errorf("%s: %d, %d", name, created.Status, r.Status)
				return
			}
			if got := parseCER(t, r).Subject.CommonName; got != name {
				t.Errorf("%s got the certificate of %s", name, got)
			}
			b.send(http.MethodGet, "/certificates?maxresults=3", nil)
			b.send(http.MethodDelete, "/certificates/"+name, nil)
			b.send(http.MethodPost, "/deletedcertificates/"+name+"/recover", nil)
		})
	}
	all.Wait()
	if got := len(b.pages("/certificates")[0]); got != 8 {
		t.Errorf("%d certificates, want 8", got)
	}
}
