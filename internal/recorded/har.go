package recorded

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// The parts of an HTTP Archive 1.2 that are read.
type (
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // in milliseconds
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
	}
	harRequest struct {
		Method   string    `json:"method"`
		URL      string    `json:"url"`
		Headers  []harPair `json:"headers"`
		PostData *struct {
			Text string `json:"text"`
		} `json:"postData"`
	}
	harResponse struct {
		Status  int       `json:"status"`
		Headers []harPair `json:"headers"`
		Content struct {
			Size     float64 `json:"size"`
			Encoding string  `json:"encoding"`
			Text     *string `json:"text"`
		} `json:"content"`
		Error string `json:"_error"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// harEntry reads an entry of log.entries. A status of 0 means that no response came.
func (r *reader) harEntry(raw json.RawMessage) error {
	var entry harEntry
	if err := json.Unmarshal(raw, &entry); err != nil {
		return err
	}
	e := &vault.Exchange{
		Took:    time.Duration(entry.Time * float64(time.Millisecond)),
		Request: vault.Request{Method: entry.Request.Method, URL: entry.Request.URL, Header: headerOf(entry.Request.Headers)},
	}
	if started, err := time.Parse(time.RFC3339, entry.Started); err == nil {
		e.Started = started.UTC()
	}
	if entry.Request.PostData != nil {
		e.Request.Body = vault.Body(entry.Request.PostData.Text)
	}
	response := &entry.Response
	if response.Status == 0 {
		e.Failure = &vault.Failure{Kind: vault.Unreachable, Message: strings.TrimSpace("no response was recorded " + oneLine(response.Error))}
		r.give(e, false)
		return nil
	}
	e.Response = &vault.Response{Status: response.Status, Header: headerOf(response.Headers)}
	bodiless := false
	switch text := response.Content.Text; {
	case text == nil:
		bodiless = response.Content.Size > 0
	case response.Content.Encoding == "base64":
		body, err := base64.StdEncoding.DecodeString(*text)
		if err != nil {
			return fmt.Errorf("response.content.text is not base64: %w", err)
		}
		e.Response.Body = body
	default:
		e.Response.Body = vault.Body(*text)
	}
	r.give(e, bodiless)
	return nil
}

// headerOf leaves out the pseudo-headers of HTTP/2, which some browsers write.
func headerOf(pairs []harPair) http.Header {
	header := http.Header{}
	for _, pair := range pairs {
		if !strings.HasPrefix(pair.Name, ":") {
			header.Add(pair.Name, pair.Value)
		}
	}
	return header
}
