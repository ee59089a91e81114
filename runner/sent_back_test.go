package runner_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// The suite sends back what the vault gave: backups, contacts, versions. Their form is the vault's word, so a request with
// a wrong one is no internal error.
func TestARequestThatSendsBackAWrongValueIsNoInternalError(t *testing.T) {
	capitals := func(id string) string { return id[:len(id)-8] + strings.ToUpper(id[len(id)-8:]) + "_~x" }
	for name, test := range map[string]struct {
		on       tamper.On
		edit     tamper.Edit
		scenario string
	}{
		"a padded backup":      {tamper.Backup(), tamper.OnSuccess(tamper.Set("value", "AAA/+w==")), "backup-certificate"},
		"an empty backup":      {tamper.Backup(), tamper.OnSuccess(tamper.Set("value", "")), "backup-certificate"},
		"contacts of numbers":  {tamper.Operation(http.MethodGet, "/certificates/contacts"), tamper.All(tamper.Status(http.StatusOK), tamper.Body("application/json", `{"contacts":[7]}`)), "contacts"},
		"a strange version":    {tamper.ReadBundle(), tamper.OnSuccess(tamper.MapText("id", capitals)), "update-certificate"},
		"a strange request_id": {tamper.Create(), tamper.OnSuccess(tamper.Set("request_id", "{7 %}")), "cancel-in-progress"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			described := reference(t, "", func(vault http.Handler) http.Handler { return tamper.Handler(vault, test.on, test.edit) })
			described.Contacts = true
			report := run(t, runner.Options{Target: described, NoLedger: true, Scenarios: []string{test.scenario}})
			if report.Conclusion.ExitCode == reports.ExitInternal {
				t.Errorf("internal errors: %q", report.Faults)
			}
		})
	}
}
