package schemas

import (
	"encoding/json"
	"net/http"
	"testing"
)

func benchmarkBundle(b *testing.B) (*Set, *Document, Request, Response) {
	set, document := load(b)
	for _, e := range readExchanges(b) {
		if e.RequestMethod != http.MethodGet || e.StatusCode != http.StatusOK {
			continue
		}
		r := Request{Method: e.RequestMethod, URL: e.RequestURI, Header: headerOf(e.RequestHeaders)}
		body, err := Decode(e.ResponseBody)
		if err != nil {
			b.Fatal(err)
		}
		resp := Response{Status: e.StatusCode, Header: headerOf(e.ResponseHeaders), Raw: e.ResponseBody, Body: body}
		if kind, _ := document.ResponseKind(r, resp); kind == Bundle {
			return set, document, r, resp
		}
	}
	b.Fatal("no certificate bundle in the recordings")
	return nil, nil, Request{}, Response{}
}

func BenchmarkDecode(b *testing.B) {
	_, _, _, resp := benchmarkBundle(b)
	var compact json.RawMessage = resp.Raw
	for b.Loop() {
		if _, err := Decode(compact); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	set, _, _, resp := benchmarkBundle(b)
	for b.Loop() {
		if problems := set.Check(Bundle, resp.Body); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkCheckResponse(b *testing.B) {
	_, document, r, resp := benchmarkBundle(b)
	for b.Loop() {
		if problems := document.CheckResponse(r, resp); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkTooNew(b *testing.B) {
	set, _, _, resp := benchmarkBundle(b)
	for b.Loop() {
		if problems := set.TooNew(Bundle, "7.4", resp.Body); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
