package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	mediaJSON = "application/json"
	mediaCSR  = "application/pkcs10"
)

// Request is a request as it was sent.
type Request struct {
	Method   string
	URL      string // absolute, or from the path on
	BasePath string // what the target's paths have before /certificates; often empty
	Header   http.Header
	Raw      []byte // the body; empty if there was none
	Body     any    // Raw, decoded by Decode; nil if it is no JSON
	Like     string // the known api-version whose history applies if that of the URL is not known; empty if it is
}

// Response is the response to a Request.
type Response struct {
	Status int
	Header http.Header
	Raw    []byte // the body; empty if there was none
	Body   any    // Raw, decoded by Decode; nil if it is no JSON
}

// CheckRequest returns what is wrong with a request: its operation, parameters, headers and body. It is meant for well-formed
// requests: one that is wrong on purpose, or that only asks for the challenge without token and body, breaks the document.
func (d *Document) CheckRequest(r Request) []Problem {
	found, params, query := d.route(r.Method, r.URL, r.BasePath)
	if found == nil {
		return []Problem{{Message: fmt.Sprintf("%s %s is no operation of the API", r.Method, pathOf(r.URL))}}
	}
	problems := d.checkParameters(found, params, query)
	problems = append(problems, checkAccept(found, r.Header)...)
	if found.operation.RequestBody == nil {
		if len(r.Raw) > 0 {
			problems = append(problems, Problem{Message: found.id + " takes no body"})
		}
		return sorted(problems)
	}
	body := found.operation.RequestBody.Value
	if len(r.Raw) == 0 && r.Body == nil {
		if body.Required {
			problems = append(problems, Problem{Message: "the body is missing"})
		}
		return sorted(problems)
	}
	problems = append(problems, d.checkContent(body.Content, mediaType(r.Header), r.Raw, r.Body, openapi3.VisitAsRequest())...)
	return sorted(problems)
}

// CheckResponse returns what is wrong with a response: its status, headers, content type and body. A response to what is no
// operation must be an error. The schema is that of the operation in any state; [Set.Check] with [Document.ResponseKind] checks
// the state.
func (d *Document) CheckResponse(r Request, resp Response) []Problem {
	found, _, _ := d.route(r.Method, r.URL, r.BasePath)
	declared, problem := d.declared(found, r, resp.Status)
	if declared == nil {
		if problem.Message == "" {
			return nil
		}
		return []Problem{problem}
	}
	problems := checkHeaders(declared, resp)
	if len(resp.Raw) == 0 && resp.Body == nil {
		if len(declared.Content) > 0 && resp.Status < 400 {
			problems = append(problems, Problem{Message: "the body is missing"})
		}
		return sorted(problems) // an error may come without a body
	}
	if len(declared.Content) == 0 {
		return sorted(append(problems, Problem{Message: fmt.Sprintf("a response with status %d has no body", resp.Status)}))
	}
	media := mediaType(resp.Header)
	if media == mediaCSR && declared.Content[mediaCSR] != nil && !accepts(r.Header, mediaCSR, false) {
		problems = append(problems, Problem{Message: "the response is application/pkcs10, which the request did not ask for"})
	}
	problems = append(problems, d.checkContent(declared.Content, media, resp.Raw, resp.Body, openapi3.VisitAsResponse())...)
	return sorted(problems)
}

// declared returns what the document says of a status. Any status from 400 on is an error.
func (d *Document) declared(found *route, r Request, status int) (*openapi3.Response, Problem) {
	if status >= 400 {
		return d.declaredError(found, status), Problem{}
	}
	if found == nil {
		return nil, Problem{Message: fmt.Sprintf("%s %s is no operation of the API, yet the status is %d", r.Method, pathOf(r.URL), status)}
	}
	if response := found.operation.Responses.Status(status); response != nil {
		return response.Value, Problem{}
	}
	return nil, Problem{Message: fmt.Sprintf("status %d is not declared for %s, only %s or an error", status, found.id, successes(found))}
}

// declaredError returns what the document says of an error, nil if it says nothing: a document need not know every error.
func (d *Document) declaredError(found *route, status int) *openapi3.Response {
	var declared *openapi3.ResponseRef
	switch {
	case found == nil && d.doc.Components != nil:
		declared = d.doc.Components.Responses["Error"]
	case found == nil:
	case found.operation.Responses.Status(status) != nil:
		declared = found.operation.Responses.Status(status)
	default:
		declared = found.operation.Responses.Default()
	}
	if declared == nil {
		return nil
	}
	return declared.Value
}

