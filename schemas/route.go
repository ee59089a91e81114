package schemas

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// route is one method on one path template of the document.
type route struct {
	method     string
	segments   []string // a parameter's segment is {name}
	id         string   // the operation's name in the REST specification
	since      string
	operation  *openapi3.Operation
	parameters openapi3.Parameters // those of the path and of the operation
}

func routesOf(doc *openapi3.T) ([]route, error) {
	var routes []route
	for template, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			id, err := extension(operation.Extensions, "x-operation", operation.OperationID)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, template, err)
			}
			since, err := extension(operation.Extensions, "x-since", string(Versions()[0]))
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, template, err)
			}
			routes = append(routes, route{
				method:     method,
				segments:   strings.Split(strings.TrimPrefix(template, "/"), "/"),
				id:         id,
				since:      since,
				operation:  operation,
				parameters: slices.Concat(item.Parameters, operation.Parameters),
			})
		}
	}
	// A literal segment goes before a parameter, so that /certificates/contacts is no certificate.
	slices.SortFunc(routes, func(a, b route) int {
		literalsFirst := func(segments []string) string {
			return strings.ReplaceAll(strings.Join(segments, "/"), "{", "\x7f")
		}
		return cmp.Or(cmp.Compare(literalsFirst(a.segments), literalsFirst(b.segments)), cmp.Compare(a.method, b.method))
	})
	return routes, nil
}

func extension(extensions map[string]any, name, otherwise string) (string, error) {
	value, ok := extensions[name]
	if !ok {
		return otherwise, nil
	}
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("%s is %v, must be a string", name, value)
	}
	return text, nil
}

// match returns the values of the path parameters.
func (r *route) match(method string, segments []string) (map[string]string, bool) {
	if method != r.method || len(segments) != len(r.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range r.segments {
		if name, isParam := parameterName(want); isParam {
			if segments[i] == "" {
				return nil, false
			}
			params[name] = segments[i]
		} else if want != segments[i] {
			return nil, false
		}
	}
	return params, true
}

func parameterName(segment string) (string, bool) {
	name, ok := strings.CutPrefix(segment, "{")
	return strings.TrimSuffix(name, "}"), ok
}

// Operation finds the operation that a request asks for and the values of its path parameters, unescaped. The URL may be
// absolute or begin with its path; basePath is what the target has before /certificates, if anything. As by the real service, a
// slash after a path's end and a doubled slash before a name are let pass.
func (d *Document) Operation(method, rawURL, basePath string) (operationID string, params map[string]string, ok bool) {
	found, params, _ := d.route(method, rawURL, basePath)
	if found == nil {
		return "", nil, false
	}
	return found.id, params, true
}

// OperationIDs returns the names of all operations, sorted.
func (d *Document) OperationIDs() []string {
	var ids []string
	for _, r := range d.routes {
		ids = append(ids, r.id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// OperationSince returns the api-version that brought an operation.
func (d *Document) OperationSince(operationID string) (since APIVersion, ok bool) {
	for _, r := range d.routes {
		if r.id == operationID {
			return APIVersion(r.since), true
		}
	}
	return "", false
}

// Template is one method on one path of the document; an operation may have several.
type Template struct{ Operation, Method, Path string }

// Templates lists the paths of all operations.
func (d *Document) Templates() []Template {
	templates := make([]Template, len(d.routes))
	for i, r := range d.routes {
		templates[i] = Template{r.id, r.method, "/" + strings.Join(r.segments, "/")}
	}
	return templates
}

func (d *Document) route(method, rawURL, basePath string) (*route, map[string]string, url.Values) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, nil, nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, nil
	}
	segments, ok := segmentsOf(u, basePath)
	if !ok {
		return nil, nil, nil
	}
	if method == "" {
		method = http.MethodGet
	}
	for i := range d.routes {
		if params, ok := d.routes[i].match(method, segments); ok {
			return &d.routes[i], params, query
		}
	}
	return nil, nil, nil
}

// segmentsOf splits the path below basePath.
func segmentsOf(u *url.URL, basePath string) ([]string, bool) {
	rest, ok := strings.CutPrefix(u.EscapedPath(), strings.TrimRight(basePath, "/"))
	if !ok || !strings.HasPrefix(rest, "/") {
		return nil, false
	}
	segments := strings.Split(strings.TrimLeft(rest, "/"), "/")
	if len(segments) > 1 && segments[len(segments)-1] == "" {
		segments = segments[:len(segments)-1]
	}
	if len(segments) > 2 && segments[1] == "" {
		segments = slices.Delete(segments, 1, 2)
	}
	for i, segment := range segments {
		unescaped, err := url.PathUnescape(segment)
		if err != nil {
			return nil, false
		}
		segments[i] = unescaped
	}
	return segments, true
}
