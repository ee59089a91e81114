package schemas

import (
	"fmt"
	"strings"
	"testing"
)

// samples returns a body of every kind that has every member of its schema, as text with names in angle brackets for the parts.
func samples(tb testing.TB) map[Kind]any {
	tb.Helper()
	parts := strings.NewReplacer(
		"<name>", `https://vault.example/certificates/web`,
		"<id>", `"id": "https://vault.example/certificates/web/0123456789abcdef0123456789abcdef"`,
		"<attributes>", `{"enabled": true, "nbf": 1700000000, "exp": 1731536000, "created": 1700000600, "updated": 1700000600,
			"recoverableDays": 90, "recoveryLevel": "Recoverable+Purgeable"}`,
		"<issuer>", `{"name": "Self", "cty": "OV-SSL", "cert_transparency": false}`,
		"<tags>", `{"team": "blue", "empty": ""}`,
		"<x509>", `"kid": "https://vault.example/keys/web/0123456789abcdef0123456789abcdef",
			"sid": "https://vault.example/secrets/web/0123456789abcdef0123456789abcdef",
			"x5t": "lLYPxMp4X9lB4ONBI6qIyCbyB1A", "cer": "TWFuIGlzIGRpcw==", "contentType": "application/x-pkcs12"`,
		"<error>", `{"code": "Request rejected", "message": "no", "innererror": {"code": "A", "message": "b", "innererror": {"code": "C"}}}`,
		"<deletion>", `"recoveryId": "https://vault.example/deletedcertificates/web", "scheduledPurgeDate": 1700604800, "deletedDate": 1700000000`,
		"<operation>", `"id": "<pending>", "issuer": {"name": "Self", "cty": "EV-SSL", "cert_transparency": true}, "csr": "TWFuIGlzIGRpcw==",
			"cancellation_requested": false, "status_details": "", "target": "https://vault.example/certificates/web",
			"preserveCertOrder": true, "request_id": "0123456789abcdef0123456789abcdef"`,
		"<issuerBody>", `"provider": "DigiCert", "credentials": {"account_id": "a", "pwd": "p"},
			"org_details": {"id": "1", "admin_details": [{"first_name": "A", "last_name": "B", "email": "a@example.org", "phone": "1"}]},
			"attributes": {"enabled": true, "created": 1700000000, "updated": 1700000000}`,
		"<contacts>", `"id": "https://vault.example/certificates/contacts", "contacts": [{"email": "a@example.org", "name": "A", "phone": "1"}]`,
		"<policy>", policySample,
	)
	text := func(pattern string) string { // parts may hold parts
		for range 3 {
			pattern = parts.Replace(pattern)
		}
		return strings.ReplaceAll(pattern, "<pending>", "https://vault.example/certificates/web/pending")
	}
	bundle := `<id>, <x509>, "attributes": <attributes>, "policy": <policy>, "tags": <tags>, "preserveCertOrder": false, "pending": {"id": "<pending>"}`
	item := `<id>, "attributes": <attributes>, "tags": <tags>, "x5t": "lLYPxMp4X9lB4ONBI6qIyCbyB1A"`
	operation := `{<operation>, "error": <error>, "status": "%s"}`
	request := `"policy": <policy>, "attributes": <attributes>, "tags": <tags>`
	page := `{"value": [{%s}], "nextLink": "https://vault.example:443/certificates?api-version=7.4&$skiptoken=x&maxresults=1"}`
	written := map[Kind]string{
		ErrorBody: `{"error": <error>}`, "error-detail": `<error>`, "inner-error": `{"code": "A", "message": "b", "innererror": {"code": "C"}}`,
		"issuer-parameters": `<issuer>`,
		Operation:           fmt.Sprintf(operation, "Failed"), OperationInProgress: fmt.Sprintf(operation, "InProgress"),
		OperationCompleted: fmt.Sprintf(operation, "completed"), OperationCancelled: fmt.Sprintf(operation, "canceled"),
		OperationFailed: fmt.Sprintf(operation, "failed"),
		Attributes:      `<attributes>`, "certificate-attributes-complete": `<attributes>`, Policy: `<policy>`, PolicyRequest: `<policy>`,
		"certificate-bundle-base": "{" + bundle + "}", Bundle: "{" + bundle + "}", BundleMerged: "{" + bundle + "}",
		BundleVersioned: "{" + bundle + "}", BundlePending: "{" + bundle + "}", DeletedBundle: "{" + bundle + ", <deletion>}",
		Item: "{" + item + "}", DeletedItem: "{" + item + ", <deletion>}", IssuerItem: `{<id>, "provider": "Test"}`,
		List: fmt.Sprintf(page, item), DeletedList: fmt.Sprintf(page, item+", <deletion>"), IssuerList: fmt.Sprintf(page, `<id>, "provider": "Test"`),
		Issuer: `{<id>, <issuerBody>}`, IssuerSetRequest: `{<issuerBody>}`, IssuerUpdateRequest: `{<issuerBody>}`,
		Contacts: `{<contacts>}`, ContactsRequest: `{<contacts>}`, BackupResult: `{"value": "JkF6dXJl_-0"}`, RestoreRequest: `{"value": "JkF6dXJl_-0"}`,
		CreateRequest: "{" + request + `, "preserveCertOrder": true}`, UpdateRequest: "{" + request + "}",
		ImportRequest: "{" + request + `, "preserveCertOrder": true, "value": "MIIB", "pwd": "p"}`,
		MergeRequest:  `{"x5c": ["TWFuIGlzIGRpcw==", "TWFu"], "attributes": <attributes>, "tags": <tags>}`, OperationUpdateRequest: `{"cancellation_requested": true}`,
	}
	values := make(map[Kind]any, len(written))
	for kind, pattern := range written {
		value, err := Decode([]byte(text(pattern)))
		if err != nil {
			tb.Fatalf("sample of %s: %v", kind, err)
		}
		values[kind] = value
	}
	return values
}

