package refvault

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A call is one authenticated request for a known operation. Its handler runs with the vault locked.
type call struct {
	request    *http.Request
	body       []byte
	base       string // the vault's URL without trailing slash
	apiVersion apiVersion
	now        time.Time

	name    string // certificate or issuer
	version string
}

func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

type handler func(*call) (*response, error)

// A route is one operation: its path's segments, where {name}, {issuer} and {version} stand for any text.
type route struct {
	method   string
	segments []string
	handle   handler
}

// operations lists the routes. Fixed segments stand before placeholders, since the first path that fits counts.
func (v *Vault) operations() []route {
	list := []struct {
		method, path string
		handle       handler
	}{
		{http.MethodGet, "certificates", v.listCertificates},
		{http.MethodPost, "certificates/restore", v.restoreCertificate},
		{http.MethodPut, "certificates/contacts", v.setContacts},
		{http.MethodGet, "certificates/contacts", v.getContacts},
		{http.MethodDelete, "certificates/contacts", v.deleteContacts},
		{http.MethodGet, "certificates/issuers", v.listIssuers},
		{http.MethodPut, "certificates/issuers/{issuer}", v.setIssuer},
		{http.MethodPatch, "certificates/issuers/{issuer}", v.updateIssuer},
		{http.MethodGet, "certificates/issuers/{issuer}", v.getIssuer},
		{http.MethodDelete, "certificates/issuers/{issuer}", v.deleteIssuer},
		{http.MethodGet, "certificates/{name}", v.getCertificate},
		{http.MethodPatch, "certificates/{name}", v.updateCertificate},
		{http.MethodDelete, "certificates/{name}", v.deleteCertificate},
		{http.MethodPost, "certificates/{name}/create", v.createCertificate},
		{http.MethodPost, "certificates/{name}/import", v.importCertificate},
		{http.MethodPost, "certificates/{name}/backup", v.backupCertificate},
		{http.MethodGet, "certificates/{name}/versions", v.listVersions},
		{http.MethodGet, "certificates/{name}/policy", v.getPolicy},
		{http.MethodPatch, "certificates/{name}/policy", v.updatePolicy},
		{http.MethodGet, "certificates/{name}/pending", v.getOperation},
		{http.MethodPatch, "certificates/{name}/pending", v.updateOperation},
		{http.MethodDelete, "certificates/{name}/pending", v.deleteOperation},
		{http.MethodPost, "certificates/{name}/pending/merge", v.mergeCertificate},
		{http.MethodGet, "certificates/{name}/{version}", v.getCertificate},
		{http.MethodPatch, "certificates/{name}/{version}", v.updateCertificate},
		{http.MethodGet, "deletedcertificates", v.listDeleted},
		{http.MethodGet, "deletedcertificates/{name}", v.getDeleted},
		{http.MethodDelete, "deletedcertificates/{name}", v.purgeDeleted},
		{http.MethodPost, "deletedcertificates/{name}/recover", v.recoverDeleted},
		{http.MethodGet, "keys/{name}", v.getKey},
		{http.MethodPut, "keys/{name}", v.changeCompanion},
		{http.MethodPost, "keys/{name}/create", v.createKey},
		{http.MethodDelete, "keys/{name}", v.deleteCompanion},
		{http.MethodDelete, "deletedkeys/{name}", v.purgeStandalone},
		{http.MethodGet, "keys/{name}/{version}", v.getKey},
		{http.MethodPatch, "keys/{name}/{version}", v.changeCompanion},
		{http.MethodGet, "secrets/{name}", v.getSecret},
		{http.MethodPut, "secrets/{name}", v.setSecret},
		{http.MethodDelete, "secrets/{name}", v.deleteCompanion},
		{http.MethodDelete, "deletedsecrets/{name}", v.purgeStandalone},
		{http.MethodGet, "secrets/{name}/{version}", v.getSecret},
		{http.MethodPatch, "secrets/{name}/{version}", v.changeCompanion},
	}
	routes := make([]route, 0, len(list))
	for _, o := range list {
		routes = append(routes, route{method: o.method, segments: strings.Split(o.path, "/"), handle: o.handle})
	}
	return routes
}

// find returns the handler for a request and puts the path's parts into c.
//
// The first path that fits decides, whatever its methods are: otherwise a GET of .../create would be taken for a
// version named create.
func (v *Vault) find(r *http.Request, c *call) (handler, error) {
	segments, err := pathSegments(r.URL)
	if err != nil {
		return nil, err
	}
	var fitting []string
	for _, candidate := range v.routes {
		if fitting != nil && !sameSegments(fitting, candidate.segments) {
			continue
		}
		if !fits(candidate.segments, segments) {
			continue
		}
		fitting = candidate.segments
		if candidate.method != r.Method {
			continue
		}
		return candidate.handle, c.take(candidate.segments, segments)
	}
	return nil, methodNotAllowed(r.Method, r.URL.Path)
}

// take fills the call's names from the path.
func (c *call) take(pattern, segments []string) error {
	for i, part := range pattern {
		switch part {
		case "{name}":
			c.name = segments[i]
			if err := checkName(c.name); err != nil {
				return err
			}
		case "{issuer}":
			c.name = segments[i]
		case "{version}":
			c.version = strings.ToLower(segments[i])
			if err := checkVersion(c.version); err != nil {
				return err
			}
		}
	}
	return nil
}

// pathSegments splits a path. Empty segments are dropped: clients put a slash at the end for the current version, and
// two where they join a base URL that ends in one.
func pathSegments(u *url.URL) ([]string, error) {
	var segments []string
	for _, raw := range strings.Split(u.EscapedPath(), "/") {
		if raw == "" {
			continue
		}
		segment, err := url.PathUnescape(raw)
		if err != nil {
			return nil, badParameter("The path is not a well-formed URL path.")
		}
		segments = append(segments, segment)
	}
	return segments, nil
}

func fits(pattern, segments []string) bool {
	if len(pattern) != len(segments) {
		return false
	}
	for i, part := range pattern {
		if !strings.HasPrefix(part, "{") && !strings.EqualFold(part, segments[i]) {
			return false
		}
	}
	return true
}

func sameSegments(a, b []string) bool {
	return strings.Join(a, "/") == strings.Join(b, "/")
}
