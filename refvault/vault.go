package refvault

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Manner says which of two truths the vault follows where they differ.
type Manner string

const (
	// Documented responds to the letter of the scenario documentation.
	Documented Manner = "documented"
	// Observed responds as recordings show that the service does.
	Observed Manner = "observed"
)

// Options make a vault. The zero value is a vault in the observed manner on the system clock.
type Options struct {
	// Manner is Observed if empty.
	Manner Manner
	// Clock is the system clock if nil.
	Clock Clock
	// Token is the one bearer token that is accepted; if empty, any token is.
	Token string
	// AuthorityURL, with the tenant as its path, is what the challenge names; if empty, the vault's own host with a
	// made-up tenant.
	AuthorityURL string
	// IssueAfter is how long Self and the issuers that response take. Zero is 200 ms, negative is none.
	IssueAfter time.Duration
	// CancelAfter is how long a cancellation takes to take effect. Zero is 100 ms, negative is none.
	CancelAfter time.Duration
	// DeleteAfter is how long a delete, a recovery and a purge take to be seen.
	DeleteAfter time.Duration
	// RetryAfter, rounded up to seconds, is told to a client that has to poll. Zero is 10 s, negative is never. The
	// documented manner never tells.
	RetryAfter time.Duration
	// RecoverableDays is how long a deleted certificate is kept: 7 to 90. Zero is 7.
	RecoverableDays int
	// Keys are the RSA keys to use. If nil, the vault makes a pool of its own, which costs time: share one.
	Keys *KeyPool
	// EditRequest, where not nil, changes every signing request before it is signed: for a vault that asks for the wrong
	// thing with the right key.
	EditRequest func(*x509.CertificateRequest)
	// PolicyAtCompletion keeps the stored policy until the request for another version completes: a request that ends
	// otherwise leaves it as it was.
	PolicyAtCompletion bool
	// OtherVersions are api-versions beyond those that the vault knows, each with the known one that it is like.
	OtherVersions map[string]string
	// Random is read for versions, request ids and serial numbers; crypto/rand if nil. Keys never come from it.
	Random io.Reader
}

// Vault is an http.Handler that serves one vault. It is safe for concurrent use.
type Vault struct {
	manner          Manner
	clock           Clock
	token           string
	authority       string
	issueAfter      time.Duration
	cancelAfter     time.Duration
	deleteAfter     time.Duration
	retryAfter      time.Duration
	recoverableDays int
	editRequest     func(*x509.CertificateRequest)
	ids             *idSource
	routes          []route
	seal            *blobSeal
	otherVersions   map[string]string
	// policyAtCompletion is the option of that name.
	policyAtCompletion bool

	mu           sync.Mutex
	keys         *keyring
	ca           *authority              // nil until an issuer signs
	certificates map[string]*certificate // by lower-case name, deleted ones too
	standalones  map[string]*standalone  // by kind and lower-case name, deleted ones too
	issuers      map[string]*issuer      // by lower-case name
	contacts     []contact               // nil if none are set
}

// New returns an empty vault with the four issuers that the package comment names.
func New(options Options) (*Vault, error) {
	switch options.Manner {
	case "":
		options.Manner = Observed
	case Documented, Observed:
	default:
		return nil, fmt.Errorf("making a vault: unknown manner %q", options.Manner)
	}
	if options.RecoverableDays == 0 {
		options.RecoverableDays = 7
	}
	if options.RecoverableDays < 7 || options.RecoverableDays > 90 {
		return nil, fmt.Errorf("making a vault: %d recoverable days, want 7 to 90", options.RecoverableDays)
	}
	for version, like := range options.OtherVersions {
		if rankOf(like) < 0 || rankOf(version) >= 0 {
			return nil, fmt.Errorf("making a vault: the api-version %q like %q, want an unknown one like a known one", version, like)
		}
	}
	if options.Clock == nil {
		options.Clock = SystemClock{}
	}
	if options.Random == nil {
		options.Random = rand.Reader
	}
	if options.Keys == nil {
		options.Keys = NewKeyPool(defaultReady)
	}
	v := &Vault{
		manner:          options.Manner,
		clock:           options.Clock,
		token:           options.Token,
		authority:       options.AuthorityURL,
		issueAfter:      orDefault(options.IssueAfter, 200*time.Millisecond),
		cancelAfter:     orDefault(options.CancelAfter, 100*time.Millisecond),
		deleteAfter:     max(options.DeleteAfter, 0),
		retryAfter:      orDefault(options.RetryAfter, 10*time.Second),
		recoverableDays: options.RecoverableDays,
		editRequest:     options.EditRequest,
		otherVersions:   maps.Clone(options.OtherVersions),

		policyAtCompletion: options.PolicyAtCompletion,
		ids:                &idSource{reader: options.Random},
		keys:               newKeyring(options.Keys),
		certificates:       map[string]*certificate{},
		standalones:        map[string]*standalone{},
		issuers:            map[string]*issuer{},
	}
	if v.manner == Documented {
		v.retryAfter = 0
	}
	v.routes = v.operations()
	now := v.clock.Now()
	for _, o := range namedOutcomes() {
		v.issuers[string(o)] = newIssuer(string(o), string(o), now)
	}
	var err error
	if v.seal, err = newBlobSeal(); err != nil {
		return nil, fmt.Errorf("making a vault: %w", err)
	}
	return v, nil
}

// orDefault reads a duration of Options, where zero asks for the default and a negative one for none.
func orDefault(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return max(d, 0)
}

// ServeHTTP serves one request.
func (v *Vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.setCommonHeaders(w.Header(), r)
	a, err := v.serve(w, r)
	if err != nil {
		v.writeError(w, baseURL(r), err)
		return
	}
	v.write(w, a)
}

// serve checks in the order of the service: who asks, for what operation, in which version, with which content.
func (v *Vault) serve(w http.ResponseWriter, r *http.Request) (*response, error) {
	if err := v.authenticate(r); err != nil {
		return nil, err
	}
	c := &call{request: r, base: baseURL(r)}
	handle, err := v.find(r, c)
	if err != nil {
		return nil, err
	}
	if c.apiVersion, err = v.parseAPIVersion(r.URL.Query().Get("api-version")); err != nil {
		return nil, err
	}
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, &refusal{
				status: http.StatusRequestEntityTooLarge, code: codeBadParameter,
				message: fmt.Sprintf("The request body is longer than %d bytes.", maxBody),
			}
		}
		return nil, badParameter("The request body could not be read to its end.")
	}
	return v.run(c, handle)
}

// run calls the handler with the vault locked. A handler that finds no key that it may use has changed nothing; it is
// called again once there is one, since making it under the lock would hold up everybody else.
func (v *Vault) run(c *call, handle handler) (*response, error) {
	for {
		a, err := v.runLocked(c, handle)
		var missing *keyMissing
		if !errors.As(err, &missing) {
			return a, err
		}
		if err := v.keys.pool.grow(c.request.Context(), missing.bits, missing.seen); err != nil {
			return nil, fmt.Errorf("making an RSA key: %w", err)
		}
	}
}

func (v *Vault) runLocked(c *call, handle handler) (*response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c.now = v.clock.Now()
	a, err := handle(c)
	if err == nil && a.body != nil {
		// Now, since the next request may change what the body shows.
		a.text, a.body = string(encode(a.body)), nil
	}
	return a, err
}
