package schemas

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkParameters checks the parameters in path and query: those that are declared, and that there are no others.
func (d *Document) checkParameters(found *route, params map[string]string, query url.Values) []Problem {
	var problems []Problem
	declared := make([]string, 0, len(found.parameters))
	for _, ref := range found.parameters {
		parameter := ref.Value
		declared = append(declared, parameter.Name)
		values := query[parameter.Name]
		if parameter.In == openapi3.ParameterInPath {
			values = []string{params[parameter.Name]}
		}
		switch {
		case len(values) > 1:
			problems = append(problems, Problem{Message: fmt.Sprintf("parameter %s is given %d times", parameter.Name, len(values))})
		case len(values) == 1:
			problems = append(problems, d.checkParameter(parameter, values[0])...)
		case parameter.Required:
			problems = append(problems, Problem{Message: fmt.Sprintf("parameter %s is missing", parameter.Name)})
		}
	}
	for _, name := range sortedKeys(query) {
		if !slices.Contains(declared, name) {
			problems = append(problems, Problem{Message: fmt.Sprintf("parameter %s is not one of %s", strconv.Quote(name), found.id)})
		}
	}
	return problems
}

func (d *Document) checkParameter(parameter *openapi3.Parameter, text string) []Problem {
	schema := parameter.Schema.Value
	value := any(text)
	switch {
	case schema.Type.Is(openapi3.TypeInteger):
		if _, err := strconv.ParseInt(text, 10, 32); err == nil {
			value = json.Number(text)
		}
	case schema.Type.Is(openapi3.TypeBoolean):
		if text == "true" || text == "false" {
			value = text == "true"
		}
	}
	err := schema.VisitJSON(value, openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	// The words are those for a body; a parameter has a name in its place, and no pointer.
	var problems []Problem
	for _, p := range d.problems(value, err) {
		p.Pointer = ""
		p.Message = "parameter " + parameter.Name + strings.TrimPrefix(p.Message, "the body")
		p.Got = strconv.Quote(text)
		problems = append(problems, p)
	}
	return problems
}

// checkAccept reports an Accept header that admits none of the media types that a response can have.
func checkAccept(found *route, header http.Header) []Problem {
	if len(header.Values("Accept")) == 0 {
		return nil
	}
	candidates := []string{mediaJSON}
	for _, response := range found.operation.Responses.Map() {
		candidates = append(candidates, sortedKeys(response.Value.Content)...)
	}
	for _, media := range candidates {
		if accepts(header, media, true) {
			return nil
		}
	}
	return []Problem{{Message: fmt.Sprintf("header Accept does not admit %s", mediaJSON), Got: strings.Join(header.Values("Accept"), ", ")}}
}

// accepts reports whether Accept names media, or, if ranges count too, admits it.
func accepts(header http.Header, media string, ranges bool) bool {
	for _, line := range header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			named, _, err := mime.ParseMediaType(part)
			if err != nil {
				continue
			}
			if named == media || ranges && (named == "*/*" || named == "application/*") {
				return true
			}
		}
	}
	return false
}
