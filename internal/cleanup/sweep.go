package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/session"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// SweepOptions say what to look for, and where.
type SweepOptions struct {
	// Target is the vault. Its endpoint may be empty where ledgers name one.
	Target target.Target
	// Ledgers are files of runs that were killed. Where they and the prefix are empty, all in StateFolder are meant.
	Ledgers []string
	// Prefix looks for names that begin with it and have the form of a run's names, in place of ledgers.
	Prefix string
	// Recent takes, with Prefix, also what was made a moment ago: a run on another machine may still use it.
	Recent bool
	// Forget, where not 0, removes without a look the ledgers of other vaults that no run has written to for this long.
	Forget time.Duration
	// Clock is the system's where it is nil.
	Clock vault.Clock
}

// Leftover is something that a run left in the vault.
type Leftover struct {
	Kind Kind
	Name string
	// Deleted says that it is in the vault's bin, and only purging it is left to do.
	Deleted bool

	made time.Time // where the vault's list says so
}

// Sweep is what was found, to be shown and then removed.
type Sweep struct {
	// Endpoint is the vault.
	Endpoint  string
	Leftovers []Leftover
	// Spared are names that begin with the prefix and have not the form of a run's names.
	Spared []string
	// Skipped says which ledgers and runs were left aside and why.
	Skipped []string
	// Elsewhere are the ledgers that name what is in other vaults.
	Elsewhere []Elsewhere

	options Options
	forget  time.Duration
	now     time.Time
	ledgers []string // to be removed once nothing is left
}

// Elsewhere is a ledger that names what is in another vault.
type Elsewhere struct{ Ledger, Endpoint string }

// runsName is the form of the names that runs make: a prefix, the run's id and a purpose.
var runsName = regexp.MustCompile(`^.+-([0-9a-f]{12})-.+$`)

// maxPages bounds the pages of a list that are read.
const maxPages = 10000

// Find looks for what runs left in a vault. It deletes nothing. The error is a *Usage or an *Incomplete.
func Find(ctx context.Context, options SweepOptions) (*Sweep, error) {
	if options.Prefix != "" && len(options.Ledgers) > 0 {
		return nil, input.Usagef("--prefix looks through the vault itself: leave --ledger out")
	}
	if options.Clock == nil {
		options.Clock = vault.SystemClock{}
	}
	s := &Sweep{forget: options.Forget, now: options.Clock.Now()}
	var entries []Entry
	if options.Prefix == "" {
		var err error
		if entries, err = s.collect(&options); err != nil || len(entries) == 0 {
			return s, err
		}
	}
	if err := s.connect(options); err != nil {
		return nil, err
	}
	if options.Prefix != "" {
		if err := s.search(ctx, options.Prefix); err != nil {
			return s, err
		}
		return s, s.spare(options)
	}
	return s, s.visit(ctx, entries)
}

// collect reads the ledgers and settles which endpoint is meant.
func (s *Sweep) collect(options *SweepOptions) ([]Entry, error) {
	paths, named := options.Ledgers, true
	if len(paths) == 0 {
		named = false
		var err error
		if paths, err = filepath.Glob(filepath.Join(StateFolder(), "*"+Suffix)); err != nil {
			return nil, input.Usagef("the folder %s cannot be read: %v", StateFolder(), err)
		}
	}
	byPath := map[string][]Entry{}
	var endpoints []string
	for _, path := range paths {
		if underWay(path) {
			if named {
				return nil, input.Usagef("the ledger %s belongs to a run that is under way: wait for its end", path)
			}
			s.Skipped = append(s.Skipped, path+" belongs to a run that is under way")
			continue
		}
		entries, err := ReadLedger(path)
		if err != nil {
			return nil, err
		}
		byPath[path] = entries
		for _, entry := range entries {
			endpoints = append(endpoints, entry.Endpoint)
		}
	}
	slices.Sort(endpoints)
	endpoints = slices.Compact(endpoints)
	if options.Target.Endpoint == "" && len(endpoints) > 1 {
		return nil, input.Usagef("the ledgers name several vaults, %s: give one with --endpoint or --config", strings.Join(endpoints, ", "))
	}
	if options.Target.Endpoint == "" && len(endpoints) == 1 {
		options.Target.Endpoint = endpoints[0]
	}
	return s.ofEndpoint(options, paths, byPath), nil
}

