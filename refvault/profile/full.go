package profile

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// fullPolicyOnly is an application on a web framework, whose request models leave nothing out: a create has to name
// every group of the policy, all certificates are self-signed and there at once, and errors are the framework's.
func fullPolicyOnly() Profile {
	p := Profile{
		ID:    "full-policy-only",
		Title: "a create needs a full policy, everything is self-signed at once, operations are missing, errors are a web framework's",
	}
	for _, part := range [][]Deviation{
		creatingInFull(), {filterIgnored()}, importingRSA(), bundlesCut(), missingControllers(), {frameworkVersions()}, frameworkDoor(),
	} {
		p.Deviations = append(p.Deviations, part...)
	}
	return p
}

// creatingInFull are the deviations of a create.
func creatingInFull() []Deviation {
	self := remembers("issuer-always-self", "every create is signed by the vault itself, as reads say and the create does not",
		tamper.Create(), func() action {
			return func(next http.Handler, r *http.Request) *tamper.Response {
				r, asked := issuerTaken(r, "Self")
				a := tamper.Pass(next, r)
				tamper.OnSuccess(tamper.Replace("issuer.name", orElse(asked, "Self")))(a)
				return a
			}
		}).because("SC-10-02 SC-10-03 SC-01-15 SC-02-04")
	return []Deviation{
		configured("csr-extensions-wrapped", "the extensions of a csr are wrapped twice, and ask for an authority",
			func(o *refvault.Options) {
				o.EditRequest = wrapExtensions
			}).because("SC-01-08"),
		bornCompletedBy(),
		self,
		noLocation(),
		noRetryAfter(),
		acts("request-id-of-the-version", "the request_id of an operation is the version of its certificate", tamper.Pending(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if a.OK() {
					tamper.Replace("request_id", lastSegment(tamper.Ask(next, r, http.MethodGet, "", nil).Text("id")))(a)
				}
				return a
			}).because("SC-01-12 F-6"),
		pendingOfTheDeleted(),
		acts("full-policy-needed", "a create without key type, content type, issuer and subject is rejected", tamper.Create().And(authorized()),
			func(next http.Handler, r *http.Request) *tamper.Response {
				if !isFull(sentObject(r)) {
					return spring(r, http.StatusBadRequest)
				}
				return tamper.Pass(next, r)
			}).because("SC-10-03 SC-11-12 B-1-01 B-1-02 E-4-01"),
	}
}

// isFull reports whether a create says what the vault within could say for itself.
func isFull(body map[string]any) bool {
	policy, _ := body["policy"].(map[string]any)
	for _, path := range [][2]string{
		{"key_props", "kty"}, {"secret_props", "contentType"}, {"issuer", "name"}, {"x509_props", "subject"},
	} {
		group, _ := policy[path[0]].(map[string]any)
		if text, _ := group[path[1]].(string); text == "" {
			return false
		}
	}
	return true
}

// wrapExtensions makes the value of each extension an octet string of itself, which is what the request has anyway, and
// asks for an authority.
func wrapExtensions(t *x509.CertificateRequest) {
	constraints := asn1.ObjectIdentifier{2, 5, 29, 19}
	authority, err := asn1.Marshal(struct{ IsCA bool }{true})
	if err != nil {
		return // a value of our own
	}
	wrapped := []pkix.Extension{{Id: constraints, Value: authority}}
	for _, extension := range t.ExtraExtensions {
		if extension.Id.Equal(constraints) {
			continue
		}
		if extension.Value, err = asn1.Marshal(extension.Value); err == nil {
			wrapped = append(wrapped, extension)
		}
	}
	t.ExtraExtensions = wrapped
}

// pendingOfTheDeleted looks for the object to delete among the deleted certificates.
func pendingOfTheDeleted() Deviation {
	on := tamper.DeletePending().Or(tamper.DeleteCertificate())
	return remembers("pending-deleted-with-the-certificate", "only the pending object of a deleted certificate can be deleted", on,
		func() action {
			left := newNotes[*tamper.Response]()
			return func(next http.Handler, r *http.Request) *tamper.Response {
				name := tamper.Name(r)
				if tamper.DeleteCertificate()(r) {
					before := tamper.Ask(next, r, http.MethodGet, "/pending", nil)
					a := tamper.Pass(next, r)
					if a.OK() && before.OK() {
						left.set(name, before)
					}
					return a
				}
				kept, ok := left.get(name)
				if ok && tamper.AskPath(next, r, http.MethodGet, "/deletedcertificates/"+name, nil).OK() {
					left.forget(name)
					return kept
				}
				if !authorized()(r) {
					return tamper.Pass(next, r)
				}
				return refusal(r, http.StatusNotFound, "CertificateNotFound", "Unable to find entity.")
			}
		}).because("SC-09-01 SC-09-08 B-11-03")
}

