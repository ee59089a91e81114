package account

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
)

// Repeated says how many requests were repeated, and for which reasons, "" if none was: a run that needed it may have passed
// on a network that is not sound.
func Repeated(performances []*scenarios.Performance) string {
	requests, reasons := 0, map[string]int{}
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if len(step.Exchange.Repeated) > 0 {
				requests++
			}
			for _, reason := range step.Exchange.Repeated {
				reasons[reason]++
			}
		}
	}
	if requests == 0 {
		return ""
	}
	var counts []string
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		what := "after a " + reason
		if reason == "connection" {
			what = "after a connection that ended before the response"
		}
		counts = append(counts, fmt.Sprintf("%s (%d)", what, reasons[reason]))
	}
	if requests == 1 {
		return "1 request was repeated: " + strings.Join(counts, ", ")
	}
	return fmt.Sprintf("%d requests were repeated: %s", requests, strings.Join(counts, ", "))
}
