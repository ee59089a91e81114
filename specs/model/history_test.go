package model_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// did is one exchange of a made-up history.
type did struct {
	operation string
	query     string // after the path: "/v1" or "?request_id=…"
	sent      string
	status    int
	body      string
	// from and to are when it began and ended, for histories in which several are under way at once.
	from, to int
	// deliberate says that the request is wrong on purpose.
	deliberate bool
}

const base = "https://vault.example"

func (d did) exchange(t *testing.T, at int) *vault.Exchange {
	t.Helper()
	paths := map[string]string{
		vault.CreateCertificate: "POST /certificates/n/create", vault.ImportCertificate: "POST /certificates/n/import",
		vault.GetCertificateOperation: "GET /certificates/n/pending", vault.UpdateCertificateOperation: "PATCH /certificates/n/pending",
		vault.DeleteCertificateOperation: "DELETE /certificates/n/pending", vault.MergeCertificate: "POST /certificates/n/pending/merge",
		vault.GetCertificate: "GET /certificates/n", vault.GetCertificateVersions: "GET /certificates/n/versions",
		vault.UpdateCertificate: "PATCH /certificates/n", vault.GetCertificatePolicy: "GET /certificates/n/policy",
		vault.UpdateCertificatePolicy: "PATCH /certificates/n/policy", vault.DeleteCertificate: "DELETE /certificates/n",
		vault.GetDeletedCertificate: "GET /deletedcertificates/n", vault.RecoverDeletedCertificate: "POST /deletedcertificates/n/recover",
		vault.PurgeDeletedCertificate: "DELETE /deletedcertificates/n", vault.SetCertificateIssuer: "PUT /certificates/issuers/i",
		vault.GetCertificateIssuer: "GET /certificates/issuers/i", vault.UpdateCertificateIssuer: "PATCH /certificates/issuers/i",
		vault.DeleteCertificateIssuer: "DELETE /certificates/issuers/i", vault.GetDeletedCertificates: "GET /deletedcertificates",
	}
	method, path, known := strings.Cut(paths[d.operation], " ")
	if !known {
		t.Fatalf("no path for %s", d.operation)
	}
	began := time.Unix(int64(1000+at), 0)
	took := time.Duration(0)
	if d.to > 0 {
		began, took = time.Unix(int64(d.from), 0), time.Duration(d.to-d.from)*time.Second
	}
	for _, text := range []string{d.sent, d.body} {
		if text != "" && !json.Valid([]byte(text)) {
			t.Fatalf("not JSON: %s", text)
		}
	}
	return &vault.Exchange{
		Operation: d.operation, Started: began, Took: took, Attempts: 1,
		Request:  vault.Request{Method: method, URL: atVersion(base + path + d.query), Body: vault.Body(d.sent), Deliberate: d.deliberate},
		Response: &vault.Response{Status: d.status, Header: http.Header{}, Body: vault.Body(d.body)},
	}
}

// The requests of the histories below, in short.

func create(status int, id string, more ...string) did {
	d := did{operation: vault.CreateCertificate, status: status, sent: `{"policy":{"issuer":{"name":"Unknown"},"key_props":{"key_size":2048}}}`}
	if id != "" {
		d.body = operation(id, "inProgress", "Unknown", false)
	}
	if len(more) > 0 {
		d.sent = more[0]
	}
	return d
}

func selfSigned(id string) did {
	return did{
		operation: vault.CreateCertificate, status: 202, sent: `{"policy":{"issuer":{"name":"Self"}}}`,
		body: operation(id, "inProgress", "Self", false),
	}
}

func operation(id, status, issuer string, cancel bool) string {
	text, _ := json.Marshal(map[string]any{
		"id": base + "/certificates/n/pending", "request_id": id, "status": status, "csr": "csr of " + id,
		"issuer": map[string]any{"name": issuer}, "cancellation_requested": cancel,
	})
	return string(text)
}

