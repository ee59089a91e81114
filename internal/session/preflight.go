package session

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// preflight finds out whether the endpoint can be talked to at all, so that the reason is one line and not a list of
// failing rules.
func preflight(ctx context.Context, client *vault.Client, t target.Target) error {
	probe := client.GetCertificates(ctx, vault.Parameter("maxresults", "1"))
	if probe.Failure != nil {
		return &Incomplete{
			Message: fmt.Sprintf("%s cannot be used: %s", t.Endpoint, probe.Failure.Message),
			Advice:  advice(probe.Failure.Kind, t),
		}
	}
	if probe.Status() != http.StatusUnauthorized {
		return nil
	}
	if t.Auth.Kind() == "" {
		return &Incomplete{
			Message: t.Endpoint + " wants a token (401) and none was given",
			Advice:  "give one with --token, or in the target file",
		}
	}
	return &Incomplete{
		Message: t.Endpoint + " does not accept the token (401" + Code(probe) + ")",
		Advice:  "check that it has not expired and that it was issued for this vault's resource",
	}
}

// Code is the error code of a response with a space before it, "" where there is none.
func Code(e *vault.Exchange) string {
	problem, _ := e.Member("error").(map[string]any)
	code, _ := problem["code"].(string)
	if code == "" {
		return ""
	}
	return " " + code
}

func advice(kind vault.FailureKind, t target.Target) string {
	switch kind {
	case vault.Untrusted:
		return "give the CA that signed its certificate with --ca FILE, or --insecure to trust anyone"
	case vault.TimedOut:
		return "check that the address is right and that nothing between holds the answer back"
	case vault.NoToken:
		return "check auth in the target file, which takes the token from " + t.Auth.Kind()
	case vault.Interrupted:
		return "the run was ended before it began"
	default:
		if u, err := url.Parse(t.Endpoint); err == nil && u.Scheme == "https" {
			return "check that it is started and that the address is right, and whether it speaks http rather than https"
		}
		return "check that it is started and that the address is right"
	}
}
