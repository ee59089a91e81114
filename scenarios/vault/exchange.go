package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Exchange is one request with its response. It is redacted where it is captured: no token, password or private key
// is ever in it, so it can be shown and stored as it is.
type Exchange struct {
	// Operation is the operation's id in the REST specification, such as CreateCertificate.
	Operation string `json:"operation"`
	// Started is when the first attempt was sent.
	Started time.Time `json:"started"`
	// Took is how long the last attempt took, from sending to the last byte of the response.
	Took time.Duration `json:"tookNanos"`
	// Waited is how long the play waited before sending, as polling or throttling demanded.
	Waited time.Duration `json:"waitedNanos,omitempty"`
	// Attempts counts the sendings: 1, and one more for every repetition.
	Attempts int `json:"attempts,omitempty"`
	// Repeated has the reason of each repetition: a status, or "connection" if a used connection ended before the response
	// began.
	Repeated []string  `json:"repeated,omitempty"`
	Request  Request   `json:"request"`
	Response *Response `json:"response,omitempty"`
	// Failure says why there is no response, or why it is not whole.
	Failure *Failure `json:"failure,omitempty"`
}

// Ended is when the last response had come. Of attempts before the last no more is known than the waits between them, so that of an
// exchange that was repeated it is the latest that it can have been.
func (e *Exchange) Ended() time.Time {
	if e.Attempts > 1 {
		return e.Started.Add(e.Waited + time.Duration(e.Attempts)*e.Took)
	}
	return e.Started.Add(e.Took)
}

// Request is what was sent, redacted.
type Request struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Header http.Header `json:"header,omitempty"`
	Body   Body        `json:"body,omitempty"`
	// Certificates are the DER certificates that a redacted member of the body carried, leaf first: what a judge may
	// know of a PFX whose text may not be kept.
	Certificates [][]byte `json:"certificates,omitempty"`
	// Deliberate says that the request breaks the contract on purpose, to see it refused.
	Deliberate bool `json:"deliberate,omitempty"`
	// OwnToken is the token of the play's own that was sent instead of the credential's: it opens nothing, and is no secret.
	OwnToken string `json:"ownToken,omitempty"`
	// Followed says that the vault gave the URL, as a link.
	Followed bool `json:"followed,omitempty"`
	// SentBack says that the body holds what the vault gave before, such as a backup: its form is the vault's word.
	SentBack bool `json:"sentBack,omitempty"`
	// Dialled is the URL that the request went to if it is another than URL: the vault writes ids of another base.
	Dialled string `json:"dialled,omitempty"`
}

// Query returns the first value of a query parameter of the request's URL, and whether it was there.
func (r *Request) Query(name string) (string, bool) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return "", false
	}
	v, ok := u.Query()[name]
	if !ok || len(v) == 0 {
		return "", ok
	}
	return v[0], true
}

// JSON decodes the request's body; numbers stay json.Number.
func (r *Request) JSON() (any, error) {
	if value, _, plain := decodePlain(r.Body); plain {
		return value, nil
	}
	return decodeJSON(r.Body)
}

// Response is what came back, redacted.
type Response struct {
	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	Body   Body        `json:"body,omitempty"`
	// Content is what is known of the value of a secret, which Body does not have.
	Content *Content `json:"content,omitempty"`

	decoded decodedBody

	readOnce  sync.Once
	readValue any
	readable  bool
}

// JSON decodes the body once for all who judge it. Numbers stay json.Number; anything after the first value is an
// error, as is a body that is no JSON.
func (r *Response) JSON() (any, error) { return r.decoded.of(r.Body) }

// MembersOnce reports whether the body is known to be JSON without an object that has a member twice.
func (r *Response) MembersOnce() bool {
	_, err := r.JSON()
	return err == nil && r.decoded.membersOnce
}

// Forget drops what was decoded of the body, which takes several times the memory of the text; it is decoded again where it
// is asked for. Nobody may read the response at the same time.
func (r *Response) Forget() {
	r.decoded = decodedBody{}
	r.readOnce, r.readValue, r.readable = sync.Once{}, nil, false
}

// decodedBody is a body that is decoded when it is first asked for.
type decodedBody struct {
	once        sync.Once
	value       any
	err         error
	membersOnce bool
}

func (d *decodedBody) of(body []byte) (any, error) {
	d.once.Do(func() {
		var plain bool
		if d.value, d.membersOnce, plain = decodePlain(body); !plain {
			d.membersOnce = false
			d.value, d.err = decodeJSON(body)
		}
	})
	return d.value, d.err
}

