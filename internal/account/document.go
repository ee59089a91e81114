package account

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs"
)

// Document says what the user's OpenAPI document adds to what kvconform knows, and how often the run met each addition. It is
// nil without such a document.
func Document(suite *specs.Suite, given *schemas.Given, facts specs.Facts, performances []*scenarios.Performance) (*reports.Document, error) {
	if given == nil {
		return nil, nil
	}
	beyond, err := suite.Beyond(facts, performances)
	if err != nil {
		return nil, fmt.Errorf("comparing the OpenAPI document with that of %s: %w", facts.Expected(), err)
	}
	document := &reports.Document{Title: given.Title, Version: given.Version, Digest: given.Digest, Notes: given.Notes}
	for _, added := range beyond {
		document.Beyond = append(document.Beyond, reports.Beyond{What: added.What, Name: added.Name, In: added.In, Asked: added.Asked, Met: added.Met})
	}
	return document, nil
}

// DocumentNotes say which document the responses were compared with, and what it has that kvconform does not know.
func DocumentNotes(document *reports.Document, facts specs.Facts) []string {
	if document == nil {
		return nil
	}
	notes := []string{fmt.Sprintf("the responses were compared with the OpenAPI document %q %s (%.19s…) instead of kvconform's own",
		document.Title, document.Version, document.Digest)}
	notes = append(notes, document.Notes...)
	var silent, met []string
	for _, added := range document.Beyond {
		switch text := added.What + " " + added.Name; {
		case added.Met > 0:
			met = append(met, text)
		case added.Requested():
			silent = append(silent, text+" (kvconform does not send it)")
		default:
			silent = append(silent, fmt.Sprintf("%s (in none of %d responses)", text, added.Asked))
		}
	}
	if len(silent) > 0 {
		notes = append(notes, fmt.Sprintf("the document has, beyond %s, and this run did not meet: %s", facts.Expected(), several(silent)))
	}
	if len(met) > 0 {
		notes = append(notes, fmt.Sprintf("the document has, beyond %s, and this run met: %s", facts.Expected(), several(met)))
	}
	return notes
}

// several joins the first of many; the JSON report has them all.
func several(things []string) string {
	const most = 20
	if len(things) > most {
		things = append(things[:most:most], fmt.Sprintf("and %d more", len(things)-most))
	}
	return strings.Join(things, ", ")
}
