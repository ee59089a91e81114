package recorded

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// texts is a header's value in a session: a text, or a list of them.
type texts []string

// UnmarshalJSON reads either.
func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// sessionEntry reads one of the Entries of the Azure SDK test proxy. Bodies of JSON stand there as JSON, so that the exact
// bytes are lost; other texts are strings, and bytes are base64.
func (r *reader) sessionEntry(raw json.RawMessage) error {
	var entry struct {
		RequestURI      string           `json:"RequestUri"`
		RequestMethod   string           `json:"RequestMethod"`
		RequestHeaders  map[string]texts `json:"RequestHeaders"`
		RequestBody     json.RawMessage  `json:"RequestBody"`
		StatusCode      int              `json:"StatusCode"`
		ResponseHeaders map[string]texts `json:"ResponseHeaders"`
		ResponseBody    json.RawMessage  `json:"ResponseBody"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil {
		return err
	}
	e := &vault.Exchange{
		Request:  vault.Request{Method: entry.RequestMethod, URL: entry.RequestURI, Header: headerIn(entry.RequestHeaders)},
		Response: &vault.Response{Status: entry.StatusCode, Header: headerIn(entry.ResponseHeaders)},
	}
	e.Request.Body = sessionBody(entry.RequestBody, e.Request.Header)
	e.Response.Body = sessionBody(entry.ResponseBody, e.Response.Header)
	e.Response.Header.Del("Content-Encoding") // the proxy stores what it unpacked
	e.Started = dateOf(e.Response.Header)
	r.give(e, false)
	return nil
}

func headerIn(values map[string]texts) http.Header {
	header := http.Header{}
	for name, all := range values {
		for _, value := range all {
			header.Add(name, value)
		}
	}
	return header
}

// sessionBody is a body as it was sent, as far as the session shows it.
func sessionBody(raw json.RawMessage, header http.Header) vault.Body {
	raw = bytes.TrimSpace(raw)
	var text string
	var lines []string
	media := strings.ToLower(header.Get("Content-Type"))
	isJSON := strings.Contains(media, "json")
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil
	case json.Unmarshal(raw, &text) == nil:
		if media != "" && !isJSON && !strings.HasPrefix(media, "text/") {
			if body, err := base64.StdEncoding.DecodeString(text); err == nil {
				return body
			}
		}
		return vault.Body(text)
	case !isJSON && json.Unmarshal(raw, &lines) == nil:
		return vault.Body(strings.Join(lines, ""))
	default:
		return vault.Body(raw)
	}
}

// networkCall reads one of the networkCallRecords that the recorders before the test proxy wrote. The response is a flat
// object in which STATUS_CODE and BODY stand among the headers.
func (r *reader) networkCall(raw json.RawMessage) error {
	var call struct {
		Method   string            `json:"Method"`
		URL      string            `json:"Url"`
		Headers  map[string]texts  `json:"Headers"`
		Response map[string]string `json:"Response"`
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return err
	}
	e := &vault.Exchange{
		Request:  vault.Request{Method: call.Method, URL: call.URL, Header: headerIn(call.Headers)},
		Response: &vault.Response{Header: http.Header{}},
	}
	for name, value := range call.Response {
		switch strings.ToUpper(name) {
		case "BODY":
			e.Response.Body = vault.Body(value)
		case "STATUS_CODE":
			status, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("the STATUS_CODE %q is no number", oneLine(value))
			}
			e.Response.Status = status
		default:
			e.Response.Header.Set(name, value)
		}
	}
	e.Response.Header.Del("Content-Encoding") // the recorder stores what it unpacked
	e.Started = dateOf(e.Response.Header)
	r.give(e, false)
	return nil
}

// dateOf is when a response was made, for recordings that say of no request when it was sent.
func dateOf(header http.Header) time.Time {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date.UTC()
}
