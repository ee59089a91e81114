package match

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
)

func TestAMemberThatComesTwiceIsFoundWhereverItIs(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":1,"id":2}`:                        "/id",
		`{"value":[{"x":1},{"x":1,"x":2}]}`:      "/value/1/x",
		`{"a":{"b":{"c":null,"c":null}}}`:        "/a/b/c",
		`{"a":{"id":1},"b":{"id":1},"c":["id"]}`: "",
		`[{"id":1},{"id":2}]`:                    "",
		`{"id":1`:                                "",
		``:                                       "",
		strings.Repeat("[", 100_000):             "", // too deep for a decoder: another rule's failure
		strings.Repeat(`{"a":`, 9000) + `{"b":1,"b":2}` + strings.Repeat("}", 9000): strings.Repeat("/a", 9000) + "/b",
	} {
		failure := MembersOnce()(&vault.Exchange{Response: &vault.Response{Body: vault.Body(body)}})
		got := ""
		if failure != nil {
			got = failure.Member
		}
		if got != want {
			t.Errorf("%.60s: got %.60q, want %.60q", body, got, want)
		}
	}
}

func TestAFieldThatComesTwiceIsFound(t *testing.T) {
	twice := http.Header{"Location": {"https://a.example/1", "https://a.example/1"}, "Vary": {"a", "b"}}
	e := &vault.Exchange{Response: &vault.Response{Header: twice}}
	if failure := FieldsOnce("Content-Type", "location")(e); failure == nil || failure.Header != "location" {
		t.Errorf("got %v, want a failure of the Location", failure)
	}
	if failure := FieldsOnce("Content-Type")(e); failure != nil {
		t.Errorf("got %v, want none", failure)
	}
}
