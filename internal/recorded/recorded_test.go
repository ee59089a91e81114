package recorded_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/long"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// readAll reads a recording whole.
func readAll(t *testing.T, text io.Reader) (entries []recorded.Entry, format string, err error) {
	t.Helper()
	format, err = recorded.Read(t.Context(), text, func(e recorded.Entry) { entries = append(entries, e) })
	return entries, format, err
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEachFormatIsReadAsItsRecorderWritesIt(t *testing.T) {
	for _, test := range []struct {
		name, format string
		lines        []string
		bodies       map[int]string // by entry, what the response's body holds
	}{
		{"vcrpy.yaml", recorded.Cassette, []string{
			"GET https://127.0.0.1:41109/certificates?api-version=7.4 -> 401",
			"POST https://127.0.0.1:41109/certificates/vcr1/create?api-version=7.4 -> 202",
		}, map[int]string{2: `{"id":"https://127.0.0.1:41109/certificates/vcr1/pending","issuer":{"name":"Self"}`, 9: "recoveryId"}},
		{"vcrpy.json", recorded.Cassette, []string{"GET https://127.0.0.1:41109/certificates?api-version=7.4 -> 401"}, nil},
		{"go-vcr.yaml", recorded.Cassette, []string{
			"POST https://127.0.0.1:41109/certificates/govcr/create?api-version=7.4 -> 202",
		}, map[int]string{5: `"recoveryId":"https://127.0.0.1:41109/deletedcertificates/govcr"`}},
		{"ruby.yaml", recorded.Cassette, []string{"GET https://vault.example/certificates/one?api-version=7.4 -> 404"},
			map[int]string{1: `{"error":{"code":"CertificateNotFound","message":"none"}}`}},
		{"session.json", recorded.TestProxy, []string{
			"GET https://Sanitized.vault.azure.net/certificates/one?api-version=7.4 -> 404",
			"GET https://Sanitized.vault.azure.net/plain?api-version=7.4 -> 200",
		}, map[int]string{1: "CertificateNotFound", 2: "first\nsecond", 3: "\x00\x01\x02"}},
		{"traffic.har", recorded.HAR, []string{
			"POST https://vault.example/certificates/one/import?api-version=7.4 -> 400",
			"GET https://cdn.example/a.js -> 200",
			"GET https://vault.example/certificates?api-version=7.4 -> 200",
			"GET https://vault.example/certificates?api-version=7.4 -> no response was recorded net::ERR_ABORTED",
		}, map[int]string{1: "BadParameter"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, format, err := readAll(t, bytes.NewReader(sample(t, test.name)))
			if err != nil || format != test.format {
				t.Fatalf("read as %q: %v", format, err)
			}
			for i, want := range test.lines {
				if got := entries[i].Exchange.Line(); got != want {
					t.Errorf("entry %d is %q, want %q", i+1, got, want)
				}
			}
			for number, want := range test.bodies {
				if got := string(entries[number-1].Exchange.Response.Body); !strings.Contains(got, want) {
					t.Errorf("the body of entry %d is %q, want %q in it", number, got, want)
				}
			}
			for i, entry := range entries {
				if entry.Number != i+1 || entry.Problem != "" {
					t.Errorf("entry %d is %+v", i+1, entry)
				}
			}
		})
	}
}

func TestARecordedBodyThatIsFoldedOverLinesIsReadAsItWasSent(t *testing.T) {
	entries, _, err := readAll(t, bytes.NewReader(sample(t, "vcrpy.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"policy": {"issuer": {"name": "Self"}, "x509_props": {"subject": "CN=vcr1 with a rather long subject so that lines fold, ` +
		`O=\u00dcn\u00efcode"}}, "tags": {"a": "b: c # d", "q": "'single' \"double\""}}`
	if got := string(entries[1].Exchange.Request.Body); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, entry := range entries {
		if _, err := entry.Exchange.Response.JSON(); err != nil {
			t.Errorf("entry %d: %v", entry.Number, err)
		}
	}
}

func TestABodyThatWasNotRecordedIsNoEmptyBody(t *testing.T) {
	entries, _, err := readAll(t, bytes.NewReader(sample(t, "traffic.har")))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, true, false} {
		if entries[i].Bodiless != want {
			t.Errorf("entry %d: bodiless is %t", i+1, entries[i].Bodiless)
		}
	}
}

func TestNoSecretOfARecordingIsKept(t *testing.T) {
	for _, name := range []string{"vcrpy.yaml", "go-vcr.yaml", "ruby.yaml", "traffic.har"} {
		text := sample(t, name)
		entries, _, err := readAll(t, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{
			"ad4d552fa0a225d8b35a09b56d21b220", "a-token-of-ruby", "a-token-of-a-browser", "a-cookie-of-a-browser",
			"a-key-of-a-browser", "a-password-of-a-browser",
		} {
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s: %s is kept", name, secret)
			}
		}
	}
}

func TestAFileThatIsNoRecordingIsRefusedInOneLine(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "is empty"},
		{"blank", " \n\t", "is empty"},
		{"binary", "\x7fELF\x02\x01\x00\x00", "is binary"},
		{"prose", "Dear reader,\nthis is no recording.\n", "is no recording"},
		{"other JSON", `{"a": [1, 2, {"b": null}]}`, "is JSON, and no recording"},
		{"a list", `[{"request": {}}]`, "is no recording"},
		{"broken JSON", `{"a": tru}`, "is not JSON at byte"},
		{"a report", `{"format":"kvconform.report/1","scenarios":[]}` + "\n", `is of format "kvconform.report/1"`},
		{"other YAML", "a: 1\nb:\n- c\n", "is no recording"},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, format, err := readAll(t, strings.NewReader(test.text))
			var unreadable *recorded.Unreadable
			if !errors.As(err, &unreadable) || format != "" || len(entries) > 0 || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q, %d entries, %v; want %q", format, len(entries), err, test.want)
			}
		})
	}
}

