package vault

import (
	"strings"
	"testing"
)

// FuzzResponse reads any body in the forgiving way: whatever JSON reads, that reads too, and errors are one line.
func FuzzResponse(f *testing.F) {
	for _, body := range []string{
		`{"error":{"code":"X","message":"m"}}`, "\ufeff{}", `{"a":1,}`, `f({"a":1});`, `"{\"a\":1}"`, `[{"a":1}]`, `{'a':1}`, `{"a":[1,`, "\xff\xfe{\x00}\x00",
		strings.Repeat("[", 20_000), `{"value":{"a":1}}`, "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &Response{Body: body}
		_, strict := r.JSON()
		_, lenient := r.Read()
		if strict == nil && lenient != nil {
			t.Errorf("JSON that only the strict reader takes: %v", lenient)
		}
		for _, err := range []error{strict, lenient} {
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		}
		e := &Exchange{Response: r}
		_ = e.Text("id")
		if written, decoded := weight(r); written < int64(len(body)) || decoded < int64(len(body)) {
			t.Errorf("%d bytes weigh %d and %d", len(body), written, decoded)
		}
	})
}
