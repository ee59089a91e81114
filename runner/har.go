package runner

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/har"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// harTime is ISO 8601 with milliseconds, as HAR has it.
const harTime = "2006-01-02T15:04:05.000Z07:00"

// The parts of the archive in which the library's types would write every text as base64, which HAR leaves to bytes
// that are no text.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		*har.Log
		Entries []harEntry `json:"entries"`
	}
	harEntry struct {
		*har.Entry
		Response harResponse `json:"response"`
	}
	harResponse struct {
		*har.Response
		Content harContent `json:"content"`
	}
	harContent struct {
		*har.Content
		Text string `json:"text"`
	}
)

// WriteHAR writes the transcript as an HTTP Archive 1.2, which browsers' tools open: a page a play, an entry an
// exchange. The failures of exchanges without an answer are comments.
func (t *Transcript) WriteHAR(w io.Writer) error {
	version := t.Head.Version
	if version == "" {
		version = "unknown"
	}
	archive := harFile{Log: harLog{Entries: []harEntry{}, Log: &har.Log{
		Version: "1.2",
		Creator: &har.Creator{Name: "kvconform", Version: version},
		Comment: fmt.Sprintf("%s, api-version %s", t.Head.Facts.Endpoint, t.Head.Facts.APIVersion),
	}}}
	for _, performance := range t.Performances {
		archive.Log.Pages = append(archive.Log.Pages, &har.Page{
			StartedDateTime: performance.Started.Format(harTime),
			ID:              performance.Play.Name,
			Title:           performance.Play.Scenario + ": " + performance.Play.Name,
			PageTimings:     &har.PageTimings{},
		})
		for _, step := range scenarios.Steps(performance.Script) {
			archive.Log.Entries = append(archive.Log.Entries, entryOf(performance.Play.Name, step))
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(archive); err != nil {
		return fmt.Errorf("writing the HTTP archive: %w", err)
	}
	return nil
}

func entryOf(play string, step scenarios.Step) harEntry {
	e := step.Exchange
	took := float64(e.Took) / float64(time.Millisecond)
	comment := fmt.Sprintf("%s[%d] %s", step.Name, step.Index, e.Operation)
	if e.Failure != nil {
		comment += ": " + e.Failure.Message
	}
	return harEntry{
		Entry: &har.Entry{
			Pageref:         play,
			StartedDateTime: e.Started.Format(harTime),
			Time:            took,
			Request:         harRequestOf(&e.Request),
			Cache:           &har.Cache{},
			Timings:         &har.Timings{Wait: took},
			Comment:         comment,
		},
		Response: harResponseOf(e.Response),
	}
}

func harRequestOf(r *vault.Request) *har.Request {
	request := &har.Request{
		Method: r.Method, URL: r.URL, HTTPVersion: "HTTP/1.1",
		Cookies: []*har.Cookie{}, Headers: pairs(r.Header), QueryString: []*har.NameValuePair{},
		HeadersSize: -1, BodySize: int64(len(r.Body)),
	}
	if u, err := url.Parse(r.URL); err == nil {
		request.QueryString = pairs(http.Header(u.Query()))
	}
	if len(r.Body) > 0 {
		request.PostData = &har.PostData{MimeType: r.Header.Get("Content-Type"), Params: []*har.Param{}, Text: string(r.Body)}
	}
	return request
}

// harResponseOf is the response; where none came its status is 0, as browsers write it.
func harResponseOf(r *vault.Response) harResponse {
	if r == nil {
		r = &vault.Response{}
	}
	content := harContent{
		Content: &har.Content{Size: int64(len(r.Body)), MimeType: r.Header.Get("Content-Type")},
		Text:    string(r.Body),
	}
	if !utf8.Valid(r.Body) {
		content.Encoding, content.Text = "base64", base64.StdEncoding.EncodeToString(r.Body)
	}
	return harResponse{
		Response: &har.Response{
			Status: int64(r.Status), StatusText: http.StatusText(r.Status), HTTPVersion: "HTTP/1.1",
			Cookies: []*har.Cookie{}, Headers: pairs(r.Header), RedirectURL: r.Header.Get("Location"),
			HeadersSize: -1, BodySize: int64(len(r.Body)),
		},
		Content: content,
	}
}

// pairs lists the values by name, in a stable order.
func pairs(values http.Header) []*har.NameValuePair {
	listed := []*har.NameValuePair{}
	for name, all := range values {
		for _, value := range all {
			listed = append(listed, &har.NameValuePair{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(listed, func(a, b *har.NameValuePair) int { return strings.Compare(a.Name, b.Name) })
	return listed
}
