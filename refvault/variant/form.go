package variant

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/tamper"
)

// forms are vaults that take fewer forms of a request than the service, reject in other ways, or write a response more or
// less fully. Each is legal because the contract leaves the form open or only recommends another.
func forms() []Variant {
	updated := tamper.UpdateCertificate()
	slash := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/") }
	versioned := tamper.Operation(http.MethodPatch, "/certificates/[^/]+/[0-9a-fA-F]{32}")
	return []Variant{
		rejecting("bare-update-refused", "a PATCH of a certificate without a version in its path is not allowed",
			updated.But(versioned).But(slash), http.StatusMethodNotAllowed, "MethodNotAllowed").
			warns("issue-next-version/update-bare"),
		rejecting("slash-update-refused", "a PATCH of a certificate with an empty version in its path is not allowed",
			updated.But(versioned).And(slash), http.StatusMethodNotAllowed, "MethodNotAllowed").
			warns("issue-next-version/update-slash"),
		edits("issuers-in-lower-case", "operations and policies spell Self and Unknown in lower case", tamper.Anything(),
			tamper.OnSuccess(tamper.MapText("issuer.name", reservedLower), tamper.MapText("policy.issuer.name", reservedLower))).
			warns("create-manually/issuer-spelling"),
		made("policy-at-completion", "a create replaces the stored policy when its request completes, not before",
			func(o *refvault.Options) { o.PolicyAtCompletion = true }),
	}
}

// reservedLower spells the issuers that every vault knows in lower case, and no other.
func reservedLower(name string) string {
	if name == "Self" || name == "Unknown" {
		return strings.ToLower(name)
	}
	return name
}

// otherRejections are numbers and codes that no source gives or rules out.
func otherRejections() []Variant {
	badRequest := func(status int, code string) tamper.Edit {
		return tamper.OnStatus(http.StatusBadRequest, tamper.Status(status), tamper.Set("error.code", code))
	}
	return []Variant{
		edits("unknown-issuer-not-found", "a create or a policy that names an unknown issuer returns 404",
			tamper.Create().Or(tamper.PatchPolicy()), tamper.Where(func(a *tamper.Response) bool {
				problem, _ := a.Object()["error"].(map[string]any)
				message, _ := problem["message"].(string)
				return strings.Contains(message, "no issuer")
			}, badRequest(http.StatusNotFound, "CertificateIssuerNotFound")), "F-22"),
		edits("bad-updates-answer-422", "an update, a policy, an issuer and contacts that cannot be carried out return 422",
			tamper.PatchPolicy().Or(tamper.UpdateCertificate()).Or(tamper.Issuer()).
				Or(tamper.Operation("", "/certificates/contacts")),
			badRequest(http.StatusUnprocessableEntity, "InvalidRequest"), "F-22"),
		edits("merge-again-forbidden", "a second merge returns 409", tamper.Merge(),
			tamper.OnStatus(http.StatusForbidden, tamper.Where(func(a *tamper.Response) bool {
				problem, _ := a.Object()["error"].(map[string]any)
				message, _ := problem["message"].(string)
				return strings.Contains(message, "nothing left to merge")
			}, tamper.Status(http.StatusConflict), tamper.Set("error.code", "Conflict"))), "F-35"),
	}
}

