package cleanup

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/kvconform/kvconform/internal/input"
)

// recentTime is how long a run is taken to be under way after it made something.
const recentTime = 10 * time.Minute

// spare leaves out what belongs to runs under way: those whose ledgers are in the state folder and locked, and those that
// made something a moment ago, which may run on another machine. All names of a run have its id in them.
func (s *Sweep) spare(options SweepOptions) error {
	reasons, err := runsUnderWay()
	if err != nil {
		return err
	}
	if !options.Recent {
		now := options.Clock.Now()
		for _, leftover := range s.Leftovers {
			if id := runOf(leftover.Name); reasons[id] == "" && !leftover.made.IsZero() && now.Sub(leftover.made) < recentTime {
				reasons[id] = fmt.Sprintf("made something less than %s ago; --recent takes it too", recentTime)
			}
		}
	}
	counts := map[string]int{}
	var order []string
	s.Leftovers = slices.DeleteFunc(s.Leftovers, func(l Leftover) bool {
		id := runOf(l.Name)
		if reasons[id] == "" {
			return false
		}
		if counts[id]++; counts[id] == 1 {
			order = append(order, id)
		}
		return true
	})
	for _, id := range order {
		s.Skipped = append(s.Skipped, fmt.Sprintf("%d names of the run %s, which %s", counts[id], id, reasons[id]))
	}
	return nil
}

// runsUnderWay are the ids of the runs whose ledgers are in the state folder and in use.
func runsUnderWay() (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(StateFolder(), "*"+Suffix))
	if err != nil {
		return nil, input.Usagef("the folder %s cannot be read: %v", StateFolder(), err)
	}
	reasons := map[string]string{}
	for _, path := range paths {
		if !underWay(path) {
			continue
		}
		entries, err := ReadLedger(path)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			reasons[entry.Run] = "is under way"
		}
	}
	return reasons, nil
}

// runOf is the id of the run that made a name.
func runOf(name string) string {
	parts := runsName.FindStringSubmatch(name)
	if parts == nil {
		return ""
	}
	return parts[1]
}

// madeAt is when the vault made an item of a list, zero where the list does not say.
func madeAt(item any) time.Time {
	object, _ := item.(map[string]any)
	attributes, _ := object["attributes"].(map[string]any)
	number, _ := attributes["created"].(json.Number)
	seconds, err := number.Int64()
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}