func poll(id, status string, more ...string) did {
	issuer := "Unknown"
	if len(more) > 0 {
		issuer = more[0]
	}
	return did{operation: vault.GetCertificateOperation, status: 200, body: operation(id, status, issuer, status == "cancelled")}
}

func refused(operation string, status int) did { return did{operation: operation, status: status} }

func cancel(id string, more ...string) did {
	issuer := "Unknown"
	if len(more) > 0 {
		issuer = more[0]
	}
	return did{
		operation: vault.UpdateCertificateOperation, sent: `{"cancellation_requested":true}`, status: 200,
		body: operation(id, "inProgress", issuer, true),
	}
}

func drop(id, status string) did {
	return did{operation: vault.DeleteCertificateOperation, status: 200, body: operation(id, status, "Unknown", false)}
}

func bundle(operation, path, version, tags string, enabled bool) did {
	status := map[string]int{vault.MergeCertificate: 201}[operation]
	if status == 0 {
		status = 200
	}
	object := map[string]any{
		"id": base + "/certificates/n/" + version, "cer": "cer of " + version, "x5t": "x5t of " + version,
		"attributes": map[string]any{"enabled": enabled}, "recoveryId": "r",
	}
	if tags != "" {
		object["tags"] = map[string]any{"t": tags}
	}
	text, _ := json.Marshal(object)
	return did{operation: operation, query: path, status: status, body: string(text)}
}

func read(version string) did      { return bundle(vault.GetCertificate, "", version, "", true) }
func imported(version string) did  { return bundle(vault.ImportCertificate, "", version, "", true) }
func merged(version string) did    { return bundle(vault.MergeCertificate, "", version, "", true) }
func deletion(version string) did  { return bundle(vault.DeleteCertificate, "", version, "", true) }
func shownGone(version string) did { return bundle(vault.GetDeletedCertificate, "", version, "", true) }
func recovered(version string) did {
	return bundle(vault.RecoverDeletedCertificate, "", version, "", true)
}
func purged() did                   { return did{operation: vault.PurgeDeletedCertificate, status: 204} }
func (d did) by(id string) did      { d.query = "?request_id=" + id; return d }
func (d did) at(from, to int) did   { d.from, d.to = from, to; return d }
func (d did) sends(body string) did { d.sent = body; return d }

func list(versions ...string) did {
	items := []any{}
	for _, v := range versions {
		items = append(items, map[string]any{"id": base + "/certificates/n/" + v, "x5t": "x5t of " + v})
	}
	text, _ := json.Marshal(map[string]any{"value": items, "nextLink": nil})
	return did{operation: vault.GetCertificateVersions, status: 200, body: string(text)}
}

// listedGone is a list of deleted certificates that has the name with a version.
func listedGone(version string) did {
	item := map[string]any{"id": base + "/certificates/n", "x5t": "x5t of " + version, "attributes": map[string]any{"enabled": true}, "recoveryId": "r"}
	text, _ := json.Marshal(map[string]any{"value": []any{item}, "nextLink": nil})
	return did{operation: vault.GetDeletedCertificates, status: 200, body: string(text)}
}

// enabledIssuer is a response with an issuer that is enabled or not.
func enabledIssuer(operation, sent string, enabled bool) did {
	text, _ := json.Marshal(map[string]any{"provider": "DigiCert", "attributes": map[string]any{"enabled": enabled}})
	return did{operation: operation, status: 200, sent: sent, body: string(text)}
}

