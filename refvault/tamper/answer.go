package tamper

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Response is a response of the vault on its way to the client.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// Request is the request that it responds to, Sent that request's body.
	Request *http.Request
	Sent    []byte
}

// Edit changes a response.
type Edit func(a *Response)

// Alters reports whether the edit would change a response, which stays as it is. The order of members does not count.
func (e Edit) Alters(a *Response) bool {
	edited := *a
	edited.Header = a.Header.Clone()
	edited.Body = bytes.Clone(a.Body)
	e(&edited)
	if edited.Status != a.Status || !maps.EqualFunc(edited.Header, a.Header, slices.Equal[[]string]) {
		return true
	}
	if bytes.Equal(edited.Body, a.Body) {
		return false
	}
	if json.Valid(edited.Body) != json.Valid(a.Body) {
		return true
	}
	before, after := object(a.Body), object(edited.Body)
	return before == nil || after == nil || !reflect.DeepEqual(before, after)
}

// AltersBytes is Alters, but the order of members and the blanks between them count.
func (e Edit) AltersBytes(a *Response) bool {
	edited := *a
	edited.Header = a.Header.Clone()
	edited.Body = bytes.Clone(a.Body)
	e(&edited)
	return edited.Status != a.Status || !bytes.Equal(edited.Body, a.Body) ||
		!maps.EqualFunc(edited.Header, a.Header, slices.Equal[[]string])
}

// Handler edits the responses of next to the requests that on picks; all others pass through.
func Handler(next http.Handler, on On, edit Edit) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !on(r) {
			next.ServeHTTP(w, r)
			return
		}
		answer := Pass(next, r)
		edit(answer)
		answer.Write(w)
	})
}

// Pass sends the request to next and returns the response. The request can be sent again.
func Pass(next http.Handler, r *http.Request) *Response {
	sent := Sent(r)
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	r.Body = io.NopCloser(bytes.NewReader(sent))
	return &Response{
		Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes(), Request: r, Sent: sent,
	}
}

// Sent is a request's body, which can be read again.
func Sent(r *http.Request) []byte {
	if r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil // the client broke off: the vault sees an empty body, and nobody the response
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// Write sends the response.
func (a *Response) Write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	if len(a.Body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that has gone away is told nothing
}

// OK reports whether the response is a success.
func (a *Response) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Object is the body's JSON object, nil where it is none. Numbers are json.Number.
func (a *Response) Object() map[string]any {
	return object(a.Body)
}

// SentObject is the JSON object in the request's body, nil where there is none.
func (a *Response) SentObject() map[string]any { return object(a.Sent) }

func object(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value map[string]any
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

// Text is a top-level member of the body that is a string, "" otherwise.
func (a *Response) Text(member string) string {
	text, _ := a.Object()[member].(string)
	return text
}

// SetObject makes value the body, as JSON.
func (a *Response) SetObject(value any) {
	a.encode(value)
	a.Header.Set("Content-Type", "application/json; charset=utf-8")
}

// encode writes value as the body and leaves the headers alone.
func (a *Response) encode(value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return // every value here came out of JSON
	}
	a.Body = bytes.TrimRight(body.Bytes(), "\n")
}

// Become makes this response a copy of another.
func (a *Response) Become(other *Response) {
	a.Status, a.Header, a.Body = other.Status, other.Header.Clone(), other.Body
}

// Ask sends another request to next, with the token and the api-version of the one given. The path is that of the
// certificate followed by below, which is empty for the certificate itself; body may be nil.
func Ask(next http.Handler, r *http.Request, method, below string, body any) *Response {
	base, _, _ := strings.Cut(r.URL.Path, "/certificates/")
	return AskPath(next, r, method, base+"/certificates/"+Name(r)+below, body)
}

// AskPath is Ask with a whole path.
func AskPath(next http.Handler, r *http.Request, method, path string, body any) *Response {
	asked := r.Clone(r.Context())
	asked.Method = method
	asked.URL.Path, asked.URL.RawPath = path, ""
	asked.URL.RawQuery = url.Values{"api-version": {r.URL.Query().Get("api-version")}}.Encode()
	asked.RequestURI = asked.URL.RequestURI()
	asked.Header.Del("Content-Length")
	var content []byte
	switch body := body.(type) {
	case nil:
	case []byte:
		content = body
	default:
		content, _ = json.Marshal(body) // maps and texts of our own
	}
	asked.Body = io.NopCloser(bytes.NewReader(content))
	asked.ContentLength = int64(len(content))
	if len(content) > 0 {
		asked.Header.Set("Content-Type", "application/json")
	}
	return Pass(next, asked)
}

// WithQuery is the request with a query parameter set, or without it where value is "".
func WithQuery(r *http.Request, parameter, value string) *http.Request {
	changed := r.Clone(r.Context())
	query := changed.URL.Query()
	if value == "" {
		query.Del(parameter)
	} else {
		query.Set(parameter, value)
	}
	changed.URL.RawQuery = query.Encode()
	changed.RequestURI = changed.URL.RequestURI()
	changed.Body = r.Body
	return changed
}

// WithBody is the request with another body.
func WithBody(r *http.Request, body any) *http.Request {
	changed := r.Clone(r.Context())
	content, ok := body.([]byte)
	if !ok {
		content, _ = json.Marshal(body) // maps and texts of our own
	}
	changed.Body = io.NopCloser(bytes.NewReader(content))
	changed.ContentLength = int64(len(content))
	changed.Header.Del("Content-Length")
	return changed
}

// WithPath is the request with another path.
func WithPath(r *http.Request, path string) *http.Request {
	changed := r.Clone(r.Context())
	changed.URL.Path, changed.URL.RawPath = path, ""
	changed.RequestURI = changed.URL.RequestURI()
	changed.Body = r.Body
	return changed
}
