package fault

import (
	"net/http"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// takenNames are creates under the name of a key or a secret that belongs to no certificate.
func takenNames() []Fault {
	const of = "companions/"
	// remove takes away what has the name, and reports whether there was anything of the kind.
	remove := func(next http.Handler, r *http.Request, kind string) bool {
		name := tamper.Name(r)
		if !tamper.AskPath(next, r, http.MethodDelete, "/"+kind+"/"+name, nil).OK() {
			return false
		}
		tamper.AskPath(next, r, http.MethodDelete, "/deleted"+kind+"/"+name, nil)
		return true
	}
	overlooked := func(id, kind, title, rule string) Fault {
		return acts(id, title, tamper.Create(), func(next http.Handler, r *http.Request) *tamper.Response {
			body := tamper.Sent(r)
			a := tamper.Pass(next, tamper.WithBody(r, body))
			if a.Status == http.StatusConflict && remove(next, r, kind) {
				return tamper.Pass(next, tamper.WithBody(r, body))
			}
			return a
		}, rule)
	}
	return []Fault{
		overlooked("secret-name-overlooked", "secrets", "a create under the name of a secret replaces the secret", of+"secret-name-taken"),
		overlooked("key-name-overlooked", "keys", "a create under the name of a key replaces the key", of+"key-name-taken"),
		acts("taken-name-emptied", "a rejected create under the name of a secret removes the secret", tamper.Create(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.Status == http.StatusConflict {
					remove(next, r, "secrets")
				}
				return a
			}, of+"name-taken-kept"),
	}
}
