package schemas

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestEveryOperationIsFoundByItsRequest(t *testing.T) {
	tests := []struct{ id, method, path string }{
		{"GetCertificates", "GET", "/certificates"},
		{"DeleteCertificate", "DELETE", "/certificates/n"},
		{"SetCertificateContacts", "PUT", "/certificates/contacts"},
		{"GetCertificateContacts", "GET", "/certificates/contacts"},
		{"DeleteCertificateContacts", "DELETE", "/certificates/contacts"},
		{"GetCertificateIssuers", "GET", "/certificates/issuers"},
		{"SetCertificateIssuer", "PUT", "/certificates/issuers/i"},
		{"UpdateCertificateIssuer", "PATCH", "/certificates/issuers/i"},
		{"GetCertificateIssuer", "GET", "/certificates/issuers/i"},
		{"DeleteCertificateIssuer", "DELETE", "/certificates/issuers/i"},
		{"CreateCertificate", "POST", "/certificates/n/create"},
		{"ImportCertificate", "POST", "/certificates/n/import"},
		{"GetCertificateVersions", "GET", "/certificates/n/versions"},
		{"GetCertificatePolicy", "GET", "/certificates/n/policy"},
		{"UpdateCertificatePolicy", "PATCH", "/certificates/n/policy"},
		{"UpdateCertificate", "PATCH", "/certificates/n/v"},
		{"GetCertificate", "GET", "/certificates/n/v"},
		{"UpdateCertificateOperation", "PATCH", "/certificates/n/pending"},
		{"GetCertificateOperation", "GET", "/certificates/n/pending"},
		{"DeleteCertificateOperation", "DELETE", "/certificates/n/pending"},
		{"MergeCertificate", "POST", "/certificates/n/pending/merge"},
		{"BackupCertificate", "POST", "/certificates/n/backup"},
		{"RestoreCertificate", "POST", "/certificates/restore"},
		{"GetDeletedCertificates", "GET", "/deletedcertificates"},
		{"GetDeletedCertificate", "GET", "/deletedcertificates/n"},
		{"PurgeDeletedCertificate", "DELETE", "/deletedcertificates/n"},
		{"RecoverDeletedCertificate", "POST", "/deletedcertificates/n/recover"},
	}
	_, document := load(t)
	var ids []string
	for _, test := range tests {
		ids = append(ids, test.id)
		for _, place := range []struct{ url, base string }{
			{"https://vault.example" + test.path + "?api-version=7.4", ""},
			{"https://vault.example:8443/a/b" + test.path + "?api-version=7.4", "/a/b"},
			{"/a" + test.path + "/", "/a/"},
			{"https://vault.example/" + test.path, ""},
		} {
			if id, _, ok := document.Operation(test.method, place.url, place.base); !ok || id != test.id {
				t.Errorf("%s %s below %q: got %q, %v; want %s", test.method, place.url, place.base, id, ok, test.id)
			}
		}
	}
	slices.Sort(ids)
	if got := document.OperationIDs(); len(got) != 27 || !slices.Equal(got, ids) {
		t.Errorf("the document has the operations %q", got)
	}
}

func TestOperationParameters(t *testing.T) {
	tests := []struct {
		method, url, base, id string
		params                map[string]string
	}{
		{"GET", "https://v/certificates/n?api-version=7.4", "", "GetCertificate", map[string]string{"certificate-name": "n"}},
		{"GET", "https://v/certificates/n/?api-version=7.4", "", "GetCertificate", map[string]string{"certificate-name": "n"}},
		{"PATCH", "https://v/certificates/n/", "", "UpdateCertificate", map[string]string{"certificate-name": "n"}},
		{"GET", "https://v/certificates/n/v", "", "GetCertificate", map[string]string{"certificate-name": "n", "certificate-version": "v"}},
		{"POST", "https://v/certificates//n/import", "", "ImportCertificate", map[string]string{"certificate-name": "n"}},
		{"POST", "https://v/certificates/a%2Fb/create", "", "CreateCertificate", map[string]string{"certificate-name": "a/b"}},
		{"GET", "https://v/certificates/issuers/My%20CA", "", "GetCertificateIssuer", map[string]string{"issuer-name": "My CA"}},
		{"POST", "https://v/certificates//create", "", "", nil},
		{"PUT", "https://v/certificates/issuers/", "", "", nil},
		{"POST", "https://v/certificates/n", "", "", nil},
		{"GET", "https://v/certificates/n/v/w", "", "", nil},
		{"GET", "https://v/secrets/n", "", "", nil},
		{"GET", "https://v/certificates", "/prefix", "", nil},
		{"GET", "https://v/prefixed/certificates", "/prefix", "", nil},
		{"GET", "https://v/", "", "", nil},
		{"GET", "https://v", "", "", nil},
		{"GET", "https://v/certificates/%zz", "", "", nil},
		{"get", "https://v/certificates", "", "", nil},
	}
	_, document := load(t)
	for _, test := range tests {
		id, params, ok := document.Operation(test.method, test.url, test.base)
		if id != test.id || ok != (test.id != "") || !maps.Equal(params, test.params) {
			t.Errorf("%s %s: got %q %v %v", test.method, test.url, id, params, ok)
		}
	}
}