func TestWhatCanBeReadOfAFileIsRead(t *testing.T) {
	har := string(sample(t, "traffic.har"))
	cassette := string(sample(t, "go-vcr.yaml"))
	transcript := `{"format":"kvconform.traffic/1","facts":{"idBase":"https://ids.example"}}` + "\n" +
		`{"exchange":{"operation":"","request":{"method":"GET","url":"https://a.example/certificates"},"response":{"status":200,"body":"{}"}}}` + "\n"
	for _, test := range []struct {
		name, text     string
		read, unread   int
		problem, ended string
	}{
		{"a HAR cut in the third entry", har[:strings.Index(har, "03:04:07")], 2, 0, "", "is cut short after entry 2"},
		{"a HAR with an entry of another form", strings.Replace(har, `"status": 200`, `"status": "ok"`, 1), 3, 1, "response.status", ""},
		{"a HAR with a base64 that is none", strings.Replace(har, "eyJlcnJvc", "!!!", 1), 3, 1, "not base64", ""},
		{"a HAR with a byte order mark", "\ufeff" + har, 4, 0, "", ""},
		{"a cassette cut in its last entry", cassette[:len(cassette)-400], 4, 1, "", ""},
		{"a cassette with a tag of Python", strings.Replace(cassette, `method: GET`, `method: !!python/object/apply:os.system ["true"]`, 1), 4, 1,
			"has the tag !!python/object/apply:os.system", ""},
		{"a cassette with a tag of Ruby", strings.Replace(cassette, `method: GET`, `method: !ruby/object:Gem {}`, 1), 4, 1, "has the tag !ruby/object:Gem", ""},
		{"a cassette with an alias of another entry", strings.Replace(cassette, `method: GET`, `method: *a1`, 1), 4, 1, "repeats the value *a1", ""},
		{"a transcript", transcript, 1, 0, "", ""},
		{"a transcript cut short", transcript + `{"exchange":{"oper`, 1, 0, "", "is cut short after entry 1"},
		{"a transcript with a line of another form", transcript + "{\"exchange\":7}\n" + transcript[strings.Index(transcript, "\n")+1:], 2, 1, "exchange", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, format, err := readAll(t, strings.NewReader(test.text))
			read, unread, problems := 0, 0, ""
			for _, entry := range entries {
				if entry.Exchange != nil {
					read++
				} else {
					unread++
					problems += entry.Problem + "\n"
				}
			}
			if read != test.read || unread != test.unread || !strings.Contains(problems, test.problem) || format == "" {
				t.Errorf("read %d and not %d (%q), want %d and %d (%q)", read, unread, problems, test.read, test.unread, test.problem)
			}
			if fmt.Sprint(err) != fmt.Sprint(errorOr(test.ended)) {
				t.Errorf("ended with %v, want %q", err, test.ended)
			}
		})
	}
}

