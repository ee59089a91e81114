package schemas

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// TestQuickChecksAgreeWithTheirPatterns compares each check with the regular expression that it stands for.
func TestQuickChecksAgreeWithTheirPatterns(t *testing.T) {
	texts := []string{
		"", "=", "==", "A=", "AA=", "AA==", "AAA=", "AAAA", "AAAA=", "AAAA==", "AAAA====", "A===", "AAAAAA==", "AAAA\n", "AA A", "AA-_",
		"http://", "http:///", "http://?", "http://#", "http://h", "HTTPS://h", "hTTp://h/ ", "https://h\u00a0x", "https://h\n", "ftp://h",
		"http://h://x", "httpss://h", "ſ://h", "httpſ://h", "\u017f", "http://\xff", "http://h\v", "\xff",
	}
	for pattern, check := range quickPatterns() {
		expression := regexp.MustCompile(pattern)
		for _, text := range texts {
			if got, want := check(text), expression.MatchString(text); got != want {
				t.Errorf("%q by %s: got %v, want %v", text, pattern, got, want)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(
				rapid.StringMatching(pattern), rapid.StringMatching(`[A-Za-z0-9+/=_\- ]{0,12}`), rapid.StringMatching(`[htpsHTPS]{3,6}:?/?/?[h/?# \n.]{0,5}`), rapid.String(),
			).Draw(t, "text")
			if got, want := check(text), expression.MatchString(text); got != want {
				t.Fatalf("%q by %s: got %v, want %v", text, pattern, got, want)
			}
		})
	}
}

// TestEveryQuickCheckIsOfAPatternInUse fails if a pattern changes in the schemas and its check no longer stands for any.
func TestEveryQuickCheckIsOfAPatternInUse(t *testing.T) {
	set, err := Compile()
	if err != nil {
		t.Fatal(err)
	}
	for pattern := range quickPatterns() {
		if _, used := set.phrases[pattern]; !used {
			t.Errorf("no schema has the pattern %s with its meaning", pattern)
		}
	}
}