func TestOperationsHaveAHistory(t *testing.T) {
	_, document := load(t)
	later := map[string]APIVersion{
		"BackupCertificate": "7.0", "RestoreCertificate": "7.0", "GetDeletedCertificates": "2016-10-01", "GetDeletedCertificate": "2016-10-01",
		"PurgeDeletedCertificate": "2016-10-01", "RecoverDeletedCertificate": "2016-10-01",
	}
	for _, id := range document.OperationIDs() {
		want, ok := later[id]
		if !ok {
			want = "2015-06-01"
		}
		if since, ok := document.OperationSince(id); !ok || since != want {
			t.Errorf("%s: since %s, want %s", id, since, want)
		}
	}
	if _, ok := document.OperationSince("NoSuchOperation"); ok {
		t.Error("an unknown operation has a history")
	}
}

// jsonHeader returns headers as a client sends them with a JSON body.
func jsonHeader(pairs ...string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(pairs); i += 2 {
		header.Set(pairs[i], pairs[i+1])
	}
	return header
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	value, err := Decode([]byte(text))
	if err != nil {
		return nil
	}
	return value
}

func TestCheckRequest(t *testing.T) {
	tests := []struct {
		name, method, url string
		header            http.Header
		body, want        string // want is empty if all is well
	}{
		{"a create", "POST", "/certificates/n/create?api-version=7.4", jsonHeader("Accept", "application/json"), `{"policy":{}}`, ""},
		{"a create with a charset", "POST", "/certificates/n/create?api-version=7.4", jsonHeader("Content-Type", "Application/JSON; charset=utf-8"), `{}`, ""},
		{"a list", "GET", "/certificates?api-version=7.4&maxresults=25&includePending=true", nil, "", ""},
		{"a next page", "GET", "/certificates?api-version=7.4&$skiptoken=abc%3D&maxresults=1", nil, "", ""},
		{"a filtered read", "GET", "/certificates/n/pending?api-version=7.4&request_id=a", nil, "", ""},
		{"a filtered cancellation", "PATCH", "/certificates/n/pending?api-version=7.4&request_id=a", jsonHeader(), `{"cancellation_requested":true}`, ""},
		{"a filtered deletion", "DELETE", "/certificates/n/pending?api-version=7.4&request_id=a", nil, "", ""},
		{"a read of the request alone", "GET", "/certificates/n/pending?api-version=7.4", jsonHeader("Accept", "application/pkcs10"), "", ""},
		{"a backup", "POST", "/certificates/n/backup?api-version=7.4", nil, "", ""},
		{"any answer is fine", "GET", "/certificates?api-version=7.4", jsonHeader("Accept", "text/html, */*;q=0.1"), "", ""},

		{"no such operation", "PUT", "/certificates/n?api-version=7.4", nil, "", "PUT /certificates/n is no operation of the API"},
		{"no api-version", "GET", "/certificates/n", nil, "", "parameter api-version is missing"},
		{"an empty api-version", "GET", "/certificates/n?api-version=", nil, "", "parameter api-version is empty"},
		{"api-version twice", "GET", "/certificates/n?api-version=7.4&api-version=7.4", nil, "", "parameter api-version is given 2 times"},
		{"too small a page", "GET", "/certificates?api-version=7.4&maxresults=0", nil, "", "parameter maxresults is less than 1"},
		{"too big a page", "GET", "/certificates?api-version=7.4&maxresults=26", nil, "", "parameter maxresults is more than 25"},
		{"a page of many", "GET", "/certificates?api-version=7.4&maxresults=many", nil, "", "parameter maxresults is a string, must be an integer"},
		{"perhaps pending", "GET", "/certificates?api-version=7.4&includePending=perhaps", nil, "", "parameter includePending is a string, must be a boolean"},
		{"a filter elsewhere", "GET", "/certificates/n?api-version=7.4&request_id=a", nil, "", `parameter "request_id" is not one of GetCertificate`},
		{"a name with a dot", "POST", "/certificates/a.b/create?api-version=7.4", jsonHeader(), `{}`, "parameter certificate-name is not letters, digits and dashes"},
		{"a create without body", "POST", "/certificates/n/create?api-version=7.4", nil, "", "the body is missing"},
		{"a create of text", "POST", "/certificates/n/create?api-version=7.4", jsonHeader("Content-Type", "text/plain"), `{}`, "the content type is text/plain, must be application/json"},
		{"a create of nothing said", "POST", "/certificates/n/create?api-version=7.4", http.Header{}, `{}`, "header Content-Type is missing or malformed, must be application/json"},
		{"a create that is no JSON", "POST", "/certificates/n/create?api-version=7.4", jsonHeader(), `{`, "the body is not JSON"},
		{"a create of null", "POST", "/certificates/n/create?api-version=7.4", jsonHeader(), `null`, "the body is null, must be an object"},
		{"a merge without certificates", "POST", "/certificates/n/pending/merge?api-version=7.4", jsonHeader(), `{}`, "x5c is missing"},
		{"a read with a body", "GET", "/certificates/n?api-version=7.4", jsonHeader(), `{}`, "GetCertificate takes no body"},
		{"nothing but HTML", "GET", "/certificates?api-version=7.4", jsonHeader("Accept", "text/html"), "", "header Accept does not admit application/json"},
		{"the request alone elsewhere", "GET", "/certificates/n/policy?api-version=7.4", jsonHeader("Accept", "application/pkcs10"), "", "header Accept does not admit application/json"},
	}
	_, document := load(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Request{Method: test.method, URL: test.url, Header: test.header, Raw: []byte(test.body), Body: decoded(t, test.body)}
			expectProblem(t, document.CheckRequest(r), test.want)
		})
	}
}

