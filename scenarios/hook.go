package scenarios

import "context"

// Hook names something that a target's owner can bring about and no API can. The name is its key in a target file.
type Hook string

// FailPending makes the pending request of a certificate fail.
const FailPending Hook = "failPending"

// Hooks lists them.
func Hooks() []Hook { return []Hook{FailPending} }

// FailingIssuer is an issuer whose requests fail: by themselves, or because a hook makes them. "" where there is none.
func (env *Env) FailingIssuer() string {
	if env.Issuers.Fails == "" && env.Hooks[FailPending] != nil {
		return env.Issuers.StaysInProgress
	}
	return env.Issuers.Fails
}

// LetFail has the pending requests at an issuer fail where it is one that needs the hook for that. The play is unreached
// where the hook fails.
func (env *Env) LetFail(ctx context.Context, issuer string, names ...string) error {
	fail := env.Hooks[FailPending]
	if env.Issuers.Fails != "" || issuer != env.Issuers.StaysInProgress || fail == nil {
		return nil
	}
	for _, name := range names {
		if err := fail(ctx, name); err != nil {
			return unreached("needs a pending request that has failed; the hook failPending did not make it fail: %v", err)
		}
	}
	return nil
}
