// Package drive sends the plays of a run to a target. A Driver names what the run makes, notes each name in the ledger
// before the request is sent, performs plays several at once, and removes what each play made as the play ends. It judges nothing.
package drive

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"time"

	"github.com/kvconform/kvconform/internal/cleanup"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// Progress is told how a run goes; its methods may be called from several goroutines.
type Progress interface {
	// Planned tells, before anything is played, how many plays a scenario has.
	Planned(scenario string, plays int)
	// Playing says that a play has begun or waits for something until a time.
	Playing(play, scenario, waitsFor string, until time.Time)
	// Played says that a play is over, and why early where it did not come to its end.
	Played(play, scenario string, took time.Duration, err error)
	// CleaningUp says that what the run made is being removed.
	CleaningUp(certificates int)
}

// Options say what a driver keeps and tells.
type Options struct {
	// Ledger is the file that names whatever is made; empty means one of the run's own in cleanup.StateFolder.
	Ledger string
	// NoLedger keeps these names in memory alone.
	NoLedger bool
	// Throwaway says that the vault ends with the process: what the run makes is left in it.
	Throwaway bool
	// Progress, where not nil, is told how the plays go.
	Progress Progress
	// Ended, where not nil, is given every performance as it ends; it may be called from several goroutines.
	Ended func(*scenarios.Performance)
	// Abandoned, where not nil and closed, ends the cleaning up: the ledger names what is left.
	Abandoned <-chan struct{}
}

// Driver performs plays in a session.
type Driver struct {
	session  *session.Session
	ledger   *cleanup.Ledger
	progress Progress
	id       string // what tells the names of one run from those of another
	clean    bool   // nothing is left that the ledger names

	ended     func(*scenarios.Performance)
	abandoned <-chan struct{}

	performances []*scenarios.Performance
	waits        scenarios.Waits
	cleaner      *cleaner // nil if nothing is removed
}

// New opens the ledger of a run in a session. Whoever makes a driver closes it.
func New(s *session.Session, options Options) (*Driver, error) {
	drawn := make([]byte, 6)
	if _, err := rand.Read(drawn); err != nil {
		return nil, fmt.Errorf("drawing the run's id: %w", err)
	}
	d := &Driver{session: s, progress: options.Progress, id: hex.EncodeToString(drawn), ended: options.Ended, abandoned: options.Abandoned}
	if !options.Throwaway && s.Target.Cleanup != target.Leave {
		d.cleaner = newCleaner(cleanup.OptionsOf(s))
	}
	if d.progress == nil {
		d.progress = silent{}
	}
	path := options.Ledger
	switch {
	case options.NoLedger:
		path = ""
	case path == "":
		path = filepath.Join(cleanup.StateFolder(), d.id+cleanup.Suffix)
	}
	var err error
	shared := cleanup.Entry{Run: d.id, Endpoint: s.Facts.Endpoint, APIVersion: s.Facts.APIVersion}
	d.ledger, err = cleanup.Open(path, shared, s.Clock.Now)
	return d, err
}

// Begin finds the target ready and makes what the plays need.
func (d *Driver) Begin(ctx context.Context) error {
	if err := d.session.Ready(ctx); err != nil {
		return err
	}
	return d.session.SetUpIssuers(ctx, func(purpose string) (string, error) {
		name := d.name(purpose)
		return name, d.ledger.Note(cleanup.IssuerKind, name)
	})
}

func (d *Driver) name(purpose string) string {
	return fmt.Sprintf("%s-%s-%s", d.session.Target.Names.Prefix, d.id, purpose)
}