func TestCheckResponse(t *testing.T) {
	asked := jsonHeader("Accept", "application/pkcs10")
	located := jsonHeader("Location", "https://v/certificates/n/pending")
	csr := http.Header{"Content-Type": {"application/pkcs10; charset=utf-8"}}
	const operation = `{"id":"https://v/certificates/n/pending","status":"inProgress","request_id":"1","error":null}`
	tests := []struct {
		name, method, path string
		accept             http.Header
		status             int
		header             http.Header
		body, want         string
	}{
		{"a create", "POST", "/certificates/n/create", nil, 202, located, operation, ""},
		{"an error", "POST", "/certificates/n/create", nil, 409, jsonHeader(), `{"error":{"code":"Conflict","message":"m","innererror":null}}`, ""},
		{"an error without body", "POST", "/certificates/n/create", nil, 401, nil, "", ""},
		{"an error for no operation", "POST", "/certificates//create", nil, 405, jsonHeader(), `{"error":{"code":"MethodNotAllowed","message":"m"}}`, ""},
		{"a purge", "DELETE", "/deletedcertificates/n", nil, 204, nil, "", ""},
		{"the request alone", "GET", "/certificates/n/pending", asked, 200, csr, "TWFu\n", ""},
		{"JSON though the request alone was asked for", "GET", "/certificates/n/pending", asked, 200, jsonHeader(), operation, ""},

		{"a create done at once", "POST", "/certificates/n/create", nil, 200, located, operation, "status 200 is not declared for CreateCertificate, only 202 or an error"},
		{"a redirect", "GET", "/certificates/n", nil, 302, nil, "", "status 302 is not declared for GetCertificate, only 200 or an error"},
		{"success for no operation", "PUT", "/certificates/n", nil, 200, jsonHeader(), `{}`, "PUT /certificates/n is no operation of the API, yet the status is 200"},
		{"a create that leads nowhere", "POST", "/certificates/n/create", nil, 202, jsonHeader(), operation, "header Location is missing"},
		{"a create without request_id", "POST", "/certificates/n/create", nil, 202, located, `{"id":"https://v/p","status":"inProgress"}`, "request_id is missing"},
		{"an error of another form", "GET", "/certificates/n", nil, 404, jsonHeader(), `{"message":"m"}`, "error is missing"},
		{"an error in HTML", "GET", "/certificates/n", nil, 502, http.Header{"Content-Type": {"text/html"}}, `<p>`, "the content type is text/html, must be application/json"},
		{"an error of no JSON", "GET", "/certificates/n", nil, 500, jsonHeader(), `oops`, "the body is not JSON"},
		{"an error of text for no operation", "GET", "/nowhere", nil, 404, jsonHeader(), `"no"`, "the body is a string, must be an object"},
		{"nothing", "GET", "/certificates/n", nil, 200, jsonHeader(), "", "the body is missing"},
		{"a purge that talks", "DELETE", "/deletedcertificates/n", nil, 204, jsonHeader(), `{}`, "a response with status 204 has no body"},
		{"the request alone, unasked", "GET", "/certificates/n/pending", jsonHeader("Accept", "application/json, */*"), 200, csr, "TWFu", "the response is application/pkcs10, which the request did not ask for"},
		{"the request alone, garbled", "GET", "/certificates/n/pending", asked, 200, csr, "-----BEGIN", "the body is not standard base64 with padding"},
		{"the request alone elsewhere", "DELETE", "/certificates/n/pending", asked, 200, csr, "TWFu", "the content type is application/pkcs10, must be application/json"},
	}
	_, document := load(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Request{Method: test.method, URL: "https://v" + test.path + "?api-version=7.4", Header: test.accept}
			resp := Response{Status: test.status, Header: test.header, Raw: []byte(test.body), Body: decoded(t, test.body)}
			expectProblem(t, document.CheckResponse(r, resp), test.want)
		})
	}
}

