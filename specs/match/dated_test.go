package match_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/kvconform/kvconform/specs/match"
)

// The clock here, or that of the vault, may be wrong: a time is too late only if it is by both.
func TestTimesAreTooLateOnlyByBothClocks(t *testing.T) {
	here := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		vault, created time.Duration
		late           bool
	}{
		"now":                               {0, 0, false},
		"two days ahead, as the vault is":   {48 * time.Hour, 48 * time.Hour, false},
		"two days ahead of both":            {0, 48 * time.Hour, true},
		"two days ahead of a vault behind":  {-48 * time.Hour, 48 * time.Hour, true},
		"now, while the vault is behind":    {-48 * time.Hour, 0, false},
		"four days ahead, the vault by two": {48 * time.Hour, 96 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := answered(http.StatusOK, fmt.Sprintf(`{"created":%d}`, here.Add(test.created).Unix()))
			e.Started = here
			e.Response.Header.Set("Date", here.Add(test.vault).Format(http.TimeFormat))
			if failure := match.Dated(nil, "created")(e); (failure != nil) != test.late {
				t.Errorf("got %v, want a failure: %v", failure, test.late)
			}
		})
	}
}
