package refvault

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

// tenant is the directory that the challenge names when Options.AuthorityURL does not.
const tenant = "00000000-0000-4000-8000-000000000001"

// authenticate comes before anything else is looked at: a client without a token learns only where to get one.
func (v *Vault) authenticate(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	reason := "The request carries no bearer token."
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		if v.token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(v.token)) == 1 {
			return nil
		}
		reason = "The bearer token is not accepted here."
	}
	return &refusal{status: http.StatusUnauthorized, code: codeUnauthorized, message: reason}
}

// challenge tells where a token comes from and for which resource. The resource is the vault itself, so that a client
// which compares it with the host that it called is content.
func (v *Vault) challenge(base string) string {
	authority := v.authority
	if authority == "" {
		authority = base + "/" + tenant
	}
	return fmt.Sprintf(`Bearer authorization="%s", resource="%s"`, authority, base)
}
