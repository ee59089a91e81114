package transcript

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

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// harTime is ISO 8601 with milliseconds, as HAR has it.
const harTime = "2006-01-02T15:04:05.000Z07:00"

// The parts of an HTTP Archive that a transcript has something to say in, each with the members that the format demands.
type (
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Pages   []harPage  `json:"pages"`
		Comment string     `json:"comment"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		StartedDateTime string   `json:"startedDateTime"`
		ID              string   `json:"id"`
		Title           string   `json:"title"`
		PageTimings     struct{} `json:"pageTimings"`
	}
	harEntry struct {
		Page            string      `json:"pageref"`
		StartedDateTime string      `json:"startedDateTime"`
		Time            float64     `json:"time"` // in milliseconds
		Request         harRequest  `json:"request"`
		Cache           struct{}    `json:"cache"`
		Timings         harTimings  `json:"timings"`
		Comment         string      `json:"comment"`
		Response        harResponse `json:"response"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harMessage struct {
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		HeadersSize int       `json:"headersSize"` // -1 where it is not known
		BodySize    int       `json:"bodySize"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		QueryString []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		harMessage
	}
	harPostData struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
	}
	harResponse struct {
		Status      int        `json:"status"` // 0 where none came, as browsers write it
		StatusText  string     `json:"statusText"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		harMessage
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Encoding string `json:"encoding,omitempty"`
		Text     string `json:"text"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// WriteHAR writes the transcript as an HTTP Archive 1.2, which browsers' tools open: a page a play, an entry an
// exchange. The failures of exchanges without a response are comments.
func (t *Transcript) WriteHAR(w io.Writer) error {
	version := t.Head.Version
	if version == "" {
		version = "unknown"
	}
	log := harLog{
		Version: "1.2",
		Creator: harCreator{Name: "kvconform", Version: version},
		Comment: fmt.Sprintf("%s, api-version %s", t.Head.Facts.Endpoint, t.Head.Facts.APIVersion),
		Entries: []harEntry{},
	}
	for _, performance := range t.Performances {
		log.Pages = append(log.Pages, harPage{
			StartedDateTime: performance.Started.Format(harTime),
			ID:              performance.Play.Name,
			Title:           performance.Play.Scenario + ": " + performance.Play.Name,
		})
		for _, step := range scenarios.Steps(performance.Script) {
			log.Entries = append(log.Entries, entryOf(performance.Play.Name, step))
		}
	}
	archive := map[string]harLog{"log": log}
	encoder := json.NewEncoder(reports.UnmarkedJSON(w))
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
		Page:            play,
		StartedDateTime: e.Started.Format(harTime),
		Time:            took,
		Request:         harRequestOf(&e.Request),
		Timings:         harTimings{Wait: took},
		Comment:         comment,
		Response:        harResponseOf(e.Response),
	}
}

func harRequestOf(r *vault.Request) harRequest {
	request := harRequest{Method: r.Method, URL: r.URL, QueryString: []harPair{}, harMessage: messageOf(r.Header, r.Body)}
	if u, err := url.Parse(r.URL); err == nil {
		request.QueryString = pairs(http.Header(u.Query()))
	}
	if len(r.Body) > 0 {
		request.PostData = &harPostData{MimeType: r.Header.Get("Content-Type"), Params: []harPair{}, Text: string(r.Body)}
	}
	return request
}

func harResponseOf(r *vault.Response) harResponse {
	if r == nil {
		r = &vault.Response{}
	}
	content := harContent{Size: len(r.Body), MimeType: r.Header.Get("Content-Type"), Text: string(r.Body)}
	if !utf8.Valid(r.Body) { // HAR leaves base64 to bytes that are no text
		content.Encoding, content.Text = "base64", base64.StdEncoding.EncodeToString(r.Body)
	}
	return harResponse{
		Status: r.Status, StatusText: http.StatusText(r.Status), Content: content,
		RedirectURL: r.Header.Get("Location"), harMessage: messageOf(r.Header, r.Body),
	}
}

func messageOf(header http.Header, body []byte) harMessage {
	return harMessage{
		HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: pairs(header), HeadersSize: -1, BodySize: len(body),
	}
}

// pairs lists the values by name, in a stable order.
func pairs(values http.Header) []harPair {
	listed := []harPair{}
	for name, all := range values {
		for _, value := range all {
			listed = append(listed, harPair{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(listed, func(a, b harPair) int { return strings.Compare(a.Name, b.Name) })
	return listed
}
