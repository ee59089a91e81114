package recorded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/kvconform/kvconform/internal/recorded"
)

// FuzzRead throws broken recordings of every format at the reader: it ends without a panic, and numbers what it gives.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) > 4000 { // a small seed is changed sooner into something new
			text = text[:4000]
		}
		f.Add(text)
	}
	f.Add([]byte("interactions:\n- request: &a {method: GET, uri: 'https://a/b'}\n  response: {status: {code: 200}, body: {string: !!binary \"eA==\"}}\n- *a\n"))
	f.Add([]byte(`{"networkCallRecords":[{"Method":"GET","Url":"https://a/b","Response":{"STATUS_CODE":"200","BODY":"{}"}}]}`))
	f.Add([]byte(`{"format":"kvconform.traffic/1"}` + "\n" + `{"exchange":{"request":{"method":"GET","url":"https://a/b"},"response":{"status":200}}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		number := 0
		_, err := recorded.Read(t.Context(), bytes.NewReader(text), func(entry recorded.Entry) {
			number++
			if entry.Number != number || (entry.Exchange == nil) == (entry.Problem == "") {
				t.Errorf("entry %d is %+v", number, entry)
			}
		})
		if err != nil && bytes.ContainsAny([]byte(err.Error()), "\n\r") {
			t.Errorf("not one line: %q", err)
		}
	})
}
