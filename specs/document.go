package specs

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// JudgeBy puts an OpenAPI document of the user's in the place of our own, for the rule that compares every response with the
// document. By it the bodies are compared too, which the rules of each body do otherwise.
func (s *Suite) JudgeBy(given *schemas.Given) error {
	document, err := given.Document(s.Document)
	if err != nil {
		return fmt.Errorf("the OpenAPI document %w", err)
	}
	s.given, s.givenDocument = given, document
	return nil
}

// Beyond is something that the user's document has and the schemas of kvconform lack, with how often the run met it.
type Beyond struct {
	schemas.Difference
	// Asked counts the requests to the operations that have it, Met those in which it was sent or returned.
	Asked, Met int
}

// Beyond lists what the user's document adds to the api-version that kvconform knows; nothing without such a document.
func (s *Suite) Beyond(facts Facts, performances []*scenarios.Performance) ([]Beyond, error) {
	if s.given == nil {
		return nil, nil
	}
	own, err := schemas.LoadVersion(facts.Expected())
	if err != nil {
		return nil, err
	}
	differences, err := schemas.Differences(own.Given(), s.given)
	if err != nil {
		return nil, err
	}
	var list []Beyond
	for _, difference := range differences {
		if difference.Change != schemas.Added {
			continue
		}
		beyond := Beyond{Difference: difference}
		for _, performance := range performances {
			for _, step := range performance.Steps() {
				beyond.count(step.Exchange, s.givenDocument, facts)
			}
		}
		list = append(list, beyond)
	}
	return list, nil
}

// count counts an exchange, if it is of an operation that has the thing.
func (b *Beyond) count(e *vault.Exchange, document *schemas.Document, facts Facts) {
	if e.Request.Deliberate || e.Response == nil {
		return
	}
	operation, _, ok := document.Operation(e.Request.Method, e.Request.URL, basePath(e.Request.URL, facts))
	if !ok {
		return
	}
	if len(b.In) == 0 {
		if operation == b.Name {
			b.Asked, b.Met = b.Asked+1, b.Met+1
		}
		return
	}
	for _, in := range b.In {
		of, part, _ := strings.Cut(in, " ")
		if of != operation {
			continue
		}
		var body any
		switch {
		case part == "request":
			body, _ = e.Request.JSON()
		case part == fmt.Sprint(e.Response.Status), part == "error" && e.Response.Status >= 400:
			body, _ = e.Response.JSON()
		default:
			continue
		}
		b.Asked++
		if b.in(e, part, body) {
			b.Met++
		}
	}
}

// in reports whether the exchange has the thing.
func (b *Beyond) in(e *vault.Exchange, part string, body any) bool {
	switch b.What {
	case "member":
		return holds(body, b.Name)
	case "header":
		return e.Response.Header.Get(b.Name) != ""
	case "parameter":
		return strings.Contains(e.Request.URL, b.Name+"=")
	}
	return part != "request" // a status
}

// holds reports whether a body has a member at a place such as value[].attributes.enabled.
func holds(body any, place string) bool {
	if place == "" {
		return body != nil
	}
	if rest, ok := strings.CutPrefix(place, "[]"); ok {
		items, _ := body.([]any)
		for _, item := range items {
			if holds(item, strings.TrimPrefix(rest, ".")) {
				return true
			}
		}
		return false
	}
	object, _ := body.(map[string]any)
	end := strings.IndexAny(place, ".[")
	if end < 0 {
		return object[place] != nil
	}
	return holds(object[place[:end]], strings.TrimPrefix(place[end:], "."))
}