// decodeJSON decodes a body by encoding/json.
func decodeJSON(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the body is empty")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		if text := plainText(body); text != "" {
			return nil, errors.New("the body is not JSON: it is the text " + text)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the body is not JSON: it ends in the middle")
		}
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		if text := plainText(body); text != "" {
			return nil, errors.New("the body is not JSON: it is the text " + text)
		}
		return nil, errors.New("the body is not JSON: something follows the first value")
	}
	return value, nil
}

// plainText quotes the beginning of a body that starts as no JSON object, list or string does, as an error page or a line
// of text. It is empty for any other body.
func plainText(body []byte) string {
	const shown = 40
	body = bytes.TrimSpace(body)
	if strings.ContainsRune("{[\"\ufeff", firstRune(body)) || !utf8.Valid(body) {
		return ""
	}
	text := []rune(string(body[:min(len(body), 4*shown)]))
	if len(text) > shown {
		return strconv.Quote(string(text[:shown]) + "…")
	}
	return strconv.Quote(string(text))
}

func firstRune(text []byte) rune {
	r, _ := utf8.DecodeRune(text)
	return r
}

// FailureKind says what became of a request that got no whole response.
type FailureKind string

// The ways in which an exchange fails.
const (
	// Unreachable: no connection could be made, or it broke before the response began.
	Unreachable FailureKind = "unreachable"
	// Untrusted: the server's certificate was not accepted.
	Untrusted FailureKind = "untrusted"
	// TimedOut: no whole response within the deadline of a request.
	TimedOut FailureKind = "timed-out"
	// CutShort: the response began and broke off.
	CutShort FailureKind = "cut-short"
	// TooLarge: the response is larger than the bound.
	TooLarge FailureKind = "too-large"
	// Throttled: the endpoint asked to wait for longer than the bounds allow.
	Throttled FailureKind = "throttled"
	// NotSent: the request was not sent, since it would have left the vault (a link to another host).
	NotSent FailureKind = "not-sent"
	// NotClaimed: the request was not sent, since it needs a feature that the target does not claim.
	NotClaimed FailureKind = "not-claimed"
	// Interrupted: the run was ended.
	Interrupted FailureKind = "interrupted"
	// NoToken: the credential gave no token.
	NoToken FailureKind = "no-token"
)

// Failure is why an exchange has no whole response.
type Failure struct {
	Kind    FailureKind `json:"kind"`
	Message string      `json:"message"`
}

// Error makes a Failure an error.
func (f *Failure) Error() string { return f.Message }

// Status returns the response's status, 0 where there is none.
func (e *Exchange) Status() int {
	if e == nil || e.Response == nil {
		return 0
	}
	return e.Response.Status
}

// Failed reports that the request got no response; Failure says why.
func (e *Exchange) Failed() bool { return e.Failure != nil }

// Succeeded reports whether a whole response with a 2xx status came.
func (e *Exchange) Succeeded() bool {
	return e != nil && e.Failure == nil && e.Status() >= 200 && e.Status() < 300
}

// Member returns a top-level member of the response's JSON object, as Read finds it; nil where there is none or it is null.
func (e *Exchange) Member(name string) any {
	if e == nil || e.Response == nil {
		return nil
	}
	value, err := e.Response.Read()
	if err != nil {
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	return object[name]
}

// Text returns a top-level member of the response's JSON object if it is a string, "" otherwise.
func (e *Exchange) Text(name string) string {
	text, _ := e.Member(name).(string)
	return text
}

// Line is the exchange in one line: method, URL and what came.
func (e *Exchange) Line() string {
	line := e.Request.Method + " " + e.Request.URL
	switch {
	case e.Failure != nil:
		return line + " -> " + e.Failure.Message
	case e.Response != nil:
		return fmt.Sprintf("%s -> %d", line, e.Response.Status)
	default:
		return line
	}
}

// Body is the bytes of a message. In JSON it is a string where it is valid UTF-8 and {"base64": …} where it is not.
type Body []byte

type encodedBody struct {
	Base64 string `json:"base64"`
}

// MarshalJSON writes the body so that a reader of the transcript can read it.
func (b Body) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) {
		return json.Marshal(string(b))
	}
	return json.Marshal(encodedBody{Base64: base64.StdEncoding.EncodeToString(b)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *Body) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*b = Body(text)
		return nil
	}
	var encoded encodedBody
	if err := json.Unmarshal(data, &encoded); err != nil {
		return fmt.Errorf("reading a body: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded.Base64)
	if err != nil {
		return fmt.Errorf("reading a body: %w", err)
	}
	*b = raw
	return nil
}
