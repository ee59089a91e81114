package audit

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs"
)

// vaultSeen is what the traffic shows of one vault.
type vaultSeen struct {
	base    string
	idBase  string
	settled bool
}

// vaultAt finds or begins what is known of a vault. A source is a world of its own: recordings share host names that
// their recorders made up.
func (a *Audit) vaultAt(source, base, recordedBase string) *vaultSeen {
	key := source + "\x00" + base
	if seen, ok := a.vaults[key]; ok {
		return seen
	}
	seen := &vaultSeen{base: base, idBase: base}
	switch {
	case a.options.IDBase != "":
		seen.idBase, seen.settled = strings.TrimSuffix(a.options.IDBase, "/"), true
	case recordedBase != "":
		seen.idBase, seen.settled = strings.TrimSuffix(recordedBase, "/"), true
	}
	if len(a.vaults) < mostVaults {
		a.vaults[key] = seen
	}
	return seen
}

// learn takes the base of the ids from the first success that has any: a gateway or a recorder may have changed the host
// of the requests, and then every id has another.
func (v *vaultSeen) learn(e *vault.Exchange) {
	if v.settled || !e.Succeeded() {
		return
	}
	count := map[string]int{}
	var order []string
	for _, link := range linksOf(e) {
		if base := baseOf(link); base != "" {
			if count[base]++; count[base] == 1 {
				order = append(order, base)
			}
		}
	}
	if len(order) == 0 {
		return
	}
	best := v.base
	for _, base := range order {
		if count[base] > count[best] && !strings.EqualFold(base, v.base) {
			best = base
		}
	}
	v.settled = true
	if count[lookup(count, v.base)] < count[best] {
		v.idBase = best
	}
}

// lookup finds a base among those that were counted, letter case aside.
func lookup(count map[string]int, base string) string {
	for other := range count {
		if strings.EqualFold(other, base) {
			return other
		}
	}
	return base
}

// linksOf lists the ids and links of a response.
func linksOf(e *vault.Exchange) []string {
	links := []string{e.Text("id"), e.Text("kid"), e.Text("sid"), e.Text("recoveryId"), e.Response.Header.Get("Location")}
	for _, name := range []string{"policy", "pending"} {
		inner, _ := e.Member(name).(map[string]any)
		link, _ := inner["id"].(string)
		links = append(links, link)
	}
	list, _ := e.Member("value").([]any)
	for _, item := range list {
		inner, _ := item.(map[string]any)
		link, _ := inner["id"].(string)
		links = append(links, link)
	}
	return links
}

// baseOf is what stands before the collection in an absolute link.
func baseOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return ""
	}
	for _, collection := range []string{"/certificates/", "/deletedcertificates/", "/keys/", "/secrets/"} {
		if at := strings.Index(u.Path, collection); at >= 0 {
			return u.Scheme + "://" + u.Host + u.Path[:at]
		}
	}
	return ""
}

// markers tell the values that recorders put in the place of others.
type markers struct {
	known *regexp.Regexp
	own   []string
	found map[string]int
}

// shortestMarker is the length of the shortest text that --sanitized takes: a shorter one is in every body.
const shortestMarker = 3

func newMarkers(own []string) (*markers, error) {
	for _, text := range own {
		if len(text) < shortestMarker {
			return nil, input.Usagef("--sanitized %q is too short to tell a value that was replaced: give at least %d characters", text, shortestMarker)
		}
	}
	return &markers{
		known: regexp.MustCompile(`(?i)sanitized|redacted|scrubbed|\*{3,}|\b0{8}-0{4}-0{4}-0{4}-0{12}\b`),
		own:   own, found: map[string]int{},
	}, nil
}

// in returns the marker that a text has, "" for none.
func (m *markers) in(text string) string {
	for _, own := range m.own {
		if strings.Contains(text, own) {
			return own
		}
	}
	return m.known.FindString(text)
}

// excuse reports whether a breach is at a value that a recorder put in, or compares with one.
func (m *markers) excuse(breach specs.Breach) bool {
	var marker string
	switch {
	case breach.Header != "":
		marker = m.in(strings.Join(breach.Exchange.Response.Header.Values(breach.Header), " "))
	case breach.Member != "":
		marker = m.in(valueAt(breach.Exchange, breach.Member))
		if marker == "" && slices.Contains(linked(), breach.Member) {
			for _, other := range linked() {
				if marker = m.in(valueAt(breach.Exchange, other)); marker != "" {
					break
				}
			}
		}
	default:
		marker = m.in(breach.Got)
	}
	if marker == "" {
		return false
	}
	m.found[marker]++
	return true
}

// linked are the members that rules compare with one another.
func linked() []string {
	return []string{"/id", "/kid", "/sid", "/cer", "/x5t", "/csr", "/attributes/nbf", "/attributes/exp", "/target"}
}

// valueAt is a scalar of the response's body as text, "" for anything else.
func valueAt(e *vault.Exchange, pointer string) string {
	body, err := e.Response.Read()
	if err != nil {
		return ""
	}
	parsed, err := jsonpointer.New(pointer)
	if err != nil {
		return ""
	}
	value, _, err := parsed.Get(body)
	if err != nil || value == nil {
		return ""
	}
	switch value.(type) {
	case map[string]any, []any:
		return ""
	default:
		return fmt.Sprint(value)
	}
}