func errorOr(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

func TestACompressedBodyIsUnpacked(t *testing.T) {
	const body = `{"error":{"code":"x","message":"y"}}`
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(body)) // a bytes.Buffer never fails
	_ = w.Close()
	for _, test := range []struct {
		name, coding string
		body         []byte
		want         string
	}{
		{"gzip", "gzip", packed.Bytes(), ""},
		{"unpacked already", "gzip", []byte(body), ""},
		{"cut short", "gzip", packed.Bytes()[:20], "cannot be unpacked"},
		{"brotli", "br", []byte{0x8b, 0x02, 0x80}, "compressed by br"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, err := json.Marshal(map[string]any{"exchange": vault.Exchange{
				Request:  vault.Request{Method: "GET", URL: "https://a.example"},
				Response: &vault.Response{Status: 404, Header: map[string][]string{"Content-Encoding": {test.coding}}, Body: test.body},
			}})
			if err != nil {
				t.Fatal(err)
			}
			entries, _, err := readAll(t, strings.NewReader(`{"format":"kvconform.traffic/1"}`+"\n"+string(line)+"\n"))
			if err != nil || len(entries) != 1 {
				t.Fatal(entries, err)
			}
			if test.want != "" {
				if !strings.Contains(entries[0].Problem, test.want) {
					t.Errorf("%+v, want %q", entries[0], test.want)
				}
				return
			}
			if got := string(entries[0].Exchange.Response.Body); got != body {
				t.Errorf("got %q", got)
			}
		})
	}
}

// endless gives a head, so many copies of an entry, and a tail.
func endless(head, entry, between, tail string, copies int) io.Reader {
	readers := []io.Reader{strings.NewReader(head)}
	for i := range copies {
		if i > 0 {
			readers = append(readers, strings.NewReader(between))
		}
		readers = append(readers, strings.NewReader(entry))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...)
}

func TestALargeFileTakesNoMoreMemoryThanItsLargestEntry(t *testing.T) {
	long.Test(t, "a long test")
	har := `{"request":{"method":"GET","url":"https://a.example/certificates"},"response":{"status":200,"content":{"text":"` +
		strings.Repeat("x", 1<<16) + `"}}}`
	yaml := "- request:\n    method: GET\n    uri: https://a.example/certificates\n  response:\n    status:\n      code: 200\n    body:\n      string: '" +
		strings.Repeat("x", 1<<16) + "'\n"
	for _, test := range []struct {
		name   string
		copies int
		text   func(copies int) io.Reader
	}{
		{"HAR", 2000, func(copies int) io.Reader { // 128 MiB
			return endless(`{"log":{"pages":[`+strings.Repeat("[1],", 1<<20)+`0],"entries":[`, har, ",", `]}}`, copies)
		}},
		{"cassette", 800, func(copies int) io.Reader { return endless("version: 1\ninteractions:\n", yaml, "", "", copies) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var peak uint64
			read := 0
			_, err := recorded.Read(t.Context(), test.text(test.copies), func(recorded.Entry) {
				read++
				if read%100 == 0 {
					var memory runtime.MemStats
					runtime.ReadMemStats(&memory)
					peak = max(peak, memory.HeapInuse)
				}
			})
			const most = 48 << 20
			if err != nil || read != test.copies || peak > most {
				t.Errorf("read %d entries with at most %d MiB of memory: %v", read, peak>>20, err)
			}
		})
	}
}
