package runner

import (
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/schemas"
)

// Target is the endpoint under test, as a target file describes it.
type Target struct {
	// Name is what reports call it.
	Name string `yaml:"name,omitempty"`
	// Endpoint is the vault's base URL; it may have a path prefix.
	Endpoint string `yaml:"endpoint"`
	// IDBase is the base URL that the vault writes into its ids, where that is not the endpoint.
	IDBase string `yaml:"idBase,omitempty"`
	// AllowHTTP permits plain http to another machine.
	AllowHTTP  bool      `yaml:"allowHTTP,omitempty"`
	TLS        TLS       `yaml:"tls,omitempty"`
	Auth       Auth      `yaml:"auth,omitempty"`
	APIVersion string    `yaml:"apiVersion,omitempty"`
	Issuers    Issuers   `yaml:"issuers,omitempty"`
	Without    []string  `yaml:"without,omitempty"`
	Polling    Polling   `yaml:"polling,omitempty"`
	Deadlines  Deadlines `yaml:"deadlines,omitempty"`
	// Plays is how many plays run at once.
	Plays   int     `yaml:"plays,omitempty"`
	Names   Names   `yaml:"names,omitempty"`
	Cleanup Cleanup `yaml:"cleanup,omitempty"`
}

// Issuers names the target's issuers by how their requests end.
type Issuers = scenarios.Issuers

// TLS says whom to trust.
type TLS struct {
	// CA is a file of PEM certificates to trust instead of the system's.
	CA string `yaml:"ca,omitempty"`
	// Insecure trusts anyone.
	Insecure bool `yaml:"insecure,omitempty"`
}

// Auth says where the bearer token comes from.
type Auth struct {
	Token string `yaml:"token,omitempty"`
}

// Polling bounds the waiting for an operation.
type Polling struct {
	Min     time.Duration `yaml:"min,omitempty"`
	Max     time.Duration `yaml:"max,omitempty"`
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

// Deadlines bound single requests.
type Deadlines struct {
	Request time.Duration `yaml:"request,omitempty"`
}

// Names says what the names of a run begin with.
type Names struct {
	Prefix string `yaml:"prefix,omitempty"`
}

// Cleanup is what becomes of the certificates of a run.
type Cleanup string

// The ways to clean up.
const (
	Leave  Cleanup = "leave"
	Delete Cleanup = "delete"
	Purge  Cleanup = "purge"
)

// withDefaults fills in what a target file may leave out.
func (t Target) withDefaults() Target {
	if t.APIVersion == "" {
		t.APIVersion = string(schemas.Default())
	}
	if t.Polling.Min == 0 {
		t.Polling.Min = time.Second
	}
	if t.Polling.Max == 0 {
		t.Polling.Max = 2 * time.Second
	}
	if t.Polling.Timeout == 0 {
		t.Polling.Timeout = 2 * time.Minute
	}
	if t.Deadlines.Request == 0 {
		t.Deadlines.Request = 30 * time.Second
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

// check refuses a target that cannot be run against, before anything is sent.
func (t Target) check() (*url.URL, error) {
	u, err := url.Parse(t.Endpoint)
	switch {
	case t.Endpoint == "":
		return nil, usage("no endpoint: give --endpoint URL, --config FILE, or --embedded for the reference vault")
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, usage("the endpoint %q is no http(s) URL: give it as https://HOST:PORT", t.Endpoint)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, usage("the endpoint %q may have a path, but no user, query or fragment", u.Redacted())
	case u.Scheme == "http" && !t.AllowHTTP && !isLoopback(u.Hostname()):
		return nil, usage("the endpoint %s is plain http to another machine, which would show the token to the network: use https, or --allow-http", t.Endpoint)
	case !schemas.Known(t.APIVersion):
		return nil, usage("the api-version %q is unknown: it is one of %s", t.APIVersion, knownVersions())
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

func knownVersions() string {
	var names []string
	for _, version := range schemas.Versions() {
		names = append(names, string(version))
	}
	return strings.Join(names, ", ")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
