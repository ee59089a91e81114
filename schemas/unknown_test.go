package schemas

import (
	"slices"
	"testing"
)

func TestMembersThatNoSchemaHasAreListedWithTheirPlace(t *testing.T) {
	tests := []struct {
		kind Kind
		body string
		want []string
	}{
		{Bundle, `{"id":"https://v/certificates/n/1","tags":{"any":"thing"}}`, nil},
		{Bundle, `{"id":"x","novel":1,"policy":{"x509_props":{"sans":{"did":["a"]}}}}`, []string{"novel", "policy.x509_props.sans.did"}},
		{Bundle, `{"novel":null}`, nil},
		{Bundle, `{"policy":{"lifetime_actions":[{"action":{"action_type":"AutoRenew","script":"x"}}]}}`,
			[]string{"policy.lifetime_actions[].action.script"}},
		{Bundle, `{"policy":{"platformManaged":{"metadata":{"anything":1}}}}`, nil},
		{List, `{"value":[{"id":"x","novel":1},{"novel":2}],"nextLink":null}`, []string{"value[].novel"}},
		{OperationInProgress, `{"error":{"innererror":{"innererror":{"code":"x","novel":true}}}}`,
			[]string{"error.innererror.innererror.novel"}},
		{Bundle, `{"policy":{"x509_props":{"basic_constraints":{"ca":false}}}}`, nil}, // recorded, though in no document
		{Bundle, `{"basic_constraints":1}`, []string{"basic_constraints"}},
		{Bundle, `[1]`, nil},
		{"no-such-kind", `{"novel":1}`, nil},
	}
	set, _ := load(t)
	for _, test := range tests {
		body, err := Decode([]byte(test.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := set.Unknown(test.kind, body); !slices.Equal(got, test.want) {
			t.Errorf("%s %s: got %q, want %q", test.kind, test.body, got, test.want)
		}
	}
}

func TestNoSampleHasAMemberThatNoSchemaHas(t *testing.T) {
	set, _ := load(t)
	for kind, body := range samples(t) {
		if got := set.Unknown(kind, body); len(got) > 0 {
			t.Errorf("%s: %q", kind, got)
		}
	}
}
