package reports_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/reports"
)

func TestCurlRepeatsTheRequest(t *testing.T) {
	tests := []struct {
		name string
		step reports.Step
		want string
	}{
		{"a get without a token", reports.Step{Method: "GET", URL: "https://h/a?api-version=7.4"}, `curl -sS -i 'https://h/a?api-version=7.4'`},
		{
			"the token stays out", reports.Step{Method: "GET", URL: "https://h/a", RequestHeader: http.Header{"Authorization": {"Bearer secret"}, "User-Agent": {"x"}}},
			`curl -sS -i -H "Authorization: Bearer $TOKEN" https://h/a`,
		},
		{
			"a body with quotes", reports.Step{Method: "POST", URL: "https://h/a", RequestHeader: http.Header{"Content-Type": {"application/json"}}, RequestBody: `{"a":"it's $HOME"}`},
			`curl -sS -i -X POST -H 'Content-Type: application/json' --data-raw '{"a":"it'\''s $HOME"}' https://h/a`,
		},
		{
			"what was dialled", reports.Step{Method: "GET", URL: "https://a.vault.example/a", Dialled: "https://localhost:1/a"},
			`curl -sS -i https://localhost:1/a`,
		},
		{
			"another scheme", reports.Step{Method: "GET", URL: "https://h/a", RequestHeader: http.Header{"Authorization": {"Basic [redacted]"}}},
			`curl -sS -i -H "Authorization: Basic $TOKEN" https://h/a`,
		},
		{
			"a token of the play's own",
			reports.Step{Method: "GET", URL: "https://h/a", OwnToken: "wrong", RequestHeader: http.Header{"Authorization": {"Bearer [redacted]"}}},
			`curl -sS -i -H 'Authorization: Bearer wrong' https://h/a`,
		},
		{"no link to follow", reports.Step{Method: "GET", Failure: "not followed: there is no link"}, ""},
		{"a body that may not be shown", reports.Step{Method: "POST", URL: "https://h/a", RequestBody: `{"pwd":"[redacted]"}`}, ""},
		{"control characters", reports.Step{Method: "PUT", URL: "https://h/a", RequestBody: "it's\x1b\\"}, `curl -sS -i -X PUT --data-raw $'it\'s\x1b\\' https://h/a`},
		{"braces are no pattern", reports.Step{Method: "GET", URL: "https://[::1]/{a}"}, `curl -sS -i --globoff 'https://[::1]/{a}'`},
		{"a body that is too long for a word", reports.Step{Method: "PUT", URL: "https://h/a", RequestBody: strings.Repeat("x", 70_000)}, ""},
		{
			"a header that may not be shown",
			reports.Step{Method: "GET", URL: "https://h/a", RequestHeader: http.Header{"X-Api-Key": {"[redacted]"}}},
			`curl -sS -i -H "X-Api-Key: $HEADER_X_API_KEY" https://h/a`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.step.Curl(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCurlIsReadByTheShellAsItWasMeant(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: there is no bash here to read the command with")
	}
	body := "it's \"$HOME\" `id` $(id) \\ \x1b \u202e 😀 ! ]]>"
	step := reports.Step{Method: "POST", URL: "https://h/a?b=c&d='e'", RequestBody: body}
	out, err := exec.Command(bash, "-c", `export LC_ALL=C.UTF-8; curl() { printf '%s\n' "$@"; }; `+step.Curl()).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "-sS\n-i\n-X\nPOST\n--data-raw\n" + body + "\n" + step.URL + "\n"
	if string(out) != want {
		t.Errorf("the shell read %q\nwant %q", out, want)
	}
}
