package refvault

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSubjectsAreWrittenAsTheyWereRead(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"CN=a", "CN=a"},
		{" CN = a b , O=c ", "CN=a b, O=c"},
		{"cn=a;o=b", "CN=a, O=b"},
		{`CN="a, b"`, `CN="a, b"`},
		{`CN=a\, b`, `CN="a, b"`},
		{`CN=a\2C\20b`, `CN="a, b"`},
		{`CN=\C3\A4`, "CN=ä"},
		{"CN=a+OU=b", "CN=a + OU=b"},
		{"ST=WA, S=OR", "S=WA, S=OR"},
		{"EMAIL=a@b, E=c@d", "E=a@b, E=c@d"},
		{"OID.1.2.3=a, 2.5.4.3=b", "OID.1.2.3=a, CN=b"},
		{`CN=a\ `, `CN="a "`},
		{"DC=a, DC=b", "DC=a, DC=b"},
	} {
		der, err := encodeSubject(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got, err := subjectText(der); err != nil || got != test.want {
			t.Errorf("%q: %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

func TestAnyValueSurvivesQuoting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOfN(rapid.RuneFrom([]rune(`abc ,;+"\=<>#äöü0F`)), 1, 20, -1).Draw(t, "value")
		text := "CN=" + quote(value) + ", O=b"
		der, err := encodeSubject(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, err := subjectText(der)
		if err != nil || got != text {
			t.Fatalf("%q became %q, %v", text, got, err)
		}
	})
}

func TestSubjectsOfAnyTextNeverPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"CN", "=", ",", `\`, `"`, "+", "a", " ", "#", "2.5", "OID."})).Draw(t, "parts")
		if der, err := encodeSubject(strings.Join(parts, "")); err == nil {
			if _, err := subjectText(der); err != nil {
				t.Fatalf("%v", err)
			}
		}
	})
}
