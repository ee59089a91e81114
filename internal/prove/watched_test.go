package prove

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault/tamper"
)

func TestAFaultActsIfItChangesAnythingOnTheWay(t *testing.T) {
	vault := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(append([]byte(r.Method+" "), tamper.Sent(r)...))
	})
	for _, test := range []struct {
		name  string
		fault func(next http.Handler) http.HandlerFunc
		acts  bool
	}{
		{"passes everything on", func(next http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { tamper.Pass(next, r).Write(w) }
		}, false},
		{"changes the response", func(next http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				a := tamper.Pass(next, r)
				a.Status = http.StatusTeapot
				a.Write(w)
			}
		}, true},
		{"changes the request", func(next http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, tamper.WithBody(r, []byte("other"))) }
		}, true},
		{"asks twice", func(next http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				tamper.Pass(next, r)
				tamper.Pass(next, r).Write(w)
			}
		}, true},
		{"never asks", func(http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
		}, true},
		{"asks on its own account", func(next http.Handler) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/", nil))
				tamper.Pass(next, r).Write(w)
			}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			unasked := false
			broken := test.fault(watched{vault, func() { unasked = true }})
			_, acted := watch(broken, httptest.NewRequest(http.MethodPost, "/certificates/a/create", strings.NewReader("body")))
			if acted = acted || unasked; acted != test.acts {
				t.Errorf("it acts: %v, want %v", acted, test.acts)
			}
		})
	}
}
