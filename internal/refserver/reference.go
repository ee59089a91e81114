package refserver

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/refvault"
	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/refvault/profile"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
)

// keysReady is how many RSA keys the reference vault makes ahead. More are made when more certificates of one name, or
// requests at once, ask for them.
const keysReady = 4

// Reference is the reference vault, with the faults and deviations that were asked for.
type Reference struct {
	// Server serves it over https on an address of this machine; nil for a vault that New made.
	*Server
	// Handler is the vault itself.
	Handler http.Handler
	// Token is the bearer token that it accepts.
	Token string

	// claims are those of the profile, nil for the vault as it is.
	claims *profile.Claims
	// issueAfter is how long an issuer takes, 0 if that is the vault's own short time.
	issueAfter time.Duration
}

// Options say which reference vault to serve.
type Options struct {
	// Listen is the address; empty means a free port of the loopback.
	Listen string
	// Manner is "observed" or "documented"; empty means observed.
	Manner string
	// IssueAfter is how long an issuer takes; 0 means the vault's own short time.
	IssueAfter time.Duration
	// Latency is how long each request takes beside what the vault needs.
	Latency time.Duration
	// Keys are RSA keys to share between vaults; nil means keys of its own.
	Keys *refvault.KeyPool
	// Profile is the id of a profile whose deviations the vault has; empty means none.
	Profile string
	// Faults are the ids of faults to put before the vault, so that it is broken on purpose.
	Faults []string
	// OtherVersions are api-versions that the vault serves beside those it knows, each with the known one that it is like.
	OtherVersions map[string]string
	// Wrap, where not nil, puts something before the vault.
	Wrap func(http.Handler) http.Handler
}

// Start makes the reference vault and serves it.
func Start(options Options) (*Reference, error) {
	reference, err := New(options)
	if err != nil {
		return nil, err
	}
	if options.Listen == "" {
		options.Listen = "127.0.0.1:0"
	}
	if reference.Server, err = Serve(options.Listen, reference.Handler); err != nil {
		return nil, err
	}
	return reference, nil
}

// New makes the reference vault, for a run that serves it by itself.
func New(options Options) (*Reference, error) {
	manner := refvault.Manner(options.Manner)
	if manner != "" && manner != refvault.Observed && manner != refvault.Documented {
		return nil, input.Usagef("there is no manner %q: it is observed or documented", options.Manner)
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("drawing a token: %w", err)
	}
	if options.Keys == nil {
		options.Keys = refvault.NewKeyPool(keysReady)
	}
	reference := &Reference{Token: hex.EncodeToString(secret), issueAfter: max(options.IssueAfter, 0)}
	made := refvault.Options{Manner: manner, Token: reference.Token, Keys: options.Keys, IssueAfter: options.IssueAfter, OtherVersions: options.OtherVersions}
	deviating, err := profileNamed(options.Profile)
	if err != nil {
		return nil, err
	}
	if options.Profile != "" {
		deviating.Configure(&made)
		reference.claims = &deviating.Claims
	}
	vault, err := refvault.New(made)
	if err != nil {
		return nil, fmt.Errorf("making the reference vault: %w", err)
	}
	handler := deviating.Wrap(vault)
	for _, id := range options.Faults {
		broken, err := faultNamed(id)
		if err != nil {
			return nil, err
		}
		handler = broken.Wrap(handler)
	}
	if options.Latency > 0 {
		handler = late(handler, options.Latency)
	}
	if options.Wrap != nil {
		handler = options.Wrap(handler)
	}
	reference.Handler = handler
	return reference, nil
}

// late serves each request later, as a vault far away does. A request that is given up meanwhile is not served.
func late(vault http.Handler, latency time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(latency)
		defer timer.Stop()
		select {
		case <-timer.C:
			vault.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// profileNamed is the profile with an id; without an id, one that deviates in nothing.
func profileNamed(id string) (profile.Profile, error) {
	found, ok := profile.Named(id)
	if ok || id == "" {
		return found, nil
	}
	var known []string
	for _, p := range profile.All() {
		known = append(known, p.ID)
	}
	return found, input.Usagef("there is no profile %q: it is one of %s", id, strings.Join(known, ", "))
}

func faultNamed(id string) (fault.Fault, error) {
	var known []string
	for _, f := range append(fault.All(), fault.Sequences()...) {
		if f.ID == id {
			return f, nil
		}
		known = append(known, f.ID)
	}
	return fault.Fault{}, input.Usagef("there is no fault %q%s", id, input.Suggest(id, known))
}

// Target describes the reference vault as a target file would, without the endpoint if nobody serves it yet; ca is a file
// that holds its CA, "" for none.
func (r *Reference) Target(ca string) target.Target {
	t := target.Target{
		Name: "the reference vault",
		// Nobody else uses its contacts.
		Contacts: true,
		// The emulators that profiles are made of have no keys and secrets.
		Companions: r.claims == nil,
		TLS:        target.TLS{CA: ca},
		Auth:       target.Auth{Token: target.Secret{Value: r.Token}},
		Issuers:    target.Named(scenarios.Issuers{StaysInProgress: "stays", Completes: "completes", Fails: "fails", Rejects: "rejects"}),
		Polling:    r.polling(),
		// A vault that is served for long would otherwise keep every certificate of every run among the deleted ones.
		Cleanup: target.Purge,
	}
	if r.Server != nil {
		t.Endpoint = r.URL
	}
	if claims := r.claims; claims != nil {
		t.IDBase = claims.IDBase
		t.Issuers = target.Named(scenarios.Issuers{
			StaysInProgress: claims.StaysInProgress, Completes: claims.Completes, Fails: claims.Fails, Rejects: claims.Rejects,
		})
	}
	return t
}

// polling is quick, since the reference vault returns a Retry-After as the service does, yet ends its requests within a
// second. A vault that takes longer is asked less often: dozens of polls by each of the plays that wait are a load of their own.
func (r *Reference) polling() target.Polling {
	const quick, pollsInAWait = 60 * time.Millisecond, 25
	return target.Polling{Min: 20 * time.Millisecond, Max: max(quick, r.issueAfter/pollsInAWait), Timeout: 20*time.Second + r.issueAfter}
}

// WriteCA writes the certificate that clients have to trust.
func (r *Reference) WriteCA(path string) error {
	file, err := outfile.Prepare(path)
	if err != nil {
		return input.Usagef("the CA %v", err)
	}
	return write(file, r.CA)
}

// WriteTarget writes a target file that reaches the vault. It holds the token, so only its owner may read it.
func (r *Reference) WriteTarget(path, ca string) error {
	text, err := r.TargetFile(ca)
	if err != nil {
		return err
	}
	file, err := outfile.PrepareSecret(path)
	if err != nil {
		return input.Usagef("the target file %v", err)
	}
	return write(file, text)
}

// TargetFile is the text of a target file that reaches the vault, given the path of the certificate to trust.
func (r *Reference) TargetFile(ca string) ([]byte, error) {
	absolute, err := filepath.Abs(ca)
	if err != nil {
		return nil, input.Usagef("the CA's path cannot be made absolute: %v", err)
	}
	text, err := yaml.Marshal(r.Target(absolute))
	if err != nil {
		return nil, fmt.Errorf("writing the target file: %w", err)
	}
	head := "# A target file of kvconform, written by `kvconform serve`. It reaches that vault until it ends.\n"
	return append([]byte(head), text...), nil
}

func write(file *outfile.File, text []byte) error {
	err := file.Write(func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return input.Usagef("%v", err)
	}
	return nil
}
