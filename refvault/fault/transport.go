package fault

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// transports are responses that are right but for how they are written and sent.
func transports() []Fault {
	all := func(id, title string, edit tamper.Edit, breaks ...string) Fault {
		return edits(id, title, tamper.Anything(), edit, breaks...)
	}
	body := func(id, title string, change func([]byte) []byte, breaks ...string) Fault {
		return all(id, title, tamper.MapBody(change), breaks...)
	}
	const wellFormed, contentType, charset = "every-answer/well-formed", "every-answer/content-type",
		"every-answer/charset"
	return []Fault{
		body("body-in-single-quotes", "bodies have single quotes",
			func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) }, wellFormed),
		body("body-with-trailing-comma", "objects have a comma at their end", func(b []byte) []byte {
			return append(bytes.TrimSuffix(b, []byte("}")), []byte(",}")...)
		}, wellFormed),
		body("body-in-a-string", "bodies are JSON in a JSON string",
			func(b []byte) []byte { return []byte(strconv.Quote(string(b))) }, "every-answer/operation", "every-answer/error"),
		body("body-in-utf-16", "every body is in UTF-16", func(b []byte) []byte {
			var wide []byte
			for _, c := range b {
				wide = append(wide, c, 0)
			}
			return wide
		}, wellFormed),
		{
			ID:     "answers-mixed-up",
			Title:  "every third read of a pending object gets the response to the one before it, whoever asked",
			Breaks: []string{"every-answer/pending-id"}, On: tamper.ReadPending(), Wrap: mixedUp,
		},
		edits("success-is-a-redirect", "a read returns 307 to the same place", tamper.ReadBundle().Or(tamper.ReadPending()),
			tamper.OnSuccess(func(a *tamper.Response) {
				a.Status = http.StatusTemporaryRedirect
				a.Header.Set("Location", a.Request.URL.RequestURI())
			}), "read-in-progress/status", "every-answer/declared"),
	}
}

// mixedUp returns to some reads the response to the read before them.
func mixedUp(next http.Handler) http.Handler {
	m := newMemory()
	return acting(next, tamper.ReadPending(), func(next http.Handler, r *http.Request) *tamper.Response {
		a := tamper.Pass(next, r)
		before := m.kept("before")
		m.keep("before", a)
		if m.next()%3 == 0 && before != nil {
			return before
		}
		return a
	})
}