func TestHistoriesThatTheContractAllows(t *testing.T) {
	for name, history := range map[string][]did{
		"a request from its create to its merge": {create(202, "a"), poll("a", "inProgress"), merged("1"), poll("a", "completed"), read("1"), list("1")},
		"a request that ends between two polls":  {selfSigned("a"), poll("a", "completed", "Self"), read("1")},
		"a version seen before its end":          {selfSigned("a"), read("1"), poll("a", "completed", "Self")},
		"a conflict and its end":                 {create(202, "a"), create(409, ""), drop("a", "inProgress"), create(202, "b")},
		"a cancellation that completes":          {selfSigned("a"), cancel("a", "Self"), poll("a", "completed", "Self")},
		"a late cancellation":                    {selfSigned("a"), poll("a", "completed", "Self"), refused(vault.UpdateCertificateOperation, 403)},
		"another request_id":                     {create(202, "a"), refused(vault.GetCertificateOperation, 404).by("b"), poll("a", "inProgress").by("a")},
		"a history without a beginning":          {poll("a", "inProgress", "Self"), poll("a", "completed", "Self"), read("9"), list("8", "9")},
		"a deletion that takes its time":         {imported("1"), deletion("1"), refused(vault.GetDeletedCertificate, 404), shownGone("1"), create(409, "")},
		"a recovery that takes its time":         {imported("1"), deletion("1"), shownGone("1"), recovered("1"), refused(vault.GetCertificate, 404), read("1")},
		"a purge and a new certificate":          {imported("1"), deletion("1"), purged(), refused(vault.CreateCertificate, 409), imported("2"), list("2")},
		"an import over a request that ended":    {selfSigned("a"), poll("a", "completed", "Self"), imported("2"), poll("a", "completed", "Self")},
		"a name that never completed":            {create(202, "a"), drop("a", "inProgress"), refused(vault.GetCertificate, 404), refused(vault.DeleteCertificate, 404)},
		"a version of one of two requests": {
			selfSigned("a"), poll("a", "completed", "Self"), selfSigned("b"), read("1"), poll("b", "inProgress", "Self"), poll("b", "completed", "Self"), list("2", "1"), read("2"),
		},
		"a version first seen in a list, after its request was deleted": {
			selfSigned("a"), poll("a", "completed", "Self"),
			{operation: vault.DeleteCertificateOperation, status: 200, body: operation("a", "completed", "Self", false)}, list("1"), read("1"),
		},
		"a request that ends while its name is deleted": {imported("1"), selfSigned("a"), deletion("1"), shownGone("1"), listedGone("2")},
		"an issuer that is enabled once it is set again": {
			enabledIssuer(vault.SetCertificateIssuer, `{"provider":"DigiCert"}`, true),
			enabledIssuer(vault.UpdateCertificateIssuer, `{"attributes":{"enabled":false}}`, false),
			enabledIssuer(vault.SetCertificateIssuer, `{"provider":"DigiCert"}`, true),
		},
		"a request without a response": {
			create(202, "a"), {operation: vault.DeleteCertificateOperation, status: 500}, create(202, "b"), poll("b", "inProgress"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, finding := range judged(t, name != "a history without a beginning", history) {
				t.Error(finding)
			}
		})
	}
}

