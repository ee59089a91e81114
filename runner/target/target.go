// Package target describes the endpoint under test: its address, whom to trust, how to sign in, what it claims to support
// and how a run behaves towards it.
//
// A Target is a plain struct, filled in by a program or read from a YAML file with [Load]. Check rejects one that cannot
// be run against, before anything is sent; Transport, Header and Credential turn it into the parts of an HTTP client.
// Secrets are named rather than held: a Secret says where its value is, and the value is read when it is needed.
package target

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// Target is the endpoint under test, as a target file describes it.
type Target struct {
	// Name is what reports call it.
	Name string `yaml:"name,omitempty"`
	// Endpoint is the vault's base URL; it may have a path prefix.
	Endpoint string `yaml:"endpoint"`
	// Dial is the HOST:PORT that is dialled instead of the endpoint's; Host header and server name stay the endpoint's.
	Dial string `yaml:"dial,omitempty"`
	// IDBase is the base URL that the vault writes into its ids, where that is not the endpoint.
	IDBase string `yaml:"idBase,omitempty"`
	// AllowHTTP permits plain http to another machine.
	AllowHTTP bool `yaml:"allowHTTP,omitempty"`
	TLS       TLS  `yaml:"tls,omitempty"`
	// Headers go with every request.
	Headers map[string]Secret `yaml:"headers,omitempty"`
	// Proxy is the URL of an HTTP proxy, "none" for no proxy, or "" for what the environment says.
	Proxy string `yaml:"proxy,omitempty"`
	Ready Ready  `yaml:"ready,omitempty"`
	Auth  Auth   `yaml:"auth,omitempty"`
	// APIVersion is the api-versions to test at, or "all"; see APIVersions.
	APIVersion Versions `yaml:"apiVersion,omitempty"`
	// Like is the known api-version whose rules and schemas apply to those of APIVersion that kvconform does not know.
	Like    string  `yaml:"like,omitempty"`
	Issuers Issuers `yaml:"issuers,omitempty"`
	Hooks   Hooks   `yaml:"hooks,omitempty"`
	// Create says in which form the target takes a create.
	Create Create `yaml:"create,omitempty"`
	// Without names the features that the target does not claim.
	Without []string `yaml:"without,omitempty"`
	// Contacts permits the run to set the contacts of the vault, and to restore them: they belong to the whole vault.
	Contacts bool `yaml:"contacts,omitempty"`
	// Companions says that the target has the key and the secret of each certificate at its kid and sid. CompanionsAuth says
	// where the token for those comes from, if it is not that of Auth.
	Companions     bool `yaml:"companions,omitempty"`
	CompanionsAuth Auth `yaml:"companionsAuth,omitempty"`
	// MinJudged is how many rules a run has to judge at least; a run that judges fewer is incomplete.
	MinJudged int       `yaml:"minJudged,omitempty"`
	Polling   Polling   `yaml:"polling,omitempty"`
	Deadlines Deadlines `yaml:"deadlines,omitempty"`
	// MaxAnswer is the largest response that is read, in bytes.
	MaxAnswer int64 `yaml:"maxAnswer,omitempty"`
	// Plays is how many plays run at once.
	Plays   int     `yaml:"plays,omitempty"`
	Names   Names   `yaml:"names,omitempty"`
	Cleanup Cleanup `yaml:"cleanup,omitempty"`
	Product Product `yaml:"product,omitempty"`

	// places says where the file that the target was read from has each key; nil where there is no file.
	places *input.Places
	// folder is that of the file, in which its commands run; "" if there is no file.
	folder string
}

// TLS says whom to trust, and who to be.
type TLS struct {
	// CA is a file of PEM certificates, TrustStore one of PKCS#12, to trust instead of the system's.
	CA         string     `yaml:"ca,omitempty"`
	TrustStore TrustStore `yaml:"trustStore,omitempty"`
	// ClientCertificate is what the client shows.
	ClientCertificate ClientCertificate `yaml:"clientCertificate,omitempty"`
	// Insecure trusts anyone who returns for the vault.
	Insecure bool `yaml:"insecure,omitempty"`
	// ServerName is asked for and expected in the server's certificate, where that is not the endpoint's host.
	ServerName string `yaml:"serverName,omitempty"`
}

// TrustStore is a PKCS#12 file of certificates.
type TrustStore struct {
	File     string `yaml:"file,omitempty"`
	Password Secret `yaml:"password,omitempty"`
}

// ClientCertificate is a certificate with its key: Cert and Key in PEM, or PKCS12 with its password.
type ClientCertificate struct {
	Cert     string `yaml:"cert,omitempty"`
	Key      string `yaml:"key,omitempty"`
	PKCS12   string `yaml:"pkcs12,omitempty"`
	Password Secret `yaml:"password,omitempty"`
}

