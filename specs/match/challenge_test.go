package match_test

import (
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func TestMatchersOfTheChallenge(t *testing.T) {
	with := func(header string) *vault.Exchange {
		e := answered(401, `{}`)
		if header != "" {
			e.Response.Header.Set("WWW-Authenticate", header)
		}
		return e
	}
	const authority = `Bearer authorization="https://login.example/tenant"`
	full := with(authority + `, resource="https://vault.example"`)
	for _, m := range []matching{
		{"bearer", match.BearerChallenge(), full, true, ""},
		{"no challenge", match.BearerChallenge(), with(""), false, ""},
		{"another scheme", match.BearerChallenge(), with(`Negotiate`), false, ""},
		{"a quote that does not end", match.BearerChallenge(), with(`Bearer authorization="https://`), false, ""},
		{"an authority", match.ChallengeAuthority(), full, true, ""},
		{"an authority that is no URL", match.ChallengeAuthority(), with(`Bearer authorization="login"`), false, ""},
		{"no authority", match.ChallengeAuthority(), with(`Bearer resource="https://vault.example"`), false, ""},
		{"a tenant", match.ChallengeTenant(), full, true, ""},
		{"no tenant", match.ChallengeTenant(), with(`Bearer authorization="https://login.example/"`), false, ""},
		{"a resource", match.ChallengeResource(), full, true, ""},
		{"a scope", match.ChallengeResource(), with(authority + ` scope="https://vault.example/.default"`), true, ""},
		{"neither", match.ChallengeResource(), with(authority), false, ""},
		{"a parameter within quotes", match.ChallengeQuoted(), with(authority + `, scope="a resource=b"`), true, ""},
		{"an authority without quotes", match.ChallengeQuoted(), with(`Bearer authorization=https://login.example/tenant`), false, ""},
		{"everything in quotes", match.ChallengeQuoted(), full, true, ""},
		{"for a host of the domain", match.ChallengeFor("mine.vault.example"), full, true, ""},
		{"for a host that only ends alike", match.ChallengeFor("notvault.example"), full, false, ""},
		{"for another host", match.ChallengeFor("localhost"), full, false, ""},
	} {
		t.Run(m.name, m.check)
	}
}