func TestResponsesThatTheirHistoryMakesImpossible(t *testing.T) {
	for name, test := range map[string]struct {
		history []did
		want    string
	}{
		"two requests at a time":           {[]did{create(202, "a"), create(202, "b")}, "SC-06-01"},
		"an import during a request":       {[]did{create(202, "a"), imported("1")}, "SC-06-02"},
		"a request_id of an earlier one":   {[]did{create(202, "a"), drop("a", "inProgress"), create(202, "b"), drop("b", "inProgress"), create(202, "a")}, "SC-05-04"},
		"another csr":                      {[]did{create(202, "a"), {operation: vault.GetCertificateOperation, status: 200, body: strings.Replace(operation("a", "inProgress", "Unknown", false), "csr of a", "csr of b", 1)}}, "SC-02-04"},
		"an end that does not last":        {[]did{selfSigned("a"), poll("a", "completed", "Self"), poll("a", "inProgress", "Self")}, "SC-04-13"},
		"a manual request that completes":  {[]did{create(202, "a"), poll("a", "completed")}, "SC-10-07"},
		"a manual request that is gone":    {[]did{create(202, "a"), refused(vault.GetCertificateOperation, 404)}, "SC-02-01"},
		"a deletion that deletes nothing":  {[]did{create(202, "a"), drop("a", "inProgress"), poll("a", "inProgress")}, "SC-05-01"},
		"a filter that lets all through":   {[]did{create(202, "a"), poll("a", "inProgress").by("b")}, "SC-02-03"},
		"a request_id cut short":           {[]did{create(202, "abcdef"), poll("abcdef", "inProgress").by("abc")}, "SC-02-03"},
		"a conflict with nothing":          {[]did{create(202, "a"), drop("a", "inProgress"), create(409, "")}, "SC-06-08"},
		"a conflict after a merge":         {[]did{create(202, "a"), merged("1"), create(409, "")}, "SC-06-07"},
		"a cancellation after the end":     {[]did{create(202, "a"), cancel("a"), poll("a", "cancelled"), cancel("a")}, "SC-08-05"},
		"a cancellation that nobody asked": {[]did{create(202, "a"), poll("a", "cancelled")}, "SC-10-07"},
		"a version that nobody made":       {[]did{imported("1"), read("2")}, "SC-03-09"},
		"a version that is lost":           {[]did{imported("1"), imported("2"), list("2")}, "B-1-14"},
		"a version overwritten":            {[]did{imported("1"), imported("1")}, "B-2-08"},
		"a current version that goes back": {[]did{imported("1"), imported("2"), read("1")}, "B-3-01"},
		"a new version while in progress":  {[]did{imported("1"), create(202, "a"), read("2")}, "SC-12-08"},
		"an update that hits another":      {[]did{imported("1"), imported("2"), bundle(vault.UpdateCertificate, "/1", "1", "x", true).sends(`{"tags":{"t":"x"}}`), bundle(vault.GetCertificate, "/2", "2", "x", true)}, "B-4-03"},
		"a version disabled by another":    {[]did{imported("1"), imported("2"), bundle(vault.UpdateCertificate, "/1", "1", "", false).sends(`{"attributes":{"enabled":false}}`), bundle(vault.GetCertificate, "/2", "2", "", false)}, "B-4-02"},
		"a deleted name that is read":      {[]did{imported("1"), deletion("1"), shownGone("1"), read("1")}, "B-3-06"},
		"a create over a deleted name":     {[]did{imported("1"), deletion("1"), create(202, "a")}, "B-7-13"},
		"a recovery that loses a version":  {[]did{imported("1"), imported("2"), deletion("2"), shownGone("2"), recovered("2"), read("2"), list("2")}, "B-1-14"},
		"a purge that leaves a version":    {[]did{imported("1"), deletion("1"), purged(), imported("2"), list("1", "2")}, "B-7-10"},
		"a policy that reverts":            {[]did{policy(vault.GetCertificatePolicy, 2048), policy(vault.UpdateCertificatePolicy, 3072).sends(`{"key_props":{"key_size":3072}}`), create(202, "a", `{}`), policy(vault.GetCertificatePolicy, 2048)}, "SC-12-07"},
		"an issuer that is forgotten":      {[]did{issuer(vault.SetCertificateIssuer, "DigiCert").sends(`{"provider":"DigiCert"}`), refused(vault.GetCertificateIssuer, 404)}, "B-10-04"},
		"an issuer that changes":           {[]did{issuer(vault.SetCertificateIssuer, "DigiCert").sends(`{"provider":"DigiCert"}`), issuer(vault.GetCertificateIssuer, "Test")}, "B-10-01"},
		"a deleted name listed otherwise":  {[]did{imported("1"), deletion("1"), shownGone("1"), listedGone("2")}, "B-6-18"},
		"an issuer set again and disabled": {[]did{
			enabledIssuer(vault.SetCertificateIssuer, `{"provider":"DigiCert"}`, true),
			enabledIssuer(vault.UpdateCertificateIssuer, `{"attributes":{"enabled":false}}`, false),
			enabledIssuer(vault.SetCertificateIssuer, `{"provider":"DigiCert"}`, false),
		}, "B-10-11"},
		"an issuer that outlives its death": {[]did{issuer(vault.DeleteCertificateIssuer, "DigiCert"), issuer(vault.GetCertificateIssuer, "DigiCert")}, "B-10-05"},
	} {
		t.Run(name, func(t *testing.T) {
			findings := judged(t, true, test.history)
			if len(findings) != 1 || findings[0].Statement.ID != test.want {
				t.Errorf("got %v, want one finding of %s", findings, test.want)
			}
		})
	}
}

