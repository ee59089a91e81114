package fault

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// transports are answers that are right but for how they are written and sent.
func transports() []Fault {
	all := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.Anything(), edit, breaks...)
	}
	body := func(id, title string, change func([]byte) []byte, breaks ...string) Fault {
		return all(id, title, tamper.MapBody(change), breaks...)
	}
	const wellFormed, contentType, charset = "every-answer/well-formed", "every-answer/content-type", "every-answer/charset"
	typed := func(value string) tamper.Edit {
		return func(a *tamper.Answer) {
			if len(a.Body) > 0 {
				a.Header.Set("Content-Type", value)
			}
		}
	}
	return []Fault{
		all("content-type-missing", "an answer has no Content-Type that fits", typed("application/octet-stream"), contentType, charset),
		all("content-type-text", "an answer is called plain text", typed("text/plain; charset=utf-8"), contentType),
		all("content-type-html", "an answer is called HTML", typed("text/html; charset=utf-8"), contentType),
		all("content-type-problem", "an answer is called application/problem+json", typed("application/problem+json; charset=utf-8"), contentType),
		all("charset-missing", "an answer does not say its character set", typed("application/json"), charset),
		all("charset-wrong", "an answer says that it is in Latin-1", typed("application/json; charset=iso-8859-1"), charset),
		edits("error-content-type-text", "a refusal is JSON called plain text", tamper.Anything(), tamper.OnRefusal(typed("text/plain")), contentType),
		body("body-cut-short", "every body ends in the middle, and its length says so", func(b []byte) []byte { return b[:len(b)/2] }, wellFormed),
		body("body-with-something-after", "after every body there is something more", func(b []byte) []byte { return append(b, []byte("\n--\n")...) }, wellFormed),
		body("body-twice", "every body is sent twice", func(b []byte) []byte { return append(append([]byte{}, b...), b...) }, wellFormed),
		body("body-with-byte-order-mark", "every body begins with a byte order mark", func(b []byte) []byte { return append([]byte("\ufeff"), b...) }, wellFormed),
		body("body-in-single-quotes", "bodies have single quotes", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) }, wellFormed),
		body("body-with-trailing-comma", "objects have a comma at their end", func(b []byte) []byte {
			return append(bytes.TrimSuffix(b, []byte("}")), []byte(",}")...)
		}, wellFormed),
		body("body-in-a-callback", "bodies are wrapped for a script", func(b []byte) []byte {
			return append(append([]byte("callback("), b...), ')')
		}, wellFormed),
		body("body-in-a-string", "bodies are JSON in a JSON string", func(b []byte) []byte { return []byte(strconv.Quote(string(b))) }, "every-answer/operation", "every-answer/error"),
		body("body-in-data", "every body is a member data of another object", func(b []byte) []byte {
			return append(append([]byte(`{"data":`), b...), '}')
		}, "every-answer/operation", "every-answer/error", "every-answer/certificate-bundle", "request-from-issuer/operation-id"),
		body("body-in-a-list", "every body is a list of one", func(b []byte) []byte { return append(append([]byte("["), b...), ']') },
			"every-answer/operation", "every-answer/error", "every-answer/certificate-bundle"),
		body("body-is-null", "every body is null", func([]byte) []byte { return []byte("null") }, "every-answer/operation", "every-answer/error"),
		body("body-in-utf-16", "every body is in UTF-16", func(b []byte) []byte {
			var wide []byte
			for _, c := range b {
				wide = append(wide, c, 0)
			}
			return wide
		}, wellFormed),
		all("tracking-id-missing", "an answer has no x-ms-request-id", tamper.DropHeader("x-ms-request-id"), "every-answer/x-ms-request-id"),
		all("tracking-id-no-guid", "the x-ms-request-id is no GUID", tamper.SetHeader("x-ms-request-id", "17"), "every-answer/x-ms-request-id"),
		all("tracking-id-the-same", "every answer has the same x-ms-request-id",
			tamper.SetHeader("x-ms-request-id", "00000000-0000-4000-8000-000000000007"), "every-answer/x-ms-request-id-unique"),
		all("cacheable", "an answer does not forbid caching", tamper.All(tamper.DropHeader("Cache-Control"), tamper.DropHeader("Pragma")), "every-answer/cache-control"),
		all("cached-for-an-hour", "an answer may be cached for an hour", tamper.SetHeader("Cache-Control", "max-age=3600"), "every-answer/cache-control"),
		all("sniffing-allowed", "an answer has no X-Content-Type-Options", tamper.DropHeader("X-Content-Type-Options"), "every-answer/nosniff"),
		all("retry-after-in-words", "the Retry-After of an answer is neither seconds nor a date", func(a *tamper.Answer) {
			if a.Header.Get("Retry-After") != "" {
				a.Header.Set("Retry-After", "soon")
			}
		}, "every-answer/retry-after"),
		all("retry-after-with-a-unit", "the Retry-After of an answer has a unit", func(a *tamper.Answer) {
			if a.Header.Get("Retry-After") != "" {
				a.Header.Set("Retry-After", "10s")
			}
		}, "every-answer/retry-after"),
		all("refusals-answer-500", "every refusal is a fault of the server", tamper.OnRefusal(tamper.Status(http.StatusInternalServerError)),
			"every-answer/no-server-fault", "conflict-while-in-progress/create-status", "read-in-progress/filter-mismatch-status"),
		all("refusals-answer-200", "every refusal answers 200 with its error", tamper.OnRefusal(tamper.Status(http.StatusOK)),
			"conflict-while-in-progress/create-status", "read-in-progress/filter-mismatch-status", "merge-on-issuer-request/status",
			"read-deleted-or-overwritten/deleted-status", "authentication/status", "api-version/missing"),
		{
			ID: "answers-mixed-up", Title: "every third read of a pending object is answered as the one before it, whoever asked",
			Breaks: []string{"every-answer/pending-id"}, On: tamper.ReadPending(), Wrap: mixedUp,
		},
		edits("success-is-a-redirect", "a read answers 307 to the same place", tamper.ReadBundle().Or(tamper.ReadPending()),
			tamper.OnSuccess(func(a *tamper.Answer) {
				a.Status = http.StatusTemporaryRedirect
				a.Header.Set("Location", a.Request.URL.RequestURI())
			}), "read-in-progress/status", "every-answer/declared"),
		edits("operation-in-camel-case", "the members of operations are written in camel case", tamper.Pending(), tamper.OnSuccess(tamper.All(
			tamper.Rename("request_id", "requestId"), tamper.Rename("status_details", "statusDetails"),
			tamper.Rename("cancellation_requested", "cancellationRequested"))), "request-from-issuer/request-id", "request-from-issuer/cancellation-not-requested"),
		edits("bundle-in-capitals", "the members of bundles are written in capitals", tamper.Bundle(), tamper.OnSuccess(tamper.All(
			tamper.Rename("id", "Id"), tamper.Rename("attributes", "Attributes"), tamper.Rename("cer", "Cer"), tamper.Rename("policy", "Policy"))),
			"every-answer/certificate-bundle", "merge-manual-request/id"),
		edits("policy-in-camel-case", "the groups of policies are written in camel case", tamper.Policy().Or(tamper.Bundle()), tamper.OnSuccess(tamper.All(
			tamper.Rename("policy.key_props", "keyProps"), tamper.Rename("policy.secret_props", "secretProps"), tamper.Rename("policy.x509_props", "x509Props"),
			tamper.Rename("key_props", "keyProps"), tamper.Rename("secret_props", "secretProps"), tamper.Rename("x509_props", "x509Props"))),
			"merge-manual-request/policy"),
	}
}

// mixedUp answers some reads with what the read before them was answered.
func mixedUp(next http.Handler) http.Handler {
	m := newMemory()
	return acting(next, tamper.ReadPending(), func(next http.Handler, r *http.Request) *tamper.Answer {
		a := tamper.Pass(next, r)
		before := m.kept("before")
		m.keep("before", a)
		if m.next()%3 == 0 && before != nil {
			return before
		}
		return a
	})
}