// fuller are responses with members that a vault may add or leave out.
func fuller() []Variant {
	lists := tamper.ListCertificates().Or(tamper.ListVersions()).Or(tamper.ListDeleted())
	policies := tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle()).Or(tamper.Recover()).Or(tamper.Restore())
	issuers := tamper.Operation(http.MethodGet, "/certificates/issuers")
	inPolicy := func(member string, change func(any) any) tamper.Edit {
		return tamper.OnSuccess(tamper.Map(member, change), tamper.Map("policy."+member, change))
	}
	return []Variant{
		edits("items-told-in-full", "the items of lists have the level of recovery, as bundles do", lists,
			tamper.OnSuccess(tamper.Map("value.*.attributes", func(v any) any {
				in, ok := v.(map[string]any)
				if ok && in["recoveryLevel"] == nil {
					in["recoveryLevel"], in["recoverableDays"] = "CustomizedRecoverable+Purgeable", 7
				}
				return v
			})), "F-10"),
		edits("issuers-listed-in-full", "the list of issuers has their attributes", issuers,
			tamper.OnSuccess(tamper.Map("value", func(v any) any {
				items, _ := v.([]any)
				for _, item := range items {
					if in, ok := item.(map[string]any); ok {
						in["attributes"] = map[string]any{"enabled": true}
					}
				}
				return v
			})), "F-10"),
		edits("organization-without-zip", "the organization of an issuer has no zip", tamper.Issuer(),
			tamper.OnSuccess(tamper.Drop("org_details.zip")), "F-10"),
		edits("organization-as-empty-list", "an issuer without an organization has an empty one", tamper.Issuer(),
			tamper.OnSuccess(func(a *tamper.Response) {
				if a.Object()["org_details"] == nil {
					tamper.Set("org_details", map[string]any{"zip": 0, "admin_details": []any{}})(a)
				}
			}), "F-10"),
		edits("contacts-with-nulls", "a contact has null where no name or telephone number was sent",
			tamper.Operation("", "/certificates/contacts"), tamper.OnSuccess(tamper.Map("contacts", func(v any) any {
				list, _ := v.([]any)
				for _, item := range list {
					in, _ := item.(map[string]any)
					for _, member := range []string{"name", "phone"} {
						if in != nil && in[member] == nil {
							in[member] = nil
						}
					}
				}
				return v
			})), "F-11"),
		edits("elliptic-without-size", "the policy of an EC key has a curve and no key_size", policies,
			inPolicy("key_props", func(v any) any {
				if in, ok := v.(map[string]any); ok && in["crv"] != nil {
					delete(in, "key_size")
				}
				return v
			}), "F-10"),
		edits("names-of-every-kind", "the policy of an import has a list for every kind of alternative name", tamper.Import(),
			tamper.OnSuccess(tamper.Map("policy.x509_props", func(v any) any {
				in, ok := v.(map[string]any)
				if !ok {
					return v
				}
				names, ok := in["sans"].(map[string]any)
				if !ok {
					names = map[string]any{}
				}
				for _, kind := range []string{"dns_names", "emails", "upns", "uris", "ipAddresses"} {
					if names[kind] == nil {
						names[kind] = []any{}
					}
				}
				in["sans"] = names
				return in
			})), "F-10"),
		{
			ID: "updated-version-with-policy", Title: "an update of a version returns its policy", Ambiguities: []string{"F-17"},
			Wrap: func(next http.Handler) http.Handler {
				versioned := tamper.Operation(http.MethodPatch, "/certificates/[^/]+/[0-9a-fA-F]{32}")
				return tamper.Handler(next, versioned, tamper.OnSuccess(func(a *tamper.Response) {
					if policy := tamper.Ask(next, a.Request, http.MethodGet, "/policy", nil); policy.OK() {
						tamper.Set("policy", policy.Object())(a)
					}
				}))
			},
		},
		{
			ID: "restored-with-pending", Title: "a restored certificate names the pending object that it had",
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(next, tamper.Restore(), tamper.OnSuccess(func(a *tamper.Response) {
					id, _ := a.Object()["id"].(string)
					if at := strings.LastIndex(id, "/"); at > 0 && a.Object()["pending"] == nil {
						tamper.Set("pending", map[string]any{"id": id[:at] + "/pending"})(a)
					}
				}))
			},
		},
	}
}

// rejecting builds a variant that rejects every request of a kind about a certificate that exists, and carries none out.
func rejecting(id, title string, on tamper.On, status int, code string) Variant {
	return Variant{
		ID: id, Title: title,
		Alters: func(a *tamper.Response) bool { return on(a.Request) && a.OK() },
		Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !on(r) {
					next.ServeHTTP(w, r)
					return
				}
				read := tamper.Ask(next, r, http.MethodGet, "", nil)
				if !read.OK() {
					next.ServeHTTP(w, r)
					return
				}
				read.Status = status
				read.SetObject(problem(code))
				read.Write(w)
			})
		},
	}
}
