package scenarios

import (
	"context"
	"errors"
	"fmt"
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
	// First, where not 0, is the first pause; each is twice the one before, until they are as Min and Max say. It is for a
	// target on this machine, which may end an operation in no time and is not loaded by a few more polls.
	First time.Duration
	// Timeout bounds the wait for one transition. Change bounds the wait for a change that the vault has reported already to
	// show, such as a deletion or a new item of a list, where a play may read a whole list at each poll; 0 is Timeout.
	Timeout, Change time.Duration
}

// change is how long a wait for a change to show lasts at most.
func (p Polling) change() time.Duration {
	if p.Change == 0 {
		return p.Timeout
	}
	return min(p.Timeout, p.Change)
}

// Env is the environment of a script: the vault, names of the run's own, polling, hooks. Each play has its own.
type Env struct {
	Vault   *vault.Client
	Issuers Issuers
	// Knows reports whether the members that an api-version brought may be sent; nil means that none of a later one may.
	Knows func(since string) bool
	// CreateForm is how much of a policy the target's creates need, if that is known; by default the plays find out.
	CreateForm CreateForm
	// Provider is that of the issuers which scripts make, as the target file names it; "" if it names none.
	Provider string
	Polling  Polling
	Clock    vault.Clock
	// NewName makes a name of the run's own and writes it to the ledger, before anything of that name is sent.
	NewName func(purpose string) (string, error)
	// NoteIssuer, where not nil, writes to the ledger that an issuer of a name is about to be made.
	NoteIssuer func(name string) error
	// NoteSecret and NoteKey, where not nil, do so for a secret and a key that belong to no certificate.
	NoteSecret, NoteKey func(name string) error
	// Hooks bring about what no API can, for the certificate of a name.
	Hooks map[Hook]func(ctx context.Context, name string) error
	// Doing, where not nil, is told what the play waits for, and until when.
	Doing func(what string, until time.Time)
	// Waits, where not nil, remembers which waits of the run were in vain.
	Waits *Waits
	// Found, where not nil, waits for one of the plays that find out which forms of a request the target takes.
	Found func(ctx context.Context, play string) Script
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
	// Reason is the precondition that never held, and the response that stood in its way.
	Reason string
	// Exchange is the one that stood in the way, nil where it was none: an issuer that is not named, say.
	Exchange *vault.Exchange
	// Want is what the play needed of that exchange, such as "2xx".
	Want string
}

// Error is the reason.
func (u *Unreached) Error() string { return u.Reason }

// unreached is an Unreached of a formatted reason.
func unreached(format string, values ...any) error {
	return &Unreached{Reason: fmt.Sprintf(format, values...)}
}

// Must goes on if the exchange succeeded, whatever its 2xx status. Otherwise the play ends: unreached, naming the
// operation and its response, or broken off if there was no response at all.
func (env *Env) Must(e *vault.Exchange) error {
	if e.Failure != nil {
		return e.Failure
	}
	if !e.Succeeded() {
		return blocked(e, "2xx")
	}
	return nil
}

// blocked is an Unreached for want of something that an exchange did not return.
func blocked(e *vault.Exchange, want string) error {
	return &Unreached{Reason: Blocks(e, want), Exchange: e, Want: want}
}

// Blocks says what was needed of an exchange and what came instead: "needs CreateCertificate to return 2xx; it returned
// 400 BadParameter".
func Blocks(e *vault.Exchange, want string) string {
	return fmt.Sprintf("needs %s to return %s; it returned %s", e.Operation, want, Returned(e))
}

// Returned is a response in a few words: its status, and the code and the beginning of the message of a refusal.
func Returned(e *vault.Exchange) string {
	if e.Response == nil {
		return "nothing"
	}
	text := fmt.Sprint(e.Status())
	if problem, ok := e.Member("error").(map[string]any); ok {
		if code, ok := problem["code"].(string); ok && code != "" {
			text += " " + code
		}
	}
	return text
}

