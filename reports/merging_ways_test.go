package reports_test

import (
	"slices"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

func TestWhatADeletionLeavesWrongIsOneCause(t *testing.T) {
	for _, c := range []merging{
		{
			"a deletion that purges",
			[]reports.Play{{Name: "Deleted", Steps: []reports.Step{
				step("Deleted", "DeleteCertificate", "DELETE", "a", 200, `{"id":"a"}`), step("Read", "GetDeletedCertificate", "GET", "../deletedcertificates/a", 404, `{}`),
				step("Listed", "GetDeletedCertificates", "GET", "../deletedcertificates", 200, `{"value":[]}`),
			}}},
			[]reports.Result{rule("read", "Deleted", "Read", "status", "", "want 200"), rule("listed", "Deleted", "Listed", "body", "/value", "a list without it")},
			map[string][]string{"GetDeletedCertificate/status/404/after DeleteCertificate": {"read", "listed"}},
		},
		{
			"a list that lacks deleted certificates, which can be read",
			[]reports.Play{{Name: "Deleted", Steps: []reports.Step{
				step("Deleted", "DeleteCertificate", "DELETE", "a", 200, `{"id":"a"}`), step("Restored", "RestoreCertificate", "POST", "restore", 200, `{}`),
				step("Listed", "GetDeletedCertificates", "GET", "../deletedcertificates", 200, `{"value":[]}`),
			}}},
			[]reports.Result{rule("restored", "Deleted", "Restored", "status", "", "want 409"), rule("listed", "Deleted", "Listed", "body", "/value", "a list without it")},
			map[string][]string{"RestoreCertificate/refusal/2xx/conflict/after DeleteCertificate": {"restored"}, "GetDeletedCertificates/body/items": {"listed"}},
		},
		{
			"a deletion that deletes nothing, and succeeds again",
			[]reports.Play{{Name: "Issuer", Steps: []reports.Step{
				step("Deleted", "DeleteCertificateIssuer", "DELETE", "issuers/i", 200, `{"id":"i"}`), step("Gone", "GetCertificateIssuer", "GET", "issuers/i", 200, `{"id":"i"}`),
				step("Again", "DeleteCertificateIssuer", "DELETE", "issuers/i", 200, `{"id":"i"}`),
			}}},
			[]reports.Result{rule("gone", "Issuer", "Gone", "status", "", "want 404"), rule("again", "Issuer", "Again", "status", "", "want 404")},
			map[string][]string{"GetCertificateIssuer/refusal/2xx/after DeleteCertificateIssuer": {"gone", "again"}},
		},
		{
			"a backup in a form that is not taken back, and another restore that is refused",
			[]reports.Play{
				{Name: "Backup", Steps: []reports.Step{step("Saved", "BackupCertificate", "POST", "a/backup", 200, `{"value":"a="}`), step("Restored", "RestoreCertificate", "POST", "restore", 400, `{}`)}},
				{Name: "Other", Steps: []reports.Step{step("Accepted", "RestoreCertificate", "POST", "restore", 200, `{}`), step("Restored", "RestoreCertificate", "POST", "restore", 409, `{}`)}},
			},
			[]reports.Result{
				rule("form", "Backup", "Saved", "body", "/value", "padded"), rule("restored", "Backup", "Restored", "status", "", "want 200"), rule("other", "Other", "Restored", "status", "", "want 200"),
			},
			map[string][]string{"BackupCertificate/body/value/wrong": {"form", "restored"}, "RestoreCertificate/status/409": {"other"}},
		},
		{
			"refusals with a status of the server, and a server that fails",
			[]reports.Play{{Name: "Errors", Steps: []reports.Step{
				step("Read", "GetCertificate", "GET", "a", 500, `{"error":{"code":"BadParameter"}}`), step("Pending", "GetCertificateOperation", "GET", "a/pending", 500, `{"error":{"code":"BadParameter"}}`),
				step("Policy", "GetCertificatePolicy", "GET", "a/policy", 500, `{"error":{"code":"InternalError"}}`), step("List", "GetCertificates", "GET", "", 500, `{"error":{"code":"InternalError"}}`),
			}}},
			[]reports.Result{
				rule("read", "Errors", "Read", "status", "", "want 4xx"), rule("pending", "Errors", "Pending", "status", "", "want 4xx"),
				rule("policy", "Errors", "Policy", "status", "", "want 4xx"), rule("list", "Errors", "List", "status", "", "want 4xx"),
			},
			map[string][]string{
				"GetCertificate/status/500 BadParameter": {"read", "pending"}, "GetCertificatePolicy/status/500 InternalError": {"policy"}, "GetCertificates/status/500 InternalError": {"list"},
			},
		},
		{
			"another version than the one asked for, and a policy of another id",
			[]reports.Play{{Name: "Versions", Steps: []reports.Step{
				step("First", "GetCertificate", "GET", "a/1", 200, `{"id":"https://vault.example/certificates/a/2","tags":{},"policy":{"id":"x"}}`), step("Policy", "GetCertificatePolicy", "GET", "a/policy", 200, `{"id":"x"}`),
			}}},
			[]reports.Result{
				rule("id", "Versions", "First", "identity", "/id", "the id of another version"), rule("tags", "Versions", "First", "body", "/tags", "no tags"), rule("policy", "Versions", "Policy", "body", "/id", "x"),
			},
			map[string][]string{"bundle/identity/id": {"id", "tags"}, "policy/body/id/wrong": {"policy"}},
		},
		{
			"a header that is missing in a success that should be none, and another that is missing elsewhere",
			[]reports.Play{{Name: "Merge", Steps: []reports.Step{
				step("Garbage", "MergeCertificate", "POST", "a/pending/merge", 201, `{}`), step("Created", "CreateCertificate", "POST", "b/create", 202, `{}`),
			}}},
			[]reports.Result{
				rule("garbage", "Merge", "Garbage", "status", "", "want 4xx"),
				{ID: "declared", Level: reports.Must, Verdict: reports.Fail, Play: "Merge", Step: "Garbage", Aspect: "header", Header: "Location", Got: "no Location"},
				{ID: "type", Level: reports.Must, Verdict: reports.Fail, Play: "Merge", Step: "Created", Aspect: "header", Header: "Content-Type", Got: "no Content-Type"},
			},
			map[string][]string{"MergeCertificate/refusal/2xx/Merge.Garbage": {"garbage", "declared"}, "response/header/content-type/missing": {"type"}},
		},
	} {
		t.Run(c.name, c.test)
	}
}

// A rule whose request was never sent stands under the cause that ended its play, and under none where nothing did.
func TestAPlayThatEndsHoldsItsRulesUnderTheCauseThatEndedIt(t *testing.T) {
	unsent := func(id, play string) reports.Result {
		return reports.Result{ID: id, Level: reports.Must, Verdict: reports.NotReached, Play: play, Reason: "needs a recovery; the play did not come to it"}
	}
	r := &reports.Report{
		Plays: []reports.Play{
			{Name: "Merge", Steps: []reports.Step{step("Merged", "MergeCertificate", "POST", "a/pending/merge", 500, `{}`)}},
			{Name: "Later", Steps: []reports.Step{step("Merged", "MergeCertificate", "POST", "b/pending/merge", 500, `{}`)}},
			{Name: "Fine", Steps: []reports.Step{step("Read", "GetCertificate", "GET", "c", 200, `{}`)}},
		},
		Scenarios: []reports.Scenario{{ID: "s", Rules: []reports.Result{
			rule("merge", "Merge", "Merged", "status", "", "want 201"), unsent("same", "Merge"), unsent("later", "Later"), unsent("fine", "Fine"),
		}}},
	}
	r.Conclude()
	if len(r.Causes) != 1 || !slices.Equal(r.Causes[0].HoldsBack, []string{"same", "later"}) {
		t.Errorf("got %+v", r.Causes)
	}
}
