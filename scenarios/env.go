package scenarios

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Issuers names the issuers of the target by how their requests end; "" where the target has none of that kind.
type Issuers struct {
	// StaysInProgress never ends a request by itself.
	StaysInProgress string `json:"staysInProgress,omitempty" yaml:"staysInProgress,omitempty"`
	// Completes issues the certificate.
	Completes string `json:"completes,omitempty" yaml:"completes,omitempty"`
	// Fails ends a request as failed through the issuer's fault.
	Fails string `json:"fails,omitempty" yaml:"fails,omitempty"`
	// Rejects ends a request as failed through the requester's fault.
	Rejects string `json:"rejects,omitempty" yaml:"rejects,omitempty"`
}

// Polling bounds the waiting for an operation.
type Polling struct {
	// Min and Max bound the pause between two looks, whatever Retry-After says.
	Min, Max time.Duration
	// Timeout bounds the wait for one transition.
	Timeout time.Duration
}

// Env is the environment of a script: the vault, names of the run's own, polling, hooks. Each play has its own.
type Env struct {
	Vault   *vault.Client
	Issuers Issuers
	Polling Polling
	Clock   vault.Clock
	// NewName makes a name of the run's own and writes it to the ledger, before anything of that name is sent.
	NewName func(purpose string) (string, error)
	// NewRSAKey, where not nil, gives the 2048-bit keys that the play signs or imports with. Making one takes a while,
	// so repeated runs (prove) share one key.
	NewRSAKey func() (crypto.Signer, error)
	// NoteIssuer, where not nil, writes to the ledger that an issuer of a name is about to be made.
	NoteIssuer func(name string) error
	// Hooks bring about what no API can, for the certificate of a name.
	Hooks map[Hook]func(ctx context.Context, name string) error
	// Doing, where not nil, is told what the play waits for, and until when.
	Doing func(what string, until time.Time)
}

// Name makes a certificate name of the run's own. The purpose is a word that tells it from the play's other names.
func (env *Env) Name(purpose string) (string, error) {
	name, err := env.NewName(purpose)
	if err != nil {
		return "", fmt.Errorf("noting a name in the ledger: %w", err)
	}
	return name, nil
}

// IssuerName makes a name of the run's own under which the play makes an issuer, and perhaps a certificate too.
func (env *Env) IssuerName(purpose string) (string, error) {
	name, err := env.Name(purpose)
	if err != nil || env.NoteIssuer == nil {
		return name, err
	}
	if err := env.NoteIssuer(name); err != nil {
		return "", fmt.Errorf("noting an issuer in the ledger: %w", err)
	}
	return name, nil
}

// Unreached is the error of a play whose situation never came about.
type Unreached struct {
	// Reason is the precondition that never held, and what stood in its way.
	Reason string
}

// Error is the reason.
func (u *Unreached) Error() string { return u.Reason }

// unreached is an Unreached of a formatted reason.
func unreached(format string, values ...any) error {
	return &Unreached{Reason: fmt.Sprintf(format, values...)}
}

// Must goes on where the exchange succeeded. Otherwise the play ends: unreached for want of what, or broken off when
// there was no answer at all.
func (env *Env) Must(e *vault.Exchange, what string) error {
	if e.Failure != nil {
		return e.Failure
	}
	if !e.Succeeded() {
		return unreached("no %s: %s", what, said(e))
	}
	return nil
}

// said is an answer in a few words.
func said(e *vault.Exchange) string {
	text := fmt.Sprintf("%s answered %d", e.Operation, e.Status())
	if problem, ok := e.Member("error").(map[string]any); ok {
		if code, ok := problem["code"].(string); ok && code != "" {
			text += " " + code
		}
	}
	return text
}

// AwaitEnd polls the certificate operation until it is in progress no more. It returns every look, the last being the
// one that saw the end; the error is Unreached where the wait was in vain.
func (env *Env) AwaitEnd(ctx context.Context, name string) ([]*vault.Exchange, error) {
	return env.await(ctx, name, "the end of the pending request", func(e *vault.Exchange) bool {
		return !InProgress(e)
	})
}

// AwaitState polls as AwaitEnd does and is unreached if the operation ends in another state than the one wanted.
func (env *Env) AwaitState(ctx context.Context, name string, states ...string) ([]*vault.Exchange, error) {
	looks, err := env.AwaitEnd(ctx, name)
	if err != nil {
		return looks, err
	}
	last := looks[len(looks)-1]
	for _, state := range states {
		if strings.EqualFold(last.Text("status"), state) {
			return looks, nil
		}
	}
	return looks, unreached("no request that is %s: it ended as %q%s", states[0], last.Text("status"), why(last))
}

func why(e *vault.Exchange) string {
	problem, _ := e.Member("error").(map[string]any)
	code, _ := problem["code"].(string)
	message, _ := problem["message"].(string)
	if code == "" && message == "" {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", code, message)
}

// InProgress tells whether an answer shows a certificate operation in progress.
func InProgress(e *vault.Exchange) bool {
	return e.Succeeded() && strings.EqualFold(e.Text("status"), "inProgress")
}

func (env *Env) await(ctx context.Context, name, what string, done func(*vault.Exchange) bool) ([]*vault.Exchange, error) {
	began := env.Clock.Now()
	until := began.Add(env.Polling.Timeout)
	if env.Doing != nil {
		env.Doing(what, until)
	}
	var looks []*vault.Exchange
	var waited time.Duration
	for {
		look := env.Vault.GetPending(ctx, name)
		look.Waited += waited
		looks = append(looks, look)
		switch {
		case look.Failure != nil:
			return looks, look.Failure
		case !look.Succeeded():
			return looks, unreached("%s was not seen: %s", what, said(look))
		case done(look):
			return looks, nil
		}
		waited = env.pause(look)
		if env.Clock.Now().Add(waited).After(until) {
			return looks, unreached("%s did not come within %s (polling.timeout); last status %q",
				what, env.Polling.Timeout, look.Text("status"))
		}
		if err := env.Clock.Sleep(ctx, waited); err != nil {
			// Record the cancelled poll as a failure, so that the previous poll is not mistaken for the final state.
			ended := vault.Ended(ctx)
			cancelled := &vault.Exchange{
				Operation: look.Operation, Started: env.Clock.Now(), Waited: waited, Request: look.Request, Failure: ended,
			}
			return append(looks, cancelled), errors.Join(ended, err)
		}
	}
}

// pause is the wait before the next look: what Retry-After says, within bounds.
func (env *Env) pause(look *vault.Exchange) time.Duration {
	after, asked := vault.RetryAfter(look.Response, env.Clock.Now())
	if !asked {
		after = env.Polling.Min
	}
	return min(max(after, env.Polling.Min), env.Polling.Max)
}
