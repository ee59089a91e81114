package input

import "strings"

// Nearest returns the known name that a mistyped one is most likely meant to be, "" where none is near.
func Nearest(name string, known []string) string {
	best, least := "", len(name)/2+2
	for _, candidate := range known {
		if d := Distance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// mostSuggested is how many known names a message about an unknown one has at most.
const mostSuggested = 3

// Suggest ends a message about an unknown name with the known name that is nearest, with those that have it in them, or with
// where to find them.
func Suggest(name string, known []string) string {
	if best := Nearest(name, known); best != "" {
		return "; did you mean " + best + "?"
	}
	var longer []string
	for _, candidate := range known {
		if name != "" && strings.Contains(candidate, name) {
			longer = append(longer, candidate)
		}
	}
	if n := len(longer); n > 0 && n <= mostSuggested {
		return "; did you mean " + strings.Join(longer, " or ") + "?"
	}
	return "; `kvconform list` shows the rules, with --features the features, with --faults the faults"
}

// Distance is the number of edits between two names (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