func successes(found *route) string {
	var statuses []string
	for status := range found.operation.Responses.Map() {
		if status != "default" {
			statuses = append(statuses, status)
		}
	}
	slices.Sort(statuses)
	return strings.Join(statuses, ", ")
}

func checkHeaders(declared *openapi3.Response, resp Response) []Problem {
	var problems []Problem
	for _, name := range sortedKeys(declared.Headers) {
		if declared.Headers[name].Value.Required && resp.Header.Get(name) == "" {
			problems = append(problems, Problem{Message: fmt.Sprintf("header %s is missing", name)})
		}
	}
	return problems
}

// checkContent checks the media type and, by it, the body.
func (d *Document) checkContent(
	content openapi3.Content, media string, raw []byte, body any, direction openapi3.SchemaValidationOption,
) []Problem {
	declared := content.Get(media)
	if declared == nil {
		if media == "" {
			return []Problem{{Message: "header Content-Type is missing or malformed, must be " + mediaJSON}}
		}
		return []Problem{{Message: fmt.Sprintf("the content type is %s, must be %s", media, mediaJSON)}}
	}
	if media == mediaCSR {
		body = strings.TrimSpace(string(raw))
	} else if body == nil && string(bytes.TrimSpace(raw)) != "null" {
		return []Problem{{Message: "the body is not JSON"}}
	}
	if declared.Schema == nil {
		return nil
	}
	visit := func() []Problem {
		err := declared.Schema.Value.VisitJSON(withoutNulls(body), openapi3.MultiErrors(), direction)
		return d.problems(body, err)
	}
	if object, ok := body.(map[string]any); ok && len(object) == 0 {
		return d.ofNothing(declared.Schema.Value, visit)
	}
	return visit()
}

// ofNothing returns the problems of an object without members. A judge that asks nothing of the members hands one in for
// every response, and it always lacks the same.
func (d *Document) ofNothing(schema *openapi3.Schema, visit func() []Problem) []Problem {
	known, ok := d.nothing.Load(schema)
	if !ok {
		known, _ = d.nothing.LoadOrStore(schema, visit())
	}
	return slices.Clone(known.([]Problem)) //nolint:forcetypeassert // nothing else is stored
}

// problems translates what kin-openapi found. A failing allOf wraps the list of what failed in it, and is told by that list.
func (d *Document) problems(root any, err error) []Problem {
	if err == nil {
		return nil
	}
	var list openapi3.MultiError
	if errors.As(err, &list) {
		var problems []Problem
		for _, e := range list {
			problems = append(problems, d.problems(root, e)...)
		}
		return problems
	}
	var single *openapi3.SchemaError
	if errors.As(err, &single) {
		keyword := single.SchemaField
		if keyword == "nullable" {
			keyword = "type" // a null where its type is not allowed is no different from another value
		}
		return []Problem{d.phrases.problem(root, breach{single.JSONPointer(), keyword, limitOf(single)})}
	}
	return []Problem{{Message: "the body cannot be checked: " + err.Error()}}
}

// limitOf returns what the broken keyword asks for.
func limitOf(e *openapi3.SchemaError) string {
	switch e.SchemaField {
	case "type", "nullable":
		return strings.Join(e.Schema.Type.Slice(), " or ")
	case "pattern":
		return e.Schema.Pattern
	case "enum":
		values := make([]string, len(e.Schema.Enum))
		for i, value := range e.Schema.Enum {
			text, err := json.Marshal(value)
			if err != nil {
				text = []byte(fmt.Sprint(value))
			}
			values[i] = string(text)
		}
		return strings.Join(values, ", ")
	case "minLength":
		return strconv.FormatUint(e.Schema.MinLength, 10)
	case "minItems":
		return strconv.FormatUint(e.Schema.MinItems, 10)
	case "minimum":
		return strconv.FormatFloat(*e.Schema.Min, 'f', -1, 64)
	case "maximum":
		return strconv.FormatFloat(*e.Schema.Max, 'f', -1, 64)
	}
	return e.Reason
}

func pathOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return strconv.Quote(rawURL)
	}
	return u.EscapedPath()
}

// mediaType returns the media type of Content-Type without parameters, in lower case; empty if there is none.
func mediaType(header http.Header) string {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}