// Ready is what a run waits for before it sends anything else: a GET of Path that returns Status.
type Ready struct {
	Path    string        `yaml:"path,omitempty"`
	Status  int           `yaml:"status,omitempty"`
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

// Polling bounds the waiting for an operation.
type Polling struct {
	Min     time.Duration `yaml:"min,omitempty"`
	Max     time.Duration `yaml:"max,omitempty"`
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

// Deadlines bound a single request, and all the playing of a run (0: unbounded).
type Deadlines struct {
	Request time.Duration `yaml:"request,omitempty"`
	Run     time.Duration `yaml:"run,omitempty"`
}

// Names says what the names of a run begin with, and what is done where one exists already.
type Names struct {
	Prefix  string  `yaml:"prefix,omitempty"`
	OnClash OnClash `yaml:"onClash,omitempty"`
}

// OnClash is what is done where a certificate of a run's name exists already. Where it is "" nobody looks: names carry the
// run's random id.
type OnClash string

// The ways to meet a name that exists: the play does not run, or the certificate is deleted and purged first.
const (
	ClashFails   OnClash = "fail"
	ClashDeletes OnClash = "delete"
)

// Cleanup is what becomes of the certificates of a run.
type Cleanup string

// The ways to clean up.
const (
	Leave  Cleanup = "leave"
	Delete Cleanup = "delete"
	Purge  Cleanup = "purge"
)

// Create says in which form the target takes a create.
type Create struct {
	Body CreateBody `yaml:"body,omitempty"`
}

// CreateBody is how much of a policy the creates of a run carry. Where it is "", they carry the least, and more only if the
// target rejects that.
type CreateBody string

// FullBody leaves nothing of a policy to the target's defaults: its members are sent with the documented ones.
const FullBody CreateBody = "full"

// Form is the body as plays know it.
func (c Create) Form() scenarios.CreateForm {
	if c.Body == FullBody {
		return scenarios.WholePolicy
	}
	return scenarios.LeastPolicy
}

// Product is what a conformance statement says of the product.
type Product struct {
	Name      string `yaml:"name,omitempty"`
	Version   string `yaml:"version,omitempty"`
	Contact   string `yaml:"contact,omitempty"`
	Reproduce string `yaml:"reproduce,omitempty"`
	Profile   string `yaml:"profile,omitempty"`
}

// shortestPause is the pause between two polls unless the target file says another, earlyPause the first one on this machine.
const (
	shortestPause = time.Second
	earlyPause    = 50 * time.Millisecond

	// A change that a vault reported shows at once or a little later; a target on this machine is not as slow as others.
	longestChange, localChange = 30 * time.Second, 5 * time.Second

	// An operation of a target on this machine ends soon or never: two waits in vain would otherwise be most of a run.
	longestWait, localWait = 2 * time.Minute, 15 * time.Second
)

// Polls is how scripts poll. On this machine polling starts early and backs off, unless the file says how long a pause is at
// least: most emulators end an operation in no time.
func (t Target) Polls() scenarios.Polling {
	polls := scenarios.Polling{Min: t.Polling.Min, Max: t.Polling.Max, Timeout: t.Polling.Timeout, Change: longestChange}
	if t.local() {
		polls.Change = localChange
		if polls.Min == shortestPause {
			polls.First = earlyPause
		}
	}
	return polls
}

// local reports whether the target is on this machine.
func (t Target) local() bool {
	u, err := url.Parse(t.Endpoint)
	return err == nil && input.IsLoopback(t.dialled(u))
}

// WithDefaults fills in what a target file may leave out.
func (t Target) WithDefaults() Target {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&t.Polling.Min, shortestPause)
	set(&t.Polling.Max, 2*time.Second)
	if t.local() {
		set(&t.Polling.Timeout, localWait)
	}
	set(&t.Polling.Timeout, longestWait)
	set(&t.Deadlines.Request, 30*time.Second)
	set(&t.Hooks.Timeout, 30*time.Second)
	set(&t.Ready.Timeout, time.Minute)
	if len(t.APIVersion) == 0 {
		t.APIVersion = Versions{string(schemas.Default())}
	}
	if t.Ready.Status == 0 {
		t.Ready.Status = 200
	}
	for _, off := range []struct {
		feature string
		claimed bool
	}{{"contacts", t.Contacts}, {"companions", t.Companions}} {
		if !off.claimed && !slices.Contains(t.Without, off.feature) {
			t.Without = append(slices.Clone(t.Without), off.feature)
		}
	}
	if t.Plays == 0 {
		t.Plays = 8
	}
	if t.Names.Prefix == "" {
		t.Names.Prefix = "kvconform"
	}
	if t.Cleanup == "" {
		t.Cleanup = Delete
	}
	return t
}

// Check refuses a target that cannot be run against, before anything is sent.
func (t Target) Check() (*url.URL, error) {
	if t.Endpoint == "" {
		return nil, input.Usagef("no endpoint: give --endpoint URL, --config FILE (./kvconform.yaml if it is there), or --embedded for the reference vault")
	}
	u, err := t.address("/endpoint", "the endpoint", t.Endpoint)
	if err != nil {
		return nil, t.Located(err)
	}
	if _, err := t.APIVersions(); err != nil {
		return nil, err
	}
	for _, check := range []func() error{t.checkBounds, t.checkConnection, t.checkAuth, t.checkIssuers, t.checkHooks, t.checkWithout} {
		if err := check(); err != nil {
			return nil, t.Located(err)
		}
	}
	return u, nil
}

// address reads a base URL that the target names, and refuses one that would show secrets to the network. The host that
// counts is the one that is dialled.
func (t Target) address(pointer, what, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, input.Wrong(pointer, "%s %q is no http(s) URL; give it as https://HOST:PORT", what, input.WithoutPassword(text))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, input.Wrong(pointer, "%s %q may have a path, but no user, query or fragment", what, u.Redacted())
	case u.Scheme == "http" && !t.AllowHTTP && !input.IsLoopback(t.dialled(u)):
		return nil, input.Wrong(pointer, "%s %s is plain http to another machine, which would show the token to the network; use https, or permit it with allowHTTP: true or --allow-http", what, text)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

func (t Target) checkBounds() error {
	filled := t.WithDefaults()
	switch {
	case t.Polling.Min < 0 || t.Polling.Max < 0 || t.Polling.Timeout < 0:
		return input.Wrong("/polling", "the bounds of polling cannot be negative")
	case filled.Polling.Min > filled.Polling.Max:
		return input.WrongAbout("/polling/min", "polling.min", "%s is more than polling.max, which is %s; make it less", filled.Polling.Min, filled.Polling.Max)
	case t.Deadlines.Request < 0 || t.Deadlines.Run < 0:
		return input.Wrong("/deadlines", "a deadline cannot be negative")
	case t.Plays < 0 || t.MaxAnswer < 0:
		return input.Wrong("/plays", "plays and maxAnswer cannot be negative")
	}
	return nil
}

func (t Target) checkWithout() error {
	for i, feature := range t.Without {
		if !isFeature(feature) {
			return input.Wrong(fmt.Sprintf("/without/%d", i), "there is no feature %q to be without%s", feature, input.Suggest(feature, scenarios.Features()))
		}
	}
	return nil
}

func isFeature(name string) bool {
	for _, feature := range scenarios.Features() {
		if feature == name {
			return true
		}
	}
	return false
}

// dialled is the host that requests to a URL of the target go to.
func (t Target) dialled(u *url.URL) string {
	if host, _, err := net.SplitHostPort(t.Dial); err == nil {
		return host
	}
	return u.Hostname()
}

// Located makes a mistake in usage of a wrong value, with its place where it came from a file.
func (t Target) Located(err error) error {
	var value *input.WrongValue
	if !errors.As(err, &value) {
		return err
	}
	if t.places.Know(value.Pointer) {
		return input.Usagef("%s: %s", t.places.At(value.Pointer), value.Message)
	}
	return input.Usagef("%s", value)
}

// Resolve reads everything that the target refers to, secrets and certificates too, and keeps nothing. What cannot be read is
// a mistake in usage.
func (t Target) Resolve() error { return t.Located(t.resolve()) }

func (t Target) resolve() error {
	if _, err := t.Transport(); err != nil {
		return err
	}
	if _, err := t.Header(); err != nil {
		return err
	}
	for outcome, issuer := range t.Issuers {
		if _, err := issuer.ReadPassword(outcome); err != nil {
			return err
		}
	}
	if _, err := t.Credential(time.Now); err != nil {
		return err
	}
	_, err := t.CompanionsCredential(time.Now)
	return err
}

// Overrides are the flags that override a target file; nil leaves what the file says.
type Overrides struct {
	Endpoint, IDBase, CA, Token, TokenFile, APIVersion, Like *string
	Insecure, AllowHTTP                                      *bool
	// Keep leaves what a run makes in the vault.
	Keep bool
}

// Override returns the target with the flags over it.
func (t Target) Override(o Overrides) Target {
	if o.Endpoint != nil {
		t.Endpoint = *o.Endpoint
		t.places = t.places.Without("/endpoint")
	}
	if o.IDBase != nil {
		t.IDBase = *o.IDBase
		t.places = t.places.Without("/idBase")
	}
	if o.CA != nil {
		t.TLS.CA, t.TLS.TrustStore, t.TLS.Insecure = *o.CA, TrustStore{}, false
		t.places = t.places.Without("/tls/ca", "/tls/trustStore", "/tls/insecure")
	}
	if o.Insecure != nil {
		t.TLS.Insecure = *o.Insecure
	}
	if o.AllowHTTP != nil {
		t.AllowHTTP = *o.AllowHTTP
	}
	if o.Token != nil {
		t.Auth = Auth{Token: Secret{Value: *o.Token}}
		t.places = t.places.Without("/auth")
	}
	if o.TokenFile != nil {
		t.Auth = Auth{Token: Secret{File: *o.TokenFile}}
		t.places = t.places.Without("/auth")
	}
	if o.Keep {
		t.Cleanup = Leave
	}
	if o.APIVersion != nil {
		t.APIVersion = VersionsIn(*o.APIVersion)
		t.places = t.places.Without("/apiVersion")
	}
	if o.Like != nil {
		t.Like = *o.Like
		t.places = t.places.Without("/like")
	}
	return t
}