// Perform performs plays, several at once, and returns them in their order.
func (d *Driver) Perform(ctx context.Context, plays []scenarios.Play) []*scenarios.Performance {
	ctx, stop := d.session.Bounded(ctx)
	defer stop()
	pool := &scenarios.Pool{
		NewEnv: func(play scenarios.Play) (*scenarios.Env, error) { return d.env(ctx, play), nil },
		Limit:  d.session.Target.Plays,
		Now:    d.session.Clock.Now,
		Began:  func(play scenarios.Play) { d.progress.Playing(play.Name, play.Scenario, "", time.Time{}) },
		Ended: func(p *scenarios.Performance) {
			d.progress.Played(p.Play.Name, p.Play.Scenario, p.Took, p.Err)
			d.cleanAfter(ctx, p)
			if d.ended != nil {
				d.ended(p)
			}
		},
	}
	d.setUpOwnIssuer(ctx, plays)
	d.planned(plays)
	pool.Start(ctx, scenarios.LongFirst(plays)...)
	performances := make([]*scenarios.Performance, 0, len(plays))
	for _, play := range plays {
		performances = append(performances, pool.Performance(ctx, play))
	}
	d.performances = performances
	return performances
}

// planned tells the progress how many plays each scenario has.
func (d *Driver) planned(plays []scenarios.Play) {
	for i := 0; i < len(plays); {
		next := i
		for next < len(plays) && plays[next].Scenario == plays[i].Scenario {
			next++
		}
		d.progress.Planned(plays[i].Scenario, next-i)
		i = next
	}
}

// env is what one play has at hand.
func (d *Driver) env(ctx context.Context, play scenarios.Play) *scenarios.Env {
	s := d.session
	return &scenarios.Env{
		Vault:    s.Client.Without(s.Target.Without),
		Issuers:  s.Facts.Issuers,
		Knows:    specs.Knows(s.Facts.Expected()),
		Provider: s.Provider(),

		CreateForm: s.Target.Create.Form(),
		Polling:    s.Target.Polls(),
		Waits:      &d.waits,
		Clock:      s.Clock,
		Hooks:      s.Target.StageHooks(s.Facts.Endpoint, s.Facts.APIVersion),
		NewName: func(purpose string) (string, error) {
			name := d.name(purpose)
			if err := d.resolveClash(ctx, name); err != nil {
				return "", err
			}
			return name, d.note(play, cleanup.CertificateKind, name)
		},
		NoteIssuer: func(name string) error { return d.note(play, cleanup.IssuerKind, name) },
		NoteSecret: func(name string) error { return d.note(play, cleanup.SecretKind, name) },
		NoteKey:    func(name string) error { return d.note(play, cleanup.KeyKind, name) },
		Doing: func(what string, until time.Time) {
			d.progress.Playing(play.Name, play.Scenario, what, until)
		},
	}
}

// resolveClash applies names.onClash if a certificate of that name exists.
func (d *Driver) resolveClash(ctx context.Context, name string) error {
	if d.session.Target.Names.OnClash == "" {
		return nil
	}
	client, taken := d.session.Client, false
	for _, poll := range []*vault.Exchange{
		client.GetPending(ctx, name), client.GetCertificate(ctx, name), client.GetDeletedCertificate(ctx, name),
	} {
		if poll.Failure != nil {
			return poll.Failure
		}
		taken = taken || poll.Succeeded()
	}
	switch {
	case !taken:
		return nil
	case d.session.Target.Names.OnClash == target.ClashFails:
		return fmt.Errorf("a certificate named %s exists already (names.onClash is fail)", name)
	}
	options := cleanup.OptionsOf(d.session)
	options.Cleanup, options.Plays = target.Purge, 1
	for _, removal := range cleanup.NewRemover(options).Remove(ctx, []cleanup.Leftover{{Kind: cleanup.CertificateKind, Name: name}}) {
		if removal.Fate != cleanup.Gone {
			return fmt.Errorf("a certificate named %s exists already and cannot be removed: %s", name, removal.Reason)
		}
	}
	return nil
}

// Close closes the ledger, which is removed where nothing of it is left in the vault.
func (d *Driver) Close() error { return d.ledger.Close(d.clean) }

// silent is the progress that nobody follows.
type silent struct{}

// Planned does nothing.
func (silent) Planned(string, int) {}

// Playing does nothing.
func (silent) Playing(string, string, string, time.Time) {}

// Played does nothing.
func (silent) Played(string, string, time.Duration, error) {}

// CleaningUp does nothing.
func (silent) CleaningUp(int) {}
