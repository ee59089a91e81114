package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlainHTTPIsAllowedToThisMachineOnly(t *testing.T) {
	for _, test := range []struct {
		endpoint, dial string
		allowed        bool
	}{
		{"http://localhost:8080", "", true},
		{"http://v1.vault.localhost", "", true},
		{"http://V1.Vault.LOCALHOST.", "", true},
		{"http://[::1]:8080", "", true},
		{"http://vault.example", "", false},
		{"http://notlocalhost", "", false},
		{"http://localhost.example", "", false},
		{"http://vault.example", "127.0.0.1:8080", true},
		{"http://v1.vault.localhost", "127.0.0.1:8080", true},
		{"http://localhost:8080", "10.0.0.1:8080", false},
		{"http://v1.vault.localhost", "vault.example:80", false},
	} {
		t.Run(test.endpoint+" "+test.dial, func(t *testing.T) {
			_, err := Target{Endpoint: test.endpoint, Dial: test.dial}.Check()
			if (err == nil) != test.allowed {
				t.Errorf("got %v, want allowed: %t", err, test.allowed)
			}
		})
	}
}

func TestAPasswordInABrokenURLIsNotPrinted(t *testing.T) {
	const link = "https://user:HIDDEN@vault.example/%zz"
	for name, target := range map[string]Target{
		"endpoint":            {Endpoint: link},
		"endpoint, a scheme":  {Endpoint: "ftp://user:HIDDEN@vault.example"},
		"endpoint, no scheme": {Endpoint: "user:HIDDEN@vault.example"},
		"endpoint, an @":      {Endpoint: "https://user:HID@HIDDEN@vault.example/%zz"},
		"idBase":              {Endpoint: "https://vault.example", IDBase: link},
		"proxy":               {Endpoint: "https://vault.example", Proxy: link},
		"token URL":           {Endpoint: "https://vault.example", Auth: Auth{TokenURL: &TokenURL{URL: link}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := target.Check()
			if err == nil || strings.Contains(err.Error(), "HID") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASecretOfSeveralLinesIsAMistakeInUsage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("first\nsecond\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KVCONFORM_TEST_LINES", "first\r\nsecond")
	for name, test := range map[string]struct {
		target Target
		want   string
	}{
		"a token": {Target{Auth: Auth{Token: Secret{Value: "first\nsecond"}}},
			"auth.token: a value has a line break in it; give it as one line"},
		"a token in a file": {Target{Auth: Auth{Token: Secret{File: file}}},
			"auth.token: the file " + file + " has a line break in it; give it as one line"},
		"a header": {Target{Headers: map[string]Secret{"X-Key": {Env: "KVCONFORM_TEST_LINES"}}},
			"the header X-Key: the environment variable KVCONFORM_TEST_LINES has a line break in it; give it as one line"},
	} {
		t.Run(name, func(t *testing.T) {
			test.target.Endpoint = "https://vault.example"
			if err := readAll(test.target); err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := (Secret{File: file}).Read("", "token"); err == nil || strings.Contains(err.Error(), "second") {
		t.Errorf("the message shows the secret: %v", err)
	}
}

func TestAByteOrderMarkIsSkipped(t *testing.T) {
	target, err := parseTarget(targetSchema(t), "kvconform.yaml", []byte("\uFEFFendpoint: https://vault.example\n"))
	if err != nil || target.Endpoint != "https://vault.example" {
		t.Errorf("got %+v, %v", target.Endpoint, err)
	}
}
