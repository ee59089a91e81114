package match_test

import (
	"testing"

	"github.com/kvconform/kvconform/specs/match"
)

func TestMatchersOfThePolicy(t *testing.T) {
	key := newKey(t)
	certificate := signed(t, key, key, nil)
	policy := answered(200, `{"key_props":{"kty":"EC","crv":"P-256"},"x509_props":{"subject":"O=O, CN=a.example","ekus":["1","2"]},
		"lifetime_actions":[{"trigger":{"lifetime_percentage":80},"action":{"action_type":"EmailContacts"}}],
		"attributes":{"updated":1}}`)
	bundle := answered(200, `{"policy":{"key_props":{"kty":"EC","crv":"P-256","key_size":null},
		"x509_props":{"subject":"O=O, CN=a.example","ekus":["2","1"]},
		"lifetime_actions":[{"trigger":{"lifetime_percentage":80},"action":{"action_type":"EmailContacts"}}],
		"attributes":{"updated":2}}}`)
	changed := answered(200, `{"policy":{"key_props":{"kty":"RSA","key_size":2048}}}`)
	two := answered(200, `{"lifetime_actions":[{},{}]}`)
	unnamed := answered(200, `{"x509_props":{"subject":"CN=a","sans":{"dns_names":[],"upns":[]}}}`)
	for _, m := range []matching{
		{"the subject in another order", match.PolicySubject("CN=a.example, O=O"), policy, true, ""},
		{"the subject within a bundle", match.PolicySubject("CN=a.example, O=O", "policy"), bundle, true, ""},
		{"another subject", match.PolicySubject("CN=b.example"), policy, false, "/x509_props/subject"},
		{"no subject", match.PolicySubject("CN=b.example"), two, false, "/x509_props/subject"},
		{"the subject of a certificate", match.PolicySubjectOf(certificate), policy, true, ""},
		{"a subject that is a number", match.PolicySubjectOf(certificate), answered(200, `{"x509_props":{"subject":1}}`), false, "/x509_props/subject"},
		{"the key of a certificate", match.PolicyKey(certificate), policy, true, ""},
		{"another key", match.PolicyKey(certificate, "policy"), changed, false, "/policy/key_props"},
		{"a key of no kind", match.PolicyKey(certificate), answered(200, `{"key_props":{}}`), false, "/key_props"},
		{"one action", match.OneLifetimeAction("EmailContacts", 80), policy, true, ""},
		{"another action", match.OneLifetimeAction("AutoRenew", 80), policy, false, "/lifetime_actions"},
		{"at another time", match.OneLifetimeAction("EmailContacts", 90), policy, false, "/lifetime_actions"},
		{"two actions", match.OneLifetimeAction("EmailContacts", 80), two, false, "/lifetime_actions"},
		{"the same policy", match.SamePolicy(policy, nil, "policy"), bundle, true, ""},
		{"another policy", match.SamePolicy(policy, nil, "policy"), changed, false, "/policy/key_props"},
		{"the same policy with empty lists of names", match.SamePolicy(unnamed, nil), answered(200, `{"x509_props":{"subject":"CN=a"}}`), true, ""},
		{"a policy without the names", match.SamePolicy(answered(200, `{"x509_props":{"sans":{"upns":["a"]}}}`), nil), unnamed, false, "/x509_props"},
		{"nothing, left out", match.Empty("x509_props", "ekus"), unnamed, true, ""},
		{"nothing, as an empty list", match.Empty("x509_props", "sans", "upns"), unnamed, true, ""},
		{"something", match.Empty("x509_props", "subject"), unnamed, false, "/x509_props/subject"},
		{"no policy", match.SamePolicy(policy, nil, "policy"), two, false, "/policy"},
		{"the same group", match.SameGroup(policy, "x509_props"), policy, true, ""},
		{"a group that is gone", match.SameGroup(policy, "x509_props"), two, false, "/x509_props"},
		{"another group", match.SameGroup(policy, "key_props"), answered(200, `{"key_props":{"kty":"RSA"}}`), false, "/key_props"},
		{"a set in another order", match.Set([]string{"2", "1"}, "x509_props", "ekus"), policy, true, ""},
		{"a set with one too many", match.Set([]string{"1"}, "x509_props", "ekus"), policy, false, "/x509_props/ekus"},
		{"an empty set left out", match.Set(nil, "x509_props", "sans"), policy, true, ""},
		{"a set that is a text", match.Set([]string{"1"}, "x509_props", "subject"), policy, false, "/x509_props/subject"},
		{"a set with a number", match.Set([]string{"1"}, "a"), answered(200, `{"a":[1]}`), false, "/a"},
		{"the tags", match.Tags(map[string]string{"a": "b"}), answered(200, `{"tags":{"a":"b"}}`), true, ""},
		{"a tag too many", match.Tags(map[string]string{"a": "b"}), answered(200, `{"tags":{"a":"b","c":"d"}}`), false, "/tags"},
		{"another tag", match.Tags(map[string]string{"a": "b"}), answered(200, `{"tags":{"a":"c"}}`), false, "/tags"},
	} {
		t.Run(m.name, m.check)
	}
}
