package refvault

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxResults is the largest page, and the usual one.
const maxResults = 25

// list is the body of every list. nextLink is null at the end, never absent.
type list[T any] struct {
	Value    []T     `json:"value"`
	NextLink *string `json:"nextLink"`
}

type certificateItem struct {
	RecoveryID         string            `json:"recoveryId,omitempty"`
	DeletedDate        int64             `json:"deletedDate,omitempty"`
	ScheduledPurgeDate int64             `json:"scheduledPurgeDate,omitempty"`
	ID                 string            `json:"id"`
	X5T                string            `json:"x5t,omitempty"`
	Attributes         attributes        `json:"attributes"`
	Tags               map[string]string `json:"tags,omitzero"`
	// Subject is in no model; the service returns it, always empty, but for deleted certificates.
	Subject *string `json:"subject,omitempty"`
}

type issuerItem struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
}

// A skipToken says where the next page starts. It is opaque to clients.
type skipToken struct {
	After          string `json:"a"` // the key of the last item that was listed
	IncludePending bool   `json:"p,omitempty"`
}

// A page is what a client asked of a list.
type page struct {
	size  int
	token skipToken
}

func (c *call) page() (*page, error) {
	p := &page{size: maxResults}
	if text := c.query("maxresults"); text != "" {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 || size > maxResults {
			return nil, badParameter("The parameter maxresults is %q, not a number from 1 to %d.", text, maxResults)
		}
		p.size = size
	}
	if text := c.query("includePending"); text != "" {
		include, err := strconv.ParseBool(text)
		if err != nil {
			return nil, badParameter("The parameter includePending is %q, neither true nor false.", text)
		}
		p.token.IncludePending = include
	}
	if text := c.query("$skiptoken"); text != "" {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || json.Unmarshal(raw, &p.token) != nil {
			return nil, badParameter("The parameter $skiptoken is not one that this vault gave out.")
		}
	}
	return p, nil
}

// listing cuts a page out of items, which are ordered by key. The link to the next page names the last item that was
// listed rather than a count, so that a change in between neither repeats an item nor hides one.
func listing[T, I any](c *call, p *page, items []T, key func(T) string, show func(T) I) *response {
	slices.SortFunc(items, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	start := 0
	for start < len(items) && p.token.After != "" && key(items[start]) <= p.token.After {
		start++
	}
	end := min(start+p.size, len(items))
	body := &list[I]{Value: []I{}}
	for _, item := range items[start:end] {
		body.Value = append(body.Value, show(item))
	}
	if end < len(items) {
		next := p.token
		next.After = key(items[end-1])
		link := fmt.Sprintf("%s%s?api-version=%s&$skiptoken=%s&maxresults=%d",
			withPort(c.request), strings.TrimRight(c.request.URL.EscapedPath(), "/"), c.apiVersion.text,
			base64.RawURLEncoding.EncodeToString(encode(next)), p.size)
		body.NextLink = &link
	}
	return ok(body)
}

// certificatesIn returns the certificates in a phase, brought up to now.
func (v *Vault) certificatesIn(wanted phase, c *call, includePending bool) []*certificate {
	var found []*certificate
	for _, name := range slices.Collect(maps.Keys(v.certificates)) {
		cert := v.named(name, c.now)
		if cert != nil && cert.phase == wanted && (includePending || cert.completed()) {
			found = append(found, cert)
		}
	}
	return found
}

func certificateKey(cert *certificate) string { return strings.ToLower(cert.name) }

// item describes a version in a list, where the vault's recovery settings are left out.
func (v *Vault) item(c *call, id string, shown *version) *certificateItem {
	item := &certificateItem{
		ID: id, Attributes: v.attributesOf(c, shown, false), Tags: shown.tags, Subject: new(string),
	}
	if shown.cer != nil {
		item.X5T = thumbprint(shown.cer)
	}
	return item
}

// listCertificates is GetCertificates: one item a name.
func (v *Vault) listCertificates(c *call) (*response, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	certs := v.certificatesIn(phaseLive, c, p.token.IncludePending)
	return listing(c, p, certs, certificateKey, func(cert *certificate) *certificateItem {
		return v.item(c, c.certificateURL(cert.name), cert.current())
	}), nil
}

// listVersions is GetCertificateVersions. An unknown name has no versions; it is no error.
func (v *Vault) listVersions(c *call) (*response, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	var versions []*version
	cert := v.named(c.name, c.now)
	if cert != nil && cert.phase == phaseLive {
		versions = slices.Clone(cert.versions)
	}
	return listing(c, p, versions, func(item *version) string { return item.id }, func(item *version) *certificateItem {
		return v.item(c, c.certificateURL(cert.name)+"/"+item.id, item)
	}), nil
}

// listDeleted is GetDeletedCertificates.
func (v *Vault) listDeleted(c *call) (*response, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	certs := v.certificatesIn(phaseDeleted, c, p.token.IncludePending)
	return listing(c, p, certs, certificateKey, func(cert *certificate) *certificateItem {
		item := v.item(c, c.certificateURL(cert.name), cert.current())
		item.Subject = nil
		item.Attributes = v.attributesOf(c, cert.current(), true)
		item.RecoveryID, item.DeletedDate, item.ScheduledPurgeDate = c.deletion(cert)
		return item
	}), nil
}

// listIssuers is GetCertificateIssuers.
func (v *Vault) listIssuers(c *call) (*response, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	issuers := slices.Collect(maps.Values(v.issuers))
	return listing(c, p, issuers, func(i *issuer) string { return strings.ToLower(i.name) }, func(i *issuer) issuerItem {
		return issuerItem{ID: c.issuerURL(i.name), Provider: i.provider}
	}), nil
}
