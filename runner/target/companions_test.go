package target

import (
	"strings"
	"testing"
	"time"
)

func TestCompanionsAreClaimedInSoManyWords(t *testing.T) {
	plain := Target{Endpoint: "https://vault.example"}
	if got := strings.Join(plain.WithDefaults().Without, " "); got != "contacts companions" {
		t.Errorf("a target file that says nothing is without %q", got)
	}
	plain.Companions = true
	if got := strings.Join(plain.WithDefaults().Without, " "); got != "contacts" {
		t.Errorf("a target file that claims companions is without %q", got)
	}
}

func TestTheTokenOfCompanionsIsOfItsOwn(t *testing.T) {
	for _, test := range []struct {
		name   string
		target Target
		want   string // what the error names; "" for none
	}{
		{"none of its own", Target{Companions: true, Auth: Auth{Token: Secret{Value: "first"}}}, ""},
		{"one of its own", Target{Companions: true, CompanionsAuth: Auth{Token: Secret{Value: "second"}}}, ""},
		{"not claimed", Target{CompanionsAuth: Auth{Token: Secret{Value: "second"}}}, "companions: true"},
		{"a variable that is not set", Target{Companions: true, CompanionsAuth: Auth{Token: Secret{Env: "KVCONFORM_NO_SUCH_VARIABLE"}}}, "companionsAuth.token"},
		{"a token endpoint in the clear", Target{Companions: true, CompanionsAuth: Auth{TokenURL: &TokenURL{URL: "http://elsewhere.example"}}}, "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.target.Endpoint = "https://vault.example"
			_, err := test.target.Check()
			if err == nil {
				err = test.target.Resolve()
			}
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one that names %q", err, test.want)
			}
		})
	}
	own := Target{Endpoint: "https://vault.example", Companions: true, CompanionsAuth: Auth{Token: Secret{Value: "second"}}}
	credential, err := own.CompanionsCredential(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := credential.Token(t.Context(), nil); token != "second" || err != nil {
		t.Errorf("the token is %q, %v", token, err)
	}
	if secrets := strings.Join(own.Secrets(), " "); !strings.Contains(secrets, "second") {
		t.Errorf("the token of companions is not hidden: %q", secrets)
	}
	own.CompanionsAuth = Auth{None: true}
	if credential, err = own.CompanionsCredential(time.Now); err != nil || credential == nil {
		t.Fatalf("no credential for requests without a token: %v", err)
	}
	if token, _ := credential.Token(t.Context(), nil); token != "" {
		t.Errorf("requests without a token carry %q", token)
	}
}
