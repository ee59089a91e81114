package match_test

import (
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// headed is an answer with a header.
func headed(name, value string) *vault.Exchange {
	e := answered(200, `{}`)
	if value != "" {
		e.Response.Header.Set(name, value)
	}
	return e
}

func TestMatchersOfTheForm(t *testing.T) {
	deleted := func(purged string) *vault.Exchange {
		return answered(200, `{"deletedDate":1700000000,"scheduledPurgeDate":`+purged+`,"attributes":{"recoverableDays":7}}`)
	}
	guid := match.GUIDHeader("x-ms-request-id")
	for _, m := range []matching{
		{"json", match.JSON(), answered(200, ` {} `), true, ""},
		{"two values", match.JSON(), answered(200, `{}{}`), false, ""},
		{"a broken value", match.JSON(), answered(200, `{"a":`), false, ""},
		{"an object", match.Object(), answered(200, `{}`), true, ""},
		{"an array", match.Object(), answered(200, `[]`), false, ""},
		{"there", match.Present("a"), answered(200, `{"a":false}`), true, ""},
		{"null", match.Present("a"), answered(200, `{"a":null}`), false, "/a"},
		{"no header", match.NoHeader("Location"), headed("Location", ""), true, ""},
		{"a header", match.NoHeader("Location"), headed("Location", "/"), false, ""},
		{"a header that is wanted", match.HasHeader("Pragma"), headed("Pragma", "no-cache"), true, ""},
		{"a header that is missed", match.HasHeader("Pragma"), headed("Pragma", ""), false, ""},
		{"a guid", guid, headed("x-ms-request-id", "01234567-89AB-cdef-0123-456789abcdef"), true, ""},
		{"a guid in braces", guid, headed("x-ms-request-id", "{01234567-89ab-cdef-0123-456789abcdef}"), false, ""},
		{"no guid", guid, headed("x-ms-request-id", ""), false, ""},
		{"not cached", match.NotCached(), headed("Cache-Control", "private, No-Cache"), true, ""},
		{"never stored", match.NotCached(), headed("Cache-Control", "no-store"), true, ""},
		{"cached", match.NotCached(), headed("Cache-Control", "max-age=1"), false, ""},
		{"cached by default", match.NotCached(), headed("Cache-Control", ""), false, ""},
		{"plain identifiers", match.PlainIdentifiers(), answered(200, `{"id":"https://a.example/b","target":"https://a.example/b?c=d"}`), true, ""},
		{"an identifier with a query", match.PlainIdentifiers(), answered(200, `{"a":[{"kid":"https://a.example/b?c=d"}]}`), false, "/a/0/kid"},
		{"an identifier with a slash", match.PlainIdentifiers(), answered(200, `{"sid":"https://a.example/b/"}`), false, "/sid"},
		{"an id that is no URL", match.PlainIdentifiers(), answered(200, `{"id":"what?"}`), true, ""},
		{"purged in time", match.PurgeDate(time.Second), deleted("1700604800"), true, ""},
		{"purged a second later", match.PurgeDate(time.Second), deleted("1700604801"), true, ""},
		{"purged a day later", match.PurgeDate(time.Second), deleted("1700691200"), false, "/scheduledPurgeDate"},
		{"purged at the next midnight", match.PurgeDate(24 * time.Hour), deleted("1700650000"), true, ""},
		{"purged two days later", match.PurgeDate(24 * time.Hour), deleted("1700777601"), false, "/scheduledPurgeDate"},
		{"purged at a date in text", match.PurgeDate(time.Second), deleted(`"soon"`), false, "/scheduledPurgeDate"},
		{"90 days", match.RecoverableDays(), answered(200, `{"attributes":{"recoverableDays":90}}`), true, ""},
		{"no days", match.RecoverableDays(), answered(200, `{"attributes":{"recoverableDays":0}}`), true, ""},
		{"a day", match.RecoverableDays(), answered(200, `{"attributes":{"recoverableDays":1}}`), false, "/attributes/recoverableDays"},
		{"a location without", match.LocationWithout("a"), headed("Location", "https://a.example/?b=c"), true, ""},
		{"a location with", match.LocationWithout("a"), headed("Location", "https://a.example/?a=c"), false, ""},
		{"no location", match.LocationWithout("a"), headed("Location", ""), false, ""},
	} {
		t.Run(m.name, m.check)
	}
}

func TestReadersOfTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		reader   match.Reader
		exchange *vault.Exchange
		want     string // "": an error
	}{
		"a refusal":                  {match.StatusClass(), answered(409, ``), "4xx"},
		"a refusal that is exact":    {match.StatusClass(404), answered(404, ``), "404"},
		"a success":                  {match.StatusClass(), answered(200, ``), "200"},
		"a fault of the server":      {match.StatusClass(), answered(500, ``), "500"},
		"a token that is missing":    {match.StatusClass(), answered(401, ``), "401"},
		"a method that is not known": {match.StatusClass(), answered(405, ``), "405"},
		"too many requests":          {match.StatusClass(), answered(429, ``), "429"},
		"a text":                     {match.TextAt("a", "b"), answered(200, `{"a":{"b":"c"}}`), "c"},
		"a text that is a number":    {match.TextAt("a"), answered(200, `{"a":1}`), ""},
		"a text that is missing":     {match.TextAt("a"), answered(200, `{}`), ""},
		"a number":                   {match.NumberAt("a"), answered(200, `{"a":12}`), "12"},
		"a number that is a text":    {match.NumberAt("a"), answered(200, `{"a":"12"}`), ""},
		"a header":                   {match.HeaderAt("X"), headed("X", "NoSniff"), "nosniff"},
		"a header that is missing":   {match.HeaderAt("X"), headed("X", ""), ""},
		"a media type":               {match.MediaType(), headed("Content-Type", "Application/JSON; charset=utf-8"), "application/json"},
		"no media type":              {match.MediaType(), headed("Content-Type", ""), ""},
		"a media type without form":  {match.MediaType(), headed("Content-Type", "json;;;="), ""},
		"a charset":                  {match.Charset(), headed("Content-Type", "application/json; charset=UTF-8"), "utf-8"},
		"no charset":                 {match.Charset(), headed("Content-Type", "application/json"), ""},
	} {
		got, err := c.reader.Read(c.exchange)
		if (err != nil) != (c.want == "") || err == nil && got != c.want {
			t.Errorf("%s reads %v (%v), want %v", name, got, err, c.want)
		}
	}
}
