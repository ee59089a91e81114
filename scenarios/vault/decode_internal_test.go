package vault

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
)

// decodedByLibrary is what encoding/json makes of a body.
func decodedByLibrary(body []byte) (value any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return value, err == io.EOF
}

func plainTexts() []string {
	return []string{
		`{}`, `[]`, ` { } `, "\t[\r\n]", `{"a":1}`, `{"a" : [1, -2, 0, 0.5, 1e9, 1.5E-3, -0]}`, `"text"`, `true`, `false`, `null`, `12`,
		`{"a":{"b":[{"c":null},true,"x"]}}`, `{"a":"é","ü":"日本"}`, `{"a":"\u00e9\n\"\\\ud83d\ude00"}`, `{"\u0061":1}`, `{"a":"\ud800"}`,
		`{"id":"https://vault.example/certificates/web","attributes":{"enabled":true,"created":1700000000},"tags":{}}`,
	}
}

func TestPlainBodiesAreDecodedAsByTheLibrary(t *testing.T) {
	for _, text := range plainTexts() {
		want, ok := decodedByLibrary([]byte(text))
		if !ok {
			t.Fatalf("%s is no JSON", text)
		}
		got, once, plain := decodePlain([]byte(text))
		if !plain || !once || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, each member once %v, plain %v; want %#v", text, got, once, plain, want)
		}
	}
}

func TestWhatIsNoPlainBodyIsLeftToTheLibrary(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "blank": " \n", "a word": "nul", "a longer word": "nulls", "other letters": "True", "no colon": `{"a" 1}`,
		"no quotation marks": `{a:1}`, "a comma too many": `{"a":1,}`, "a comma in a list": `[1,]`, "two values": `{} {}`, "no end": `{"a":1`,
		"no end of a list": `[1`, "no end of a text": `"a`, "an escape at the end": `"\`, "an unknown escape": `"\x"`, "a control character": "\"a\nb\"",
		"a leading zero": `01`, "a plus": `+1`, "a point alone": `.5`, "no digits after a point": `1.`, "no digits after an e": `1e`,
		"a sign after an e alone": `1e+`, "a minus alone": `-`, "hexadecimal": `0x1`, "no number": `NaN`, "a mark of the byte order": "\ufeff{}",
		"no UTF-8": "\"\xff\"", "deep": strings.Repeat("[", 100) + strings.Repeat("]", 100), "a comment": `{} // no`, "another blank": "\v{}",
	} {
		if value, _, plain := decodePlain([]byte(text)); plain {
			t.Errorf("%s: %q is decoded as %#v", name, text, value)
		}
	}
}

func TestAMemberThatComesTwiceIsSeen(t *testing.T) {
	for _, text := range []string{`{"a":1,"a":2}`, `[{"b":{"a":1,"c":3,"a":2}}]`, `{"a":1,"\u0061":2}`, `{"x":{"a":1,"a":1},"y":{}}`} {
		got, once, plain := decodePlain([]byte(text))
		want, _ := decodedByLibrary([]byte(text))
		if once || !plain || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, each member once %v; want %#v", text, got, once, want)
		}
	}
}

// FuzzDecodePlain compares with the library whatever is decoded by hand.
func FuzzDecodePlain(f *testing.F) {
	for _, text := range plainTexts() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _, plain := decodePlain(body)
		if !plain {
			return
		}
		if want, ok := decodedByLibrary(body); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v (%v)", body, got, want, ok)
		}
	})
}
