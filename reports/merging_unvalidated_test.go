package reports

import "testing"

func TestNamesThatACertificateCanHave(t *testing.T) {
	long := make([]byte, longestName+1)
	for i := range long {
		long[i] = 'a'
	}
	for name, valid := range map[string]bool{
		"web": true, "A-1": true, string(long[:longestName]): true,
		"": false, "a_b": false, "a.b": false, "a%2Eb": false, "\u00e9": false, string(long): false,
	} {
		if got := validName(name); got != valid {
			t.Errorf("%q is valid: %v, want %v", name, got, valid)
		}
	}
}
