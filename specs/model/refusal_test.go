package model_test

import (
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// A rejection of a legal request needs a reason: of the explorer's requests it is known that they are legal.
func TestARejectionNeedsAReason(t *testing.T) {
	start := []did{imported("1")}
	renew := create(400, "", `{}`)
	for name, test := range map[string]struct {
		history []did
		want    string
	}{
		"a first create":                       {[]did{create(400, "")}, "B-1-15"},
		"a first create meets a conflict":      {[]did{create(409, "")}, "SC-06-11"},
		"a first create without a policy":      {[]did{create(400, "", `{}`)}, ""},
		"a next create":                        {append(start, renew), "B-1-15"},
		"a create during a request":            {[]did{create(202, "a"), create(400, "")}, ""},
		"a create that has not the permission": {[]did{create(401, "")}, ""},
		"a create after a purge":               {append(start, deletion("1"), purged(), create(409, "")), ""},
		"an import":                            {append(start, refused(vault.ImportCertificate, 422)), "B-2-04"},
		"a cancellation in progress":           {[]did{create(202, "a"), refused(vault.UpdateCertificateOperation, 400)}, "SC-08-01"},
		"a cancellation that races":            {[]did{create(202, "a"), refused(vault.UpdateCertificateOperation, 409)}, ""},
		"a cancellation too late":              {[]did{create(202, "a"), cancel("a"), poll("a", "cancelled"), refused(vault.UpdateCertificateOperation, 403)}, ""},
		"a read":                               {append(start, refused(vault.GetCertificate, 403)), "B-3-01"},
		"a list of versions":                   {append(start, refused(vault.GetCertificateVersions, 400)), "B-1-14"},
		"an update of a version":               {append(start, did{operation: vault.UpdateCertificate, query: "/1", status: 400}), "B-4-01"},
		"an update without a version":          {append(start, refused(vault.UpdateCertificate, 405)), ""},
		"a deletion":                           {append(start, refused(vault.DeleteCertificate, 400)), "B-7-01"},
		"a deletion without the permission":    {append(start, refused(vault.DeleteCertificate, 403)), ""},
		"a recovery":                           {append(start, deletion("1"), shownGone("1"), refused(vault.RecoverDeletedCertificate, 400)), "B-7-09"},
		"a recovery too early":                 {append(start, deletion("1"), refused(vault.RecoverDeletedCertificate, 409)), ""},
		"a create that meets a deletion (409)": {append(start, create(409, "").at(1100, 1104), deletion("1").at(1101, 1103)), ""},
		"a create that meets no other (409)":   {append(start, create(409, "").at(1100, 1104)), "SC-06-09"},
		"an issuer that was set":               {[]did{issuer(vault.SetCertificateIssuer, "A").sends(`{"provider":"A"}`), refused(vault.UpdateCertificateIssuer, 400)}, "B-10-04"},
		"a request that is wrong on purpose":   {append(start, deliberate(renew)), ""},
		"a rejection of traffic of which nobody knows whether it is legal": {append(start, renew), "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }, Legal: test.want != "unknown"})
			for i, d := range test.history {
				judge.AddTimed(d.exchange(t, i))
			}
			findings := judge.Findings()
			if test.want == "" || test.want == "unknown" {
				if len(findings) > 0 {
					t.Errorf("got %v, want none", findings)
				}
			} else if len(findings) != 1 || findings[0].Statement.ID != test.want {
				t.Errorf("got %v, want one of %s", findings, test.want)
			}
		})
	}
}

func deliberate(d did) did {
	d.deliberate = true
	return d
}

// What a response shows beside its own members tells of requests that it is not about.
func TestMembersThatBelongToNobodyAreFound(t *testing.T) {
	set := func(sent string) did {
		return did{operation: vault.SetCertificateIssuer, status: 200, sent: sent, body: sent}
	}
	got := func(body string) did { return did{operation: vault.GetCertificateIssuer, status: 200, body: body} }
	withError := func(d did) did {
		d.body = strings.Replace(d.body, `"csr"`, `"error":{"code":"Request rejected","message":"no"},"csr"`, 1)
		return d
	}
	kid := func(d did, kid string) did {
		d.body = strings.Replace(d.body, `"cer"`, `"kid":"`+base+`/keys/n/`+kid+`","cer"`, 1)
		return d
	}
	full, bare := `{"provider":"A","org_details":{"id":"1"}}`, `{"provider":"A"}`
	for name, test := range map[string]struct {
		history []did
		want    string
	}{
		"an issuer set again with less":       {[]did{set(full), set(bare), got(bare)}, ""},
		"an issuer set again that keeps more": {[]did{set(full), set(bare), got(full)}, "B-10-11"},
		"an issuer that is created anew":      {[]did{set(bare), got(`{"provider":"A","attributes":{"created":5}}`), got(`{"provider":"A","attributes":{"created":6}}`)}, "B-10-12"},
		"an issuer of another life":           {[]did{set(bare), got(`{"provider":"A","attributes":{"created":5}}`), {operation: vault.DeleteCertificateIssuer, status: 200, body: bare}, set(bare), got(`{"provider":"A","attributes":{"created":6}}`)}, ""},
		"an issuer deleted without credentials": {[]did{
			set(`{"provider":"A","credentials":{"account_id":"1"}}`), {operation: vault.DeleteCertificateIssuer, status: 200, body: bare},
		}, ""},
		"an issuer deleted with another account": {[]did{
			set(`{"provider":"A","credentials":{"account_id":"1"}}`),
			{operation: vault.DeleteCertificateIssuer, status: 200, body: `{"provider":"A","credentials":{"account_id":"2"}}`},
		}, "B-10-05"},
		"an issuer with an earlier time":       {[]did{set(bare), got(`{"provider":"A","attributes":{"updated":5}}`), got(`{"provider":"A","attributes":{"updated":4}}`)}, "B-10-12"},
		"an error in progress":                 {[]did{create(202, "a"), withError(poll("a", "inProgress"))}, "SC-01-13"},
		"an error of a request that completed": {[]did{selfSigned("a"), withError(poll("a", "completed", "Self"))}, "SC-03-08"},
		"an error of a request that failed":    {[]did{selfSigned("a"), withError(poll("a", "failed", "Self"))}, ""},
		"a key of its own":                     {[]did{kid(imported("1"), "1"), kid(read("1"), "1")}, ""},
		"a key of another version":             {[]did{kid(imported("1"), "1"), kid(read("1"), "2")}, "B-3-02"},
		"a version first listed after a recovery": {[]did{
			selfSigned("a"), poll("a", "completed", "Self"), selfSigned("b"), poll("b", "completed", "Self"),
			deletion("2"), shownGone("2"), recovered("2"), read("2"), list("1", "2"), read("2"),
		}, ""},
		"a version that comes with a recovery": {[]did{imported("1"), deletion("1"), shownGone("1"), recovered("1"), read("1"), list("1", "2")}, "SC-03-09"},
		"a policy kept until the next request completes": {[]did{
			create(202, "a"), drop("a", "inProgress"), create(202, "b", `{"policy":{"issuer":{"name":"Unknown"},"key_props":{"key_size":3072}}}`),
			policy(vault.GetCertificatePolicy, 2048),
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			findings := judged(t, true, test.history)
			if test.want == "" && len(findings) > 0 || test.want != "" && (len(findings) != 1 || findings[0].Statement.ID != test.want) {
				t.Errorf("got %v, want %q", findings, test.want)
			}
		})
	}
}
