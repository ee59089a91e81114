package model

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// observation is one exchange as the model sees it.
type observation struct {
	*vault.Exchange
	// subject is the thing whose history it belongs to, as a URL in lower case.
	subject string
	name    string
	version string // of the request's path, "" where it has none
	filter  string // the request_id of the query, "" where it has none
	status  int
	sent    map[string]any
	item    map[string]any // of a list of names, the item of this one; nil if the list has none

	began, ended time.Time
	// raced says that another request was under way at once for which this one may meet a conflict.
	raced bool

	// take takes a state through the exchange, nil where the model knows nothing of the operation.
	take func(*step)
}

// observe finds what an exchange is about; it is nothing where it is about no single name, or where nothing was sent.
func (j *Judge) observe(e *vault.Exchange) []*observation {
	if e == nil || e.Failure != nil && unsent(e.Failure.Kind) {
		return nil
	}
	u := j.address(e)
	if u == nil {
		return nil
	}
	base, kind, rest := segments(u)
	if kind == "" || len(rest) == 0 || rest[0] == "" {
		return nil
	}
	o := &observation{Exchange: e, name: rest[0], status: e.Status(), filter: u.Query().Get("request_id"), take: j.steps[e.Operation]}
	if kind == "certificates" {
		if len(rest) == 1 && reserved(rest[0]) && !strings.EqualFold(rest[0], "contacts") {
			return nil
		}
		kind = o.find(rest)
	} else {
		kind = "certificates" // a deleted certificate has one history with the live one
	}
	o.subject = j.subjectOf(u.Scheme+"://"+u.Host+base, kind, o.name)
	if sent, err := e.Request.JSON(); err == nil {
		o.sent, _ = sent.(map[string]any)
	}
	return []*observation{o}
}

// segments are those of a path: of the vault, of the kind of thing, and below it.
func segments(u *url.URL) (base, kind string, rest []string) {
	base, kind, rest = places(u.Path)
	if last := len(rest) - 1; last > 1 && rest[last] == "" {
		rest = rest[:last] // a slash ends the path of a version too
	}
	return base, kind, rest
}

// address is the URL that names what an exchange is about: of a restore that was rejected, only the caller may know it.
func (j *Judge) address(e *vault.Exchange) *url.URL {
	u := address(e)
	if of := j.options.RestoreOf; of != nil && u != nil && e.Operation == vault.RestoreCertificate && !e.Succeeded() {
		u, _ = url.Parse(of(e)) // the caller's own
	}
	return u
}

// address is the URL that names what an exchange is about; nil where there is none, or where the response says nothing of it.
func address(e *vault.Exchange) *url.URL {
	u, err := url.Parse(e.Request.URL)
	if err != nil || flawed(e, u.Query()) {
		return nil
	}
	if e.Operation == vault.RestoreCertificate && e.Succeeded() {
		// The name is in the backup, and so in the response alone.
		if u, err = url.Parse(e.Text("id")); err != nil {
			return nil
		}
	}
	return u
}

// issuersKind is what stands between the vault and the name of an issuer.
const issuersKind = "certificates/issuers"

// find takes the name and the version from the segments below "certificates", and returns the kind of the thing: issuers
// have a collection of their own below it, and the contacts of the vault are one thing.
func (o *observation) find(rest []string) (kind string) {
	if strings.EqualFold(rest[0], "contacts") && len(rest) == 1 {
		return "certificates/contacts"
	}
	if strings.EqualFold(rest[0], "issuers") && len(rest) > 1 && rest[1] != "" {
		o.name = rest[1]
		return issuersKind
	}
	if len(rest) == 2 && versioned(o.Operation) {
		o.version = rest[1]
	}
	return "certificates"
}

// flawed reports whether a request was rejected that no vault need look at: one that is wrong on purpose, has no
// api-version or no valid token. Its 404 says nothing of the name.
func flawed(e *vault.Exchange, query url.Values) bool {
	rejected := e.Status() >= http.StatusBadRequest && e.Status() < http.StatusInternalServerError
	return rejected && (e.Request.Deliberate || query.Get("api-version") == "" || e.Status() == http.StatusUnauthorized)
}

func unsent(kind vault.FailureKind) bool {
	switch kind {
	case vault.NotSent, vault.NotClaimed, vault.NoToken, vault.Untrusted, vault.Throttled:
		return true
	}
	return false
}

func versioned(operation string) bool {
	return operation == vault.GetCertificate || operation == vault.UpdateCertificate
}

// reserved are the words that stand in the place of a name.
func reserved(segment string) bool {
	switch strings.ToLower(segment) {
	case "issuers", "contacts", "restore":
		return true
	}
	return false
}

// places splits a path at the collection: what stands before it, its name, and the segments below it.
func places(path string) (base, kind string, rest []string) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if strings.EqualFold(segment, "certificates") || strings.EqualFold(segment, "deletedcertificates") {
			return strings.Join(segments[:i], "/"), strings.ToLower(segment), segments[i+1:]
		}
	}
	return "", "", nil
}

// accepted reports whether the request was accepted, with whatever 2xx status.
func (o *observation) accepted() bool { return o.Succeeded() }

// lost reports whether the request may have taken effect without a response that says so.
func (o *observation) lost() bool {
	return o.Failure != nil || o.Response == nil || o.status >= http.StatusInternalServerError || o.status < 200
}

// refused reports whether the vault refused the request, so that it changed nothing.
func (o *observation) refused() bool { return o.status >= 400 && o.status < 500 }

// changes reports whether the operation may change anything.
func (o *observation) changes() bool {
	switch o.Operation {
	case vault.GetCertificate, vault.GetCertificateOperation, vault.GetCertificatePolicy, vault.GetCertificateVersions,
		vault.GetDeletedCertificate, vault.GetCertificateIssuer, vault.BackupCertificate,
		vault.GetCertificates, vault.GetDeletedCertificates, vault.GetCertificateIssuers, vault.GetCertificateContacts:
		return false
	}
	return true
}

// holds reports whether a vault that takes one request about a name at a time may keep others from it: those that begin, end or
// remove something do, and changes of attributes and of the policy do not.
func (o *observation) holds() bool {
	switch o.Operation {
	case vault.UpdateCertificate, vault.UpdateCertificatePolicy:
		return false
	}
	return o.changes()
}

// removes reports whether the request may have removed a version, a name or an issuer, or brought one back.
func (o *observation) removes() bool {
	switch o.Operation {
	case vault.DeleteCertificate, vault.RecoverDeletedCertificate, vault.PurgeDeletedCertificate, vault.RestoreCertificate,
		vault.SetCertificateIssuer, vault.DeleteCertificateIssuer:
		return !o.refused()
	}
	return o.lost() && o.changes()
}

// text and object read a member of what was sent.
func (o *observation) text(path ...string) string {
	text, _ := dig(o.sent, path...).(string)
	return text
}

func (o *observation) object(path ...string) map[string]any {
	object, _ := dig(o.sent, path...).(map[string]any)
	return object
}

// dig follows members of objects; nil where there is none.
func dig(value any, path ...string) any {
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// member reads a member of the response at any depth.
func (o *observation) member(path ...string) any {
	return dig(o.Member(path[0]), path[1:]...)
}

func (o *observation) memberText(path ...string) string {
	text, _ := o.member(path...).(string)
	return text
}