func policy(operation string, size int) did {
	text, _ := json.Marshal(map[string]any{"key_props": map[string]any{"key_size": size}, "issuer": map[string]any{"name": "Unknown"}})
	return did{operation: operation, status: 200, body: string(text)}
}

func issuer(operation, provider string) did {
	return did{operation: operation, status: 200, body: `{"provider":"` + provider + `"}`}
}

// Requests that overlap may have taken effect in either order; the responses have to fit one.
func TestRequestsAtTheSameTimeFitOneOrder(t *testing.T) {
	for name, test := range map[string]struct {
		history []did
		want    string
	}{
		"one of two creates is refused": {history: []did{create(409, "").at(1, 5), create(202, "a").at(2, 4)}},
		"a poll sees what the next does not": {history: []did{
			create(202, "a").at(1, 5), poll("a", "inProgress").at(2, 3), refused(vault.GetCertificateOperation, 404).at(4, 5).by("a"),
		}, want: "SC-02-01"},
		"a deletion lets a second create in": {history: []did{create(202, "a").at(1, 2), create(202, "b").at(3, 6), drop("a", "inProgress").at(4, 5)}},
		"two creates are accepted":           {history: []did{create(202, "a").at(1, 5), create(202, "b").at(2, 4)}, want: "SC-06-01"},
		"two deletions find the same": {history: []did{
			create(202, "a").at(1, 2), drop("a", "inProgress").at(3, 6), drop("a", "inProgress").at(4, 5),
		}, want: "SC-09-09"},
	} {
		t.Run(name, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }})
			for i, d := range test.history {
				judge.AddTimed(d.exchange(t, i))
			}
			findings := judge.Findings()
			switch {
			case test.want == "" && len(findings) > 0:
				t.Errorf("got %v, want none", findings)
			case test.want != "" && (len(findings) != 1 || findings[0].Statement.ID != test.want):
				t.Errorf("got %v, want one of %s", findings, test.want)
			}
		})
	}
}

// Requests at once can have more orders than are followed. The vault may be in a state that was dropped, so nothing is found then.
func TestMoreOrdersThanAreFollowedLeaveNothingToFind(t *testing.T) {
	for _, current := range []string{"1", "2", "3", "4"} {
		judge := model.New(model.Options{Fresh: func(string) bool { return true }})
		history := []did{imported("1").at(1, 9), imported("2").at(1, 9), imported("3").at(1, 9), imported("4").at(1, 9), read(current).at(10, 11)}
		for i, d := range history { // each with a policy of its own, so that every order is another state
			d.body = strings.Replace(d.body, `"cer"`, `"policy":{"issuer":{"name":"`+[]string{"1", "2", "3", "4", current}[i]+`"}},"cer"`, 1)
			judge.AddTimed(d.exchange(t, i))
		}
		if findings := judge.Findings(); len(findings) > 0 {
			t.Errorf("if version %s is the current one: got %v, want none", current, findings)
		}
	}
}

func judged(t *testing.T, fresh bool, history []did) []model.Finding {
	t.Helper()
	judge := model.New(model.Options{Fresh: func(string) bool { return fresh }})
	for i, d := range history {
		judge.Add(d.exchange(t, i))
	}
	return judge.Findings()
}

// atVersion adds the api-version that every request has.
func atVersion(address string) string {
	if strings.Contains(address, "?") {
		return address + "&api-version=7.4"
	}
	return address + "?api-version=7.4"
}