// underWay reports whether a run that is under way writes the ledger.
func underWay(path string) bool {
	if _, err := os.Stat(path + ".lock"); err != nil {
		return false
	}
	lock, err := lockLedger(path)
	if err != nil {
		return true
	}
	_ = lock.Unlock() // was free a moment ago
	return false
}

// ofEndpoint takes the entries of the one vault, each name once, and sets the other ledgers aside.
func (s *Sweep) ofEndpoint(options *SweepOptions, paths []string, byPath map[string][]Entry) []Entry {
	endpoint := strings.TrimSuffix(options.Target.Endpoint, "/")
	seen := map[Leftover]bool{}
	var ours []Entry
	for _, path := range paths {
		entries, read := byPath[path]
		if !read {
			continue
		}
		elsewhere := ""
		for _, entry := range entries {
			if strings.TrimSuffix(entry.Endpoint, "/") != endpoint {
				elsewhere = entry.Endpoint
				continue
			}
			if len(options.Target.APIVersion) == 0 {
				options.Target.APIVersion = target.Versions{entry.APIVersion}
			}
			if key := (Leftover{Kind: entry.Kind, Name: entry.Name}); !seen[key] {
				seen[key] = true
				ours = append(ours, entry)
			}
		}
		if elsewhere != "" {
			s.Elsewhere = append(s.Elsewhere, Elsewhere{path, elsewhere})
			continue
		}
		s.ledgers = append(s.ledgers, path)
	}
	return ours
}

func (s *Sweep) connect(options SweepOptions) error {
	versions, err := options.Target.APIVersions()
	if err != nil {
		return err
	}
	options.Target.APIVersion = target.Versions{versions[0]} // names are the same at each
	on, err := session.Connect(options.Target, session.Options{Clock: options.Clock})
	if err != nil {
		return err
	}
	s.Endpoint = on.Facts.Endpoint
	s.options = OptionsOf(on)
	if s.options.Cleanup == target.Leave {
		s.options.Cleanup = target.Delete // a run is to leave what it makes; a sweep is asked to remove it
	}
	return nil
}

// OptionsOf are the options by which a target's own file says to remove.
func OptionsOf(s *session.Session) Options {
	return Options{
		Client: s.Client.Apart(requestTime), Cleanup: s.Target.Cleanup, Polling: s.Target.Polling, Clock: s.Clock, Plays: s.Target.Plays,
	}
}

// visit looks after each name of the ledgers.
func (s *Sweep) visit(ctx context.Context, entries []Entry) error {
	found := make([]*Leftover, len(entries))
	failures := make([]error, len(entries))
	each(s.options.Plays, len(entries), func(i int) { found[i], failures[i] = s.look(ctx, entries[i]) })
	if err := errors.Join(failures...); err != nil {
		return firstOf(failures)
	}
	for _, leftover := range found {
		if leftover != nil {
			s.Leftovers = append(s.Leftovers, *leftover)
		}
	}
	return nil
}

