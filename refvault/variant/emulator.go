package variant

import (
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// emulations are ways of an emulator that differ from the service's and are legal anyway.
func emulations() []Variant {
	policy := tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle())
	both := func(path string, value any) tamper.Edit {
		return tamper.OnSuccess(func(a *tamper.Response) {
			if a.Object()["policy"] != nil {
				tamper.Set("policy."+path, value)(a)
			} else if a.Object()["x509_props"] != nil {
				tamper.Set(path, value)(a)
			}
		})
	}
	absent := func(path, member string, value any) tamper.Edit {
		return tamper.OnSuccess(tamper.Map(path, func(v any) any {
			if in, ok := v.(map[string]any); ok && in[member] == nil {
				in[member] = value
			}
			return v
		}))
	}
	return []Variant{
		edits("challenge-at-every-answer", "every response has the challenge, refused or not",
			tamper.Anything(), func(a *tamper.Response) {
				if a.Status != http.StatusUnauthorized {
					a.Header.Set("WWW-Authenticate",
						`Bearer authorization="https://login.example/tenant", resource="https://vault.example"`)
				}
			}),
		edits("content-type-without-charset", "the content type of responses names no character set", tamper.Anything(),
			tamper.MapHeader("Content-Type", func(text string) string {
				media, _, _ := strings.Cut(text, ";")
				return media
			})).warns("every-answer/charset"),
		edits("issuer-told-in-full", "the issuer of an operation has cty null and cert_transparency false", tamper.Pending(),
			tamper.All(absent("issuer", "cty", nil), absent("issuer", "cert_transparency", false)), "F-10", "F-11", "F-28"),
		edits("names-as-empty-lists", "a policy without alternative names has empty lists of them", policy, tamper.All(
			absent("x509_props", "sans", map[string]any{"dns_names": []any{}, "emails": []any{}, "upns": []any{}}),
			absent("policy.x509_props", "sans",
				map[string]any{"dns_names": []any{}, "emails": []any{}, "upns": []any{}})), "F-10"),
		edits("curve-null", "the curve of a policy for an RSA key is null", policy, tamper.All(
			absent("key_props", "crv", nil), absent("policy.key_props", "crv", nil)), "F-11"),
		edits("policy-with-recovery-level", "the attributes of a policy have a recoveryLevel",
			policy, both("attributes.recoveryLevel", "Purgeable"), "F-10"),
		edits("tags-empty", "a bundle without tags has an empty object of them",
			tamper.Bundle(), tamper.OnSuccess(func(a *tamper.Response) {
				if a.Object()["cer"] != nil && a.Object()["tags"] == nil {
					tamper.Set("tags", map[string]any{})(a)
				}
			})),
		edits("inner-error-with-a-message", "the innererror of a refusal has a code and a message", tamper.Anything(),
			tamper.OnRefusal(tamper.Where(func(a *tamper.Response) bool {
				problem, ok := a.Object()["error"].(map[string]any)
				return ok && problem["innererror"] == nil // a code that the contract names stays
			},
				tamper.Set("error.innererror", map[string]any{"code": "Cause", "message": "Because."})))),
	}
}