// importingRSA are the deviations of an import.
func importingRSA() []Deviation {
	on := tamper.Import().And(authorized())
	return []Deviation{
		pendingOfImports(),
		acts("no-pem-imported", "a PEM is rejected", on, func(next http.Handler, r *http.Request) *tamper.Response {
			if value, _ := sentObject(r)["value"].(string); strings.Contains(value, "-----BEGIN") {
				return spring(r, http.StatusBadRequest)
			}
			return tamper.Pass(next, r)
		}).because("B-2-04 SC-12-16 E-4-01"),
		acts("no-elliptic-import", "a PFX with an elliptic key is rejected", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				sent := sentObject(r)
				value, _ := sent["value"].(string)
				password, _ := sent["pwd"].(string)
				der, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					return tamper.Pass(next, r)
				}
				if key, _, _, err := pkcs12.DecodeChain(der, password); err == nil {
					if _, elliptic := key.(*ecdsa.PrivateKey); elliptic {
						return refusal(r, http.StatusBadRequest, "BadParameter", "Unknown key algorithm.")
					}
				}
				return tamper.Pass(next, r)
			}).because("B-2-04"),
		acts("no-disabled-import", "an import of a disabled certificate returns 404", on,
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if attributes, _ := sentObject(r)["attributes"].(map[string]any); a.OK() && attributes["enabled"] == false {
					return refusal(r, http.StatusNotFound, "CertificateNotFound", "Operation get is not allowed on a disabled entity.")
				}
				return a
			}).because("B-2-07 B-3-07"),
	}
}

// bundlesCut are the deviations of reading a certificate and its policy.
func bundlesCut() []Deviation {
	return []Deviation{
		acts("disabled-not-found", "a disabled certificate is not found", tamper.ReadBundle(),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				if attributes, _ := a.Object()["attributes"].(map[string]any); a.OK() && attributes["enabled"] == false {
					return refusal(r, http.StatusNotFound, "CertificateNotFound", "Operation get is not allowed on a disabled entity.")
				}
				return a
			}).because("B-3-07"),
		noPendingInBundles(tamper.Bundle().Or(tamper.DeletedBundle())),
		acts("policy-id-versioned", "the id of a policy has a version in it", tamper.Policy().Or(tamper.Bundle()),
			func(next http.Handler, r *http.Request) *tamper.Response {
				a := tamper.Pass(next, r)
				bundle := a.Text("id")
				if a.OK() && tamper.Policy()(r) {
					bundle = tamper.Ask(next, r, http.MethodGet, "", nil).Text("id")
					tamper.Replace("id", bundle+"/policy")(a)
				} else if a.OK() {
					tamper.Replace("policy.id", bundle+"/policy")(a)
				}
				return a
			}).because("B-5-01"),
	}
}

// missingControllers are the operations that nobody wrote.
func missingControllers() []Deviation {
	missing := func(id, text string, status int, on tamper.On) Deviation {
		return acts(id, text, on.And(authorized()), func(_ http.Handler, r *http.Request) *tamper.Response {
			return spring(r, status)
		})
	}
	versionless := tamper.Operation(http.MethodPatch, "/certificates/[^/]+")
	put := tamper.SetIssuer().Or(tamper.Operation(http.MethodPut, "/certificates/contacts"))
	issuers := tamper.Issuer().Or(tamper.Operation("", "/certificates/(issuers|contacts)"))
	return []Deviation{
		missing("no-merge", "there is no merge", http.StatusNotFound, tamper.Merge()).because("SC-11-01 SC-04-12 E-4-01 B-0-1"),
		missing("cancellation-fails", "a cancellation is taken for the update of a version called pending, and fails", http.StatusInternalServerError,
			tamper.PatchPending()).because("SC-08-01 SC-08-07 E-4-01 B-0-1"),
		missing("update-needs-a-version", "a certificate is updated by its version only", http.StatusMethodNotAllowed, versionless).
			because("B-4-01 E-4-01"),
		missing("no-issuers-set", "issuers and contacts cannot be set", http.StatusMethodNotAllowed, put).because("B-10-01 B-9-01 SC-01-16"),
		lacking("no-issuers-read", "issuers and contacts are not found", issuers.But(put),
			func(r *http.Request) *tamper.Response {
				return refusal(r, http.StatusNotFound, "CertificateNotFound", "Unable to find entity.")
			}).because("B-10-04 B-9-02"),
		edits("code-of-a-class", "the code of an error is the name of a class", tamper.Anything(), tamper.OnRefusal(func(a *tamper.Response) {
			class := "IllegalArgumentException"
			switch a.Status {
			case http.StatusNotFound:
				class = "NotFoundException"
			case http.StatusConflict:
				class = "AlreadyExistsException"
			case http.StatusUnauthorized:
				class = "UnauthorizedException"
			}
			tamper.Replace("error.code", "org.example.vault.service.exception."+class)(a)
		})).because("E-4-04 SC-05-02 B-3-05 B-11-01"),
	}
}

// frameworkVersions has routes for few api-versions.
func frameworkVersions() Deviation {
	routed := regexp.MustCompile(`^(7\.[3-6]|2025-07-01)$`)
	on := func(r *http.Request) bool { return !routed.MatchString(r.URL.Query().Get("api-version")) }
	return acts("few-api-versions", "an api-version other than 7.3 to 7.6 and 2025-07-01 has no route", authorized().And(on),
		func(_ http.Handler, r *http.Request) *tamper.Response { return spring(r, http.StatusBadRequest) }).
		because("B-0-2 D-2-1 E-4-01")
}

// frameworkDoor are the deviations of a filter that wants a header.
func frameworkDoor() []Deviation {
	return []Deviation{
		anyToken("any-authorization", "any Authorization is the right one, whatever its scheme", authorized()).because("E-3-01 E-3-06"),
		edits("challenge-authorization-uri", "a 401 has no body, and its challenge names authorization_uri with the path of the request",
			tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized, tamper.Body("", ""), func(a *tamper.Response) {
				here := "https://" + a.Request.Host
				a.Header.Set("WWW-Authenticate", `Bearer resource="`+here+`", authorization_uri="`+here+a.Request.URL.Path+`"`)
			})).because("E-3-02 E-3-03 E-3-04"),
	}
}