func expectProblem(t *testing.T, problems []Problem, want string) {
	t.Helper()
	if want == "" && len(problems) == 0 {
		return
	}
	if len(problems) != 1 || problems[0].Message != want {
		t.Errorf("got %+v, want %q", problems, want)
	}
}

func TestRequestBodiesAreThoseOfTheDocument(t *testing.T) {
	_, document := load(t)
	for _, r := range document.routes {
		kind, ok := RequestKind(r.id)
		if !ok {
			if r.operation.RequestBody != nil {
				t.Errorf("%s takes a body in the document only", r.id)
			}
			continue
		}
		if r.operation.RequestBody == nil {
			t.Errorf("%s takes no body in the document", r.id)
			continue
		}
		if ref := r.operation.RequestBody.Value.Content[mediaJSON].Schema.Ref; ref != "#/components/schemas/"+string(kind) {
			t.Errorf("%s: %s in the document, %s as a kind", r.id, ref, kind)
		}
	}
}

func TestResponseKind(t *testing.T) {
	const x509 = `"x5t":"a","attributes":{"enabled":true}`
	const stub = `{"id":"a","attributes":{"enabled":false}}`
	tests := []struct {
		method, path string
		status       int
		body         string
		want         Kind
	}{
		{"POST", "/certificates/n/create", 202, `{"status":"InProgress"}`, OperationInProgress},
		{"GET", "/certificates/n/pending", 200, `{"status":"completed"}`, OperationCompleted},
		{"GET", "/certificates/n/pending", 200, `{"status":"canceled"}`, OperationCancelled},
		{"GET", "/certificates/n/pending", 200, `{"status":"cancelled"}`, OperationCancelled},
		{"GET", "/certificates/n/pending", 200, `{"status":"failed"}`, OperationFailed},
		{"GET", "/certificates/n/pending", 200, `{"status":"deleted"}`, Operation},
		{"GET", "/certificates/n/pending", 200, `[]`, Operation},
		{"GET", "/certificates/n", 200, `{` + x509 + `}`, Bundle},
		{"GET", "/certificates/n", 200, stub, BundlePending},
		{"GET", "/certificates/n", 200, `{"id":"a","attributes":{"enabled":true}}`, Bundle},
		{"GET", "/certificates/n", 200, `{"cer":"a","attributes":{"enabled":false}}`, Bundle},
		{"GET", "/certificates/n/v", 200, `{` + x509 + `}`, BundleVersioned},
		{"GET", "/certificates/n/v", 200, stub, BundlePending},
		{"PATCH", "/certificates/n", 200, `{` + x509 + `}`, BundleVersioned},
		{"POST", "/certificates/n/import", 200, stub, Bundle},
		{"POST", "/certificates/n/pending/merge", 201, stub, BundleMerged},
		{"POST", "/certificates/restore", 200, stub, BundlePending},
		{"DELETE", "/certificates/n", 200, `{"recoveryId":"a",` + x509 + `}`, DeletedBundle},
		{"DELETE", "/certificates/n", 200, `{` + x509 + `}`, DeletedBundle},
		{"DELETE", "/certificates/n", 200, `{"x5t":"a","attributes":{"enabled":true,"recoveryLevel":"Purgeable"}}`, BundleVersioned},
		{"DELETE", "/certificates/n", 200, `{"x5t":"a","attributes":{"enabled":true,"recoverableDays":0}}`, BundleVersioned},
		{"DELETE", "/certificates/n", 200, `{"x5t":"a","attributes":{"enabled":true}}`, DeletedBundle},
		{"DELETE", "/certificates/n", 200, `{"x5t":"a","recoveryId":"a","attributes":{"enabled":true}}`, DeletedBundle},
		{"DELETE", "/certificates/n", 200, `{"x5t":"a","attributes":{"recoveryLevel":"Recoverable+Purgeable"}}`, DeletedBundle},
		{"GET", "/certificates/n", 404, `{}`, ErrorBody},
		{"GET", "/nowhere", 404, `{}`, ErrorBody},
		{"DELETE", "/deletedcertificates/n", 204, ``, ""},
		{"GET", "/nowhere", 200, `{}`, ""},
		{"GET", "/certificates/n", 302, `{}`, ""},
	}
	set, document := load(t)
	for _, test := range tests {
		r := Request{Method: test.method, URL: "https://v" + test.path + "?api-version=7.4"}
		kind, ok := document.ResponseKind(r, Response{Status: test.status, Body: decoded(t, test.body)})
		if kind != test.want || ok != (test.want != "") {
			t.Errorf("%s %s -> %d %s: got %q, want %q", test.method, test.path, test.status, test.body, kind, test.want)
		}
		if ok && !slices.Contains(set.Names(), string(kind)) {
			t.Errorf("%s has no schema", kind)
		}
	}
	// Before 7.0 a response said nothing of recovery, and the stub of a name that never completed was enabled.
	for _, test := range []struct {
		version, body string
		want          Kind
	}{
		{"2015-06-01", `{` + x509 + `}`, BundleVersioned},
		{"2016-10-01", `{` + x509 + `}`, BundleVersioned},
		{"2016-10-01", `{"recoveryId":"a",` + x509 + `}`, DeletedBundle},
		{"2016-10-01", `{"attributes":{"recoveryLevel":"Recoverable+Purgeable"}}`, DeletedBundle},
		{"2015-06-01", `{"id":"a","attributes":{"enabled":true}}`, BundlePending},
	} {
		r := Request{Method: "DELETE", URL: "https://v/certificates/n?api-version=" + test.version}
		if kind, _ := document.ResponseKind(r, Response{Status: 200, Body: decoded(t, test.body)}); kind != test.want {
			t.Errorf("a deletion at %s, %s: got %s, want %s", test.version, test.body, kind, test.want)
		}
	}
}

func TestTheWholeDocumentCanBeWritten(t *testing.T) {
	_, document := load(t)
	text, err := document.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		OpenAPI    string
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(whole.OpenAPI, "3.0.") || whole.Components.Schemas["certificate-bundle"] == nil {
		t.Errorf("openapi %s with %d schemas", whole.OpenAPI, len(whole.Components.Schemas))
	}
}
