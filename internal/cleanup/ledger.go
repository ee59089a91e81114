package cleanup

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/kvconform/kvconform/internal/input"
)

// Kind is what a run makes in a vault.
type Kind string

// The kinds that a ledger names.
const (
	CertificateKind Kind = "certificate"
	IssuerKind      Kind = "issuer"
	SecretKind      Kind = "secret" // of its own: that of a certificate goes with it
	KeyKind         Kind = "key"    // of its own
)

// isCompanion reports whether a kind is a secret or a key that belongs to no certificate.
func (k Kind) isCompanion() bool { return k == SecretKind || k == KeyKind }

// Entry is a line of a ledger: something that a run was about to make. What was never made is in it too, if the
// run ended between the line and the request.
type Entry struct {
	Run        string    `json:"run"`
	Endpoint   string    `json:"endpoint"`
	APIVersion string    `json:"apiVersion"`
	Kind       Kind      `json:"kind"`
	Name       string    `json:"name"`
	Time       time.Time `json:"time"`
}

// Suffix ends the names of the ledgers in the state folder.
const Suffix = ".jsonl"

// maxLedger bounds a ledger that is read, in bytes.
const maxLedger = 16 << 20

// StateFolder is where the ledgers of runs are that name no file for it.
func StateFolder() string {
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "kvconform")
	}
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "kvconform")
	}
	return filepath.Join(os.TempDir(), "kvconform") // no home, as in a bare container
}

// Ledger holds the names that a run may have made something of, in a file unless its path is "".
type Ledger struct {
	path  string
	entry Entry // what all entries share
	now   func() time.Time

	mu      sync.Mutex
	file    *os.File
	lock    *flock.Flock
	before  int64 // length of what an earlier run left in the file
	entries []Entry
}

// LedgerOf is the file in the user's state folder that a run of an id writes.
func LedgerOf(id string) string { return filepath.Join(StateFolder(), id+Suffix) }

// Open opens the ledger of a run. Another run that was killed may have left names in the file: they stay there.
// A file that a run under way writes is refused.
func Open(path string, shared Entry, now func() time.Time) (*Ledger, error) {
	l := &Ledger{path: path, entry: shared, now: now}
	if path == "" {
		return l, nil
	}
	cannot := func(err error) error {
		return input.Usagef("the ledger %s cannot be written: %v; give another file with --ledger", path, input.WithoutPath(err))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, cannot(err)
	}
	var err error
	if l.lock, err = lockLedger(path); err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		l.unlock()
		return nil, cannot(err)
	}
	info, err := l.file.Stat()
	if err != nil {
		l.unlock()
		return nil, cannot(err)
	}
	l.before = info.Size()
	if err := syncFolder(filepath.Dir(path)); err != nil {
		l.unlock()
		return nil, cannot(err)
	}
	return l, nil
}

// lockLedger marks a ledger as that of a run under way; the mark ends with the process, however that ends.
func lockLedger(path string) (*flock.Flock, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, input.Usagef("the ledger %s cannot be locked: %v; give another file with --ledger", path, input.WithoutPath(err))
	case !held:
		return nil, input.Usagef("the ledger %s belongs to a run that is under way: wait for its end, or give another file with --ledger", path)
	}
	return lock, nil
}

func (l *Ledger) unlock() {
	_ = os.Remove(l.lock.Path()) // the next run makes it again
	_ = l.lock.Unlock()          // ends with the process at the latest
}

// syncFolder makes a new file's name outlive a crash of the machine, where the system can do that.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }() // only read
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// Path is the file of the ledger, "" where it has none.
func (l *Ledger) Path() string { return l.path }

// Note writes a name down, so that it is on the disk when the request that makes something of it is sent.
func (l *Ledger) Note(kind Kind, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.entry
	entry.Kind, entry.Name, entry.Time = kind, name, l.now().UTC()
	if l.file != nil {
		line, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("writing %s to the ledger: %w", name, err)
		}
		if _, err := l.file.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("writing %s to the ledger: %w", name, err)
		}
		if err := l.file.Sync(); err != nil {
			return fmt.Errorf("keeping %s in the ledger: %w", name, err)
		}
	}
	l.entries = append(l.entries, entry)
	return nil
}

// Entries are what was noted.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Strike takes a name back: nothing of it was made, or nothing of it is left.
func (l *Ledger) Strike(kind Kind, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(l.entries, func(e Entry) bool { return e.Kind == kind && e.Name == name })
}

// rewrite leaves in the file no more than the entries that were not struck.
func (l *Ledger) rewrite() error {
	if err := l.file.Truncate(l.before); err != nil {
		return err
	}
	for _, entry := range l.entries {
		line, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		if _, err := l.file.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the ledger. Where all is clean it takes its names back: the file goes, unless an earlier run left names.
func (l *Ledger) Close(clean bool) error {
	if l.file == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.unlock()
	clean = clean || len(l.entries) == 0
	var failed error
	switch {
	case !clean:
		failed = l.rewrite()
	case l.before > 0:
		failed = l.file.Truncate(l.before)
	}
	failed = errors.Join(failed, l.file.Close())
	if clean && l.before == 0 {
		failed = errors.Join(failed, os.Remove(l.path))
	}
	if failed != nil {
		return fmt.Errorf("closing the ledger %s: %w", l.path, failed)
	}
	return nil
}

// ReadLedger reads a ledger. A last line that is cut short is left out: what it would have named was never sent.
func ReadLedger(path string) ([]Entry, error) {
	text, err := input.ReadFile(path, maxLedger)
	if err != nil {
		return nil, input.Usagef("the ledger %s cannot be read: %v", path, err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	var entries []Entry
	lines := bufio.NewScanner(bytes.NewReader(whole))
	lines.Buffer(nil, maxLedger)
	for number := 1; lines.Scan(); number++ {
		entry, err := readLedgerLine(lines.Bytes())
		if err != nil {
			return nil, input.Usagef("%s:%d: is no line of a ledger of kvconform: %v", path, number, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func readLedgerLine(line []byte) (Entry, error) {
	var entry Entry
	if err := input.JSONLine(line, &entry); err != nil {
		return entry, err
	}
	switch {
	case entry.Run == "" || entry.Endpoint == "" || entry.Name == "":
		return entry, errors.New("it names no run, endpoint or name")
	case !slices.Contains([]Kind{CertificateKind, IssuerKind, SecretKind, KeyKind}, entry.Kind):
		return entry, fmt.Errorf("the kind %q is unknown", entry.Kind)
	}
	return entry, nil
}
