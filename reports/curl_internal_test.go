package reports

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheTokenIsPrintedTowardTheTargetAlone(t *testing.T) {
	r := &Report{Target: Target{Endpoint: "https://localhost:1/v", Connection: Connection{Dial: "10.0.0.1:9", CA: "ca file.pem", Insecure: true}}}
	for url, token := range map[string]bool{"https://localhost:1/v/certificates": true, "https://a.vault.example/certificates": false} {
		got := r.curl(&Step{Method: "GET", URL: url, RequestHeader: http.Header{"Authorization": {"Bearer [redacted]"}}})
		if strings.Contains(got, "$TOKEN") != token {
			t.Errorf("toward %s: %s", url, got)
		}
		if !strings.HasPrefix(got, "curl -sS -i -k --cacert 'ca file.pem' --connect-to ::10.0.0.1:9 ") {
			t.Errorf("the way is not told: %s", got)
		}
	}
}