const policySample = `{"id": "<name>/policy",
	"key_props": {"exportable": true, "kty": "EC", "key_size": 256, "reuse_key": false, "crv": "P-256"},
	"secret_props": {"contentType": "application/x-pkcs12"},
	"x509_props": {"subject": "CN=web", "ekus": ["1.3.6.1.5.5.7.3.1"], "key_usage": ["digitalSignature"], "validity_months": 12,
		"sans": {"emails": ["a@example.org"], "dns_names": ["web.example"], "upns": ["a@example.org"], "uris": ["urn:x"], "ipAddresses": ["::1"]}},
	"lifetime_actions": [{"trigger": {"lifetime_percentage": 80, "days_before_expiry": 30}, "action": {"action_type": "AutoRenew"}}],
	"issuer": {"name": "Self", "cty": "OV-SSL", "cert_transparency": false},
	"attributes": {"enabled": true, "nbf": 1700000000, "exp": 1731536000, "created": 1700000600, "updated": 1700000600,
		"recoverableDays": 0, "recoveryLevel": "Purgeable"},
	"platformManaged": {"certificateUsage": "x", "metadata": {"any": null, "thing": [1]}}}`

// required returns what each kind must have, as pointers into its sample: the contract, written down apart from the schemas.
func required() map[Kind][]string {
	policy := func(at string) []string {
		return below(at, "/id", "/issuer/name")
	}
	errorDetail := func(at string) []string { return below(at, "/code", "/message") }
	base := append([]string{"/id", "/attributes"}, policy("/policy")...)
	versioned := append([]string{"/kid", "/sid", "/x5t", "/cer",
		"/attributes/enabled", "/attributes/nbf", "/attributes/exp", "/attributes/created", "/attributes/updated"}, base...)
	bundle := append([]string{"/policy"}, versioned...)
	operation := append([]string{"/id", "/status", "/request_id"}, errorDetail("/error")...)
	deletion := []string{"/recoveryId", "/scheduledPurgeDate", "/deletedDate"}
	item := []string{"/id", "/attributes"}
	issuer := []string{"/id", "/provider", "/attributes", "/attributes/enabled", "/attributes/created", "/attributes/updated"}
	return map[Kind][]string{
		ErrorBody: append([]string{"/error"}, errorDetail("/error")...), "error-detail": errorDetail(""), "inner-error": nil,
		"issuer-parameters": nil,
		Operation:           operation,
		OperationInProgress: append([]string{"/issuer", "/issuer/name"}, operation...),
		OperationCompleted:  append([]string{"/target"}, operation...),
		OperationCancelled:  operation,
		OperationFailed:     append([]string{"/error"}, operation...),
		Attributes:          nil, "certificate-attributes-complete": {"/enabled", "/nbf", "/exp", "/created", "/updated"},
		Policy: policy(""), PolicyRequest: nil,
		"certificate-bundle-base": base, BundlePending: base, BundleVersioned: versioned, Bundle: bundle,
		BundleMerged:  append(below("/policy", "/key_props", "/secret_props", "/x509_props", "/issuer", "/attributes"), bundle...),
		DeletedBundle: append(deletion, base...),
		Item:          item, DeletedItem: append(deletion, item...), IssuerItem: {"/id", "/provider"},
		List:        append([]string{"/value"}, below("/value/0", item...)...),
		DeletedList: append([]string{"/value"}, below("/value/0", append(deletion, item...)...)...),
		IssuerList:  {"/value", "/value/0/id", "/value/0/provider"},
		Issuer:      issuer, IssuerSetRequest: {"/provider"}, IssuerUpdateRequest: nil,
		Contacts: {"/id", "/contacts"}, ContactsRequest: nil, BackupResult: {"/value"}, RestoreRequest: {"/value"},
		CreateRequest: nil, UpdateRequest: nil, ImportRequest: {"/value"}, MergeRequest: {"/x5c"},
		OperationUpdateRequest: {"/cancellation_requested"},
	}
}

func below(at string, pointers ...string) []string {
	placed := make([]string, len(pointers))
	for i, pointer := range pointers {
		placed[i] = at + pointer
	}
	return placed
}