func firstOf(failures []error) error {
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// look reports whether something of a name is in the vault. What cannot be told for sure is taken to be there.
func (s *Sweep) look(ctx context.Context, entry Entry) (*Leftover, error) {
	leftover := &Leftover{Kind: entry.Kind, Name: entry.Name}
	client := s.options.Client
	if entry.Kind.isCompanion() {
		return s.lookForCompanion(ctx, leftover)
	}
	looks := []func(context.Context, string, ...vault.Option) *vault.Exchange{client.GetCertificate, client.GetPending}
	if entry.Kind == IssuerKind {
		looks = looks[:0]
		looks = append(looks, client.GetIssuer)
	}
	for _, look := range looks {
		e := look(ctx, entry.Name)
		if err := s.usable(e); err != nil {
			return nil, err
		}
		if e.Status() != http.StatusNotFound {
			return leftover, nil
		}
	}
	if entry.Kind != CertificateKind || s.options.Cleanup != target.Purge {
		return nil, nil
	}
	e := client.GetDeletedCertificate(ctx, entry.Name)
	if err := s.usable(e); err != nil {
		return nil, err
	}
	leftover.Deleted = true
	if !e.Succeeded() {
		return nil, nil
	}
	return leftover, nil
}

// usable is the error of a vault that cannot be swept as it was given.
func (s *Sweep) usable(e *vault.Exchange) error {
	if e.Failure != nil {
		return &session.Incomplete{Message: fmt.Sprintf("%s cannot be swept: %s", s.Endpoint, e.Failure.Message), Advice: "nothing was deleted"}
	}
	if status := e.Status(); status == http.StatusUnauthorized || status == http.StatusForbidden {
		return &session.Incomplete{
			Message: fmt.Sprintf("%s cannot be swept: %s returned %d%s", s.Endpoint, e.Operation, status, session.Code(e)),
			Advice:  "give a token that may read and delete, with --token or in the target file; nothing was deleted",
		}
	}
	return nil
}

// search looks through the vault's lists for names that begin with the prefix.
func (s *Sweep) search(ctx context.Context, prefix string) error {
	client := s.options.Client
	if err := s.list(ctx, prefix, CertificateKind, false, client.GetCertificates(ctx, vault.Parameter("includePending", "true"))); err != nil {
		return err
	}
	if err := s.list(ctx, prefix, IssuerKind, false, client.GetIssuers(ctx)); err != nil {
		return err
	}
	if s.options.Cleanup != target.Purge {
		return nil
	}
	return s.list(ctx, prefix, CertificateKind, true, client.GetDeletedCertificates(ctx))
}

// list reads a list from its first page on. A vault without that list has nothing in it.
func (s *Sweep) list(ctx context.Context, prefix string, kind Kind, deleted bool, page *vault.Exchange) error {
	seen := map[string]bool{}
	for range maxPages {
		if err := s.usable(page); err != nil {
			return err
		}
		if !page.Succeeded() {
			if kind == CertificateKind && !deleted {
				return &session.Incomplete{Message: fmt.Sprintf("%s cannot be swept: %s", s.Endpoint, page.Line()), Advice: "sweep by --ledger"}
			}
			return nil
		}
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			s.take(prefix, Leftover{Kind: kind, Name: nameOf(item), Deleted: deleted, made: madeAt(item)})
		}
		next := page.Text("nextLink")
		if next == "" {
			return nil
		}
		if seen[next] {
			return &session.Incomplete{Message: s.Endpoint + " cannot be swept: its list comes back to the page " + next, Advice: "sweep by --ledger"}
		}
		seen[next] = true
		page = s.options.Client.Follow(ctx, page.Operation, next)
	}
	return &session.Incomplete{Message: s.Endpoint + " cannot be swept: its list has no end", Advice: "sweep by --ledger"}
}

func (s *Sweep) take(prefix string, leftover Leftover) {
	switch {
	case !strings.HasPrefix(leftover.Name, prefix):
	case !runsName.MatchString(leftover.Name):
		s.Spared = append(s.Spared, leftover.Name)
	default:
		s.Leftovers = append(s.Leftovers, leftover)
	}
}

// nameOf is the last segment of an item's id: certificates/NAME, certificates/issuers/NAME, deletedcertificates/NAME.
func nameOf(item any) string {
	object, _ := item.(map[string]any)
	id, _ := object["id"].(string)
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
}

// Remove deletes what was found, and purges it where the target says so. Ledgers of which nothing is left are removed.
func (s *Sweep) Remove(ctx context.Context) ([]Removal, error) {
	var removals []Removal
	if len(s.Leftovers) > 0 {
		removals = NewRemover(s.options).Remove(ctx, s.Leftovers)
	}
	if slices.ContainsFunc(removals, func(r Removal) bool { return r.Fate == Live || r.Fate == Unsettled }) {
		return removals, nil
	}
	return removals, errors.Join(dropLedgers(s.ledgers), dropLedgers(s.Forgotten()))
}

// Forgotten are the ledgers of other vaults that are so old that Remove drops them.
func (s *Sweep) Forgotten() []string {
	var old []string
	for _, other := range s.Elsewhere {
		if info, err := os.Stat(other.Ledger); err == nil && s.forget > 0 && s.now.Sub(info.ModTime()) >= s.forget {
			old = append(old, other.Ledger)
		}
	}
	return old
}

func dropLedgers(paths []string) error {
	var failures []error
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			failures = append(failures, fmt.Errorf("removing the ledger %s: %w", path, input.WithoutPath(err)))
		}
		_ = os.Remove(path + ".lock") // a run that was killed leaves it, another does not
	}
	return errors.Join(failures...)
}
