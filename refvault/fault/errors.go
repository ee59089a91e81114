package fault

import (
	"encoding/json"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// refusals are wrong error bodies under right statuses.
func refusals() []Fault {
	everything := tamper.Anything()
	all := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, everything, tamper.OnRefusal(edit), breaks...)
	}
	return []Fault{
		all("error-without-envelope", "a refusal has code and message at the top, without the member error", unwrapped,
			"every-answer/error", "request-from-issuer/unknown-issuer-error", "read-deleted-or-overwritten/deleted-message"),
		all("error-as-text", "a refusal is plain text", tamper.Body("text/plain; charset=utf-8", "refused"),
			"every-answer/error", "every-answer/content-type", "every-answer/well-formed"),
		all("error-as-html", "a refusal is a page of HTML",
			tamper.Body("text/html", "<html><body><h1>Refused</h1></body></html>"),
			"every-answer/error", "every-answer/content-type", "every-answer/well-formed"),
		all("error-empty", "a refusal has no body", tamper.Body("", ""), "every-answer/error"),
		all("error-as-array", "a refusal is a JSON array", tamper.Body("application/json; charset=utf-8", `["refused"]`),
			"every-answer/error"),
		all("error-is-a-string", "the error of a refusal is a string", tamper.Replace("error", "refused"), "every-answer/error"),
		all("error-is-null", "the error of a refusal is null", tamper.Replace("error", nil), "every-answer/error"),
		all("error-in-capitals", "the member error is written Error", tamper.Rename("error", "Error"), "every-answer/error"),
		all("error-without-code", "an error has no code", tamper.Drop("error.code"), "every-answer/error-code"),
		all("error-code-empty", "the code of an error is empty", tamper.Set("error.code", ""), "every-answer/error-code"),
		all("error-code-is-a-number", "the code of an error is its status as a number", tamper.Set("error.code", 404), "every-answer/error-code"),
		all("error-code-is-null", "the code of an error is null", tamper.Set("error.code", nil), "every-answer/error-code"),
		all("error-without-message", "an error has no message", tamper.Drop("error.message"),
			"every-answer/error", "read-deleted-or-overwritten/deleted-message"),
		all("error-message-is-an-object", "the message of an error is an object",
			tamper.Set("error.message", map[string]any{"lang": "en", "value": "refused"}),
			"every-answer/error", "read-deleted-or-overwritten/deleted-message"),
		all("error-message-is-a-list", "the message of an error is a list", tamper.Set("error.message", []any{"refused"}), "every-answer/error"),
		all("error-inner-is-a-string", "the innererror of an error is a string", tamper.Set("error.innererror", "refused"), "every-answer/error-inner"),
		all("error-code-generic", "every error has the code Error", tamper.Set("error.code", "Error"),
			"read-deleted-or-overwritten/deleted-code", "delete-pending/gone-code", "delete-pending/again-code",
			"read-in-progress/filter-mismatch-code", "read-deleted-or-overwritten/overwritten-code",
			"read-deleted-or-overwritten/never-existed-code", "merge-manual-request/nothing-pending-code",
			"merge-manual-request/foreign-key-code", "merge-on-issuer-request/code", "conflict-while-in-progress/create-code",
			"conflict-while-in-progress/import-code", "issue-next-version/version-unknown-code",
			"issue-next-version/deleted-name-code", "authentication/code", "api-version/unknown-code"),
		edits("pending-code-of-the-certificate", "a pending object that is not there has the code CertificateNotFound",
			tamper.Pending().Or(tamper.Merge()), tamper.OnStatus(404, tamper.Set("error.code", "CertificateNotFound")),
			"read-deleted-or-overwritten/deleted-code", "delete-pending/gone-code", "delete-pending/again-code",
			"merge-manual-request/nothing-pending-code", "read-deleted-or-overwritten/overwritten-code"),
		edits("pending-code-in-lower-case", "a pending object that is not there has the code pendingCertificateNotFound",
			tamper.ReadPending(), tamper.OnStatus(404, tamper.Set("error.code", "pendingCertificateNotFound")),
			"read-deleted-or-overwritten/deleted-code", "delete-pending/gone-code"),
		edits("certificate-code-of-the-pending", "a version that is not there has the code PendingCertificateNotFound",
			tamper.ReadBundle(), tamper.OnStatus(404, tamper.Set("error.code", "PendingCertificateNotFound")),
			"issue-next-version/version-unknown-code"),
		edits("conflict-code-wrong", "a create or import that meets a request in progress has the code BadParameter",
			tamper.Create().Or(tamper.Import()), tamper.OnStatus(409, tamper.Set("error.code", "BadParameter")),
			"conflict-while-in-progress/create-code", "conflict-while-in-progress/import-code"),
		edits("forbidden-code-wrong", "a forbidden merge has the code Conflict", tamper.Merge(),
			tamper.OnStatus(403, tamper.Set("error.code", "Conflict")), "merge-on-issuer-request/code"),
		edits("foreign-key-code-wrong", "a merge of a foreign key has the code Forbidden", tamper.Merge(),
			tamper.OnStatus(400, tamper.Set("error.code", "Forbidden")), "merge-manual-request/foreign-key-code"),
		edits("unauthorized-code-wrong", "a 401 has the code Forbidden", everything,
			tamper.OnStatus(401, tamper.Set("error.code", "Forbidden")), "authentication/code"),
		edits("unauthorized-as-text", "a 401 has a body that is no JSON", everything,
			tamper.OnStatus(401, tamper.Body("text/plain", "no token")), "every-answer/unauthorized-error"),
		edits("unauthorized-without-envelope", "a 401 has a JSON body without the member error", everything,
			tamper.OnStatus(401, unwrapped), "every-answer/unauthorized-error"),
		edits("unknown-issuer-as-text", "the refusal of an unknown issuer is plain text", tamper.Create(),
			tamper.OnStatus(400, tamper.Body("text/plain", "no such issuer")), "request-from-issuer/unknown-issuer-error"),
		edits("error-beside-success", "a success has a member error with a code besides", tamper.Create(),
			tamper.OnSuccess(tamper.Set("error", map[string]any{"code": "None", "message": ""})),
			"request-from-issuer/no-error"),
	}
}

// unwrapped takes the error out of its envelope.
func unwrapped(a *tamper.Answer) {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(a.Body, &body) == nil && len(body.Error) > 0 {
		a.Body = body.Error
	}
}