// AwaitEnd polls the certificate operation until it is in progress no more, and returns every poll. The last one saw
// the end, or was refused: a play goes on after a refusal, since the certificate may be there all the same. The error is
// Unreached if the end is not seen before polling.timeout.
func (env *Env) AwaitEnd(ctx context.Context, name string, filter ...vault.Option) ([]*vault.Exchange, error) {
	began := env.Clock.Now()
	until := began.Add(env.Polling.Timeout)
	if env.Doing != nil {
		env.Doing("the end of the pending request", until)
	}
	var polls []*vault.Exchange
	var waited time.Duration
	for unclear := 0; ; {
		poll := env.Vault.GetPending(ctx, name, filter...)
		poll.Waited += waited
		polls = append(polls, poll)
		switch {
		case poll.Failure != nil:
			return polls, poll.Failure
		case !poll.Succeeded() || Ended(poll):
			env.Waits.ended(issuerOf(poll), true)
			return polls, nil
		case !InProgress(poll):
			// A status that says nothing known: a few more polls may show a target, an endless wait would not help.
			if unclear++; unclear > 3 {
				return polls, nil
			}
		}
		waited = env.pauseAfter(poll, len(polls)-1)
		late := env.Clock.Now().Add(waited).After(until)
		if late {
			env.Waits.ended(issuerOf(poll), false)
		}
		if late || env.Waits.hopeless(issuerOf(poll)) {
			want := fmt.Sprintf("an operation that has ended within %s (polling.timeout)", env.Polling.Timeout)
			return polls, &Unreached{
				Reason:   fmt.Sprintf("needs %s to return %s; its last status is %q", poll.Operation, want, poll.Text("status")),
				Exchange: poll, Want: want,
			}
		}
		if err := env.Clock.Sleep(ctx, waited); err != nil {
			// Record the cancelled poll as a failure, so that the previous poll is not mistaken for the final state.
			ended := vault.Ended(ctx)
			cancelled := &vault.Exchange{
				Operation: poll.Operation, Started: env.Clock.Now(), Waited: waited, Request: poll.Request, Failure: ended,
			}
			return append(polls, cancelled), errors.Join(ended, err)
		}
	}
}

// AwaitState polls as AwaitEnd does. The play is unreached if the operation ends in another of the documented states
// than those wanted; a status that is none of them, or a refused poll, does not stop it.
func (env *Env) AwaitState(ctx context.Context, name string, states ...string) ([]*vault.Exchange, error) {
	polls, err := env.AwaitEnd(ctx, name)
	if err != nil {
		return polls, err
	}
	last := polls[len(polls)-1]
	wronglyNamed := states[0] == vault.StateFailed && last.Member("error") != nil
	if !last.Succeeded() || !InState(last, endStates()...) || InState(last, states...) || wronglyNamed {
		return polls, nil
	}
	want := "an operation that is " + states[0]
	return polls, &Unreached{
		Reason:   fmt.Sprintf("needs %s to return %s; it ended as %q%s", last.Operation, want, last.Text("status"), why(last)),
		Exchange: last, Want: want,
	}
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

// pauseAfter is the wait after a poll, before which there were some others: what Retry-After says, within bounds.
func (env *Env) pauseAfter(poll *vault.Exchange, before int) time.Duration {
	after, asked := vault.RetryAfter(poll.Response, env.Clock.Now())
	if !asked {
		after = env.Polling.Min
	}
	bounded := min(max(after, env.Polling.Min), env.Polling.Max)
	if env.Polling.First > 0 && before < 16 {
		return min(env.Polling.First<<before, bounded) // early at first
	}
	return bounded
}

// knows reports whether a member may be sent that an api-version brought; "" is one that has always been there.
func (env *Env) knows(since string) bool {
	return since == "" || env.Knows != nil && env.Knows(since)
}
