package tamper

import (
	"net/http"
	"regexp"
	"strings"
)

// On picks requests.
type On func(r *http.Request) bool

// name is a certificate name in the paths of Operation; words that stand in its place in other paths are excluded by
// reserved.
const name = `(?P<name>[^/]*)`

// version is a version in a path.
const version = `(?P<version>[0-9a-fA-F]{32})`

// Operation picks the requests of a method ("" for any) whose path ends as the expression says; a slash at the end of
// the path does not count.
func Operation(method, path string) On {
	pattern := regexp.MustCompile(path + `/?$`)
	return func(r *http.Request) bool {
		return (method == "" || r.Method == method) && pattern.MatchString(r.URL.Path)
	}
}

// Anything picks every request.
func Anything() On { return func(*http.Request) bool { return true } }

// Create picks CreateCertificate.
func Create() On { return onCreate() }

// Import picks ImportCertificate.
func Import() On { return onImport() }

// Merge picks MergeCertificate.
func Merge() On { return onMerge() }

// ReadPending picks GetCertificateOperation.
func ReadPending() On { return onReadPending() }

// PatchPending picks UpdateCertificateOperation.
func PatchPending() On { return onPatchPending() }

// DeletePending picks DeleteCertificateOperation.
func DeletePending() On { return onDeletePending() }

// Pending picks every request whose response is a certificate operation.
func Pending() On {
	return Create().Or(onPending())
}

// ReadCertificate picks GetCertificate without a version.
func ReadCertificate() On {
	current := onReadName()
	return func(r *http.Request) bool { return current(r) && !reserved(r) }
}

// ReadVersion picks GetCertificate with a version.
func ReadVersion() On { return onReadVersion() }

// ReadBundle picks GetCertificate with and without a version.
func ReadBundle() On { return ReadCertificate().Or(ReadVersion()) }

// Bundle picks every request whose response is the bundle of a certificate.
func Bundle() On { return ReadBundle().Or(Merge()).Or(Import()).Or(UpdateCertificate()) }

// UpdateCertificate picks UpdateCertificate with and without a version.
func UpdateCertificate() On {
	current, versioned := onUpdateName(), onUpdateVersion()
	return func(r *http.Request) bool { return current(r) && !reserved(r) || versioned(r) }
}

// DeleteCertificate picks DeleteCertificate.
func DeleteCertificate() On {
	current := onDeleteName()
	return func(r *http.Request) bool { return current(r) && !reserved(r) }
}

// ReadDeleted picks GetDeletedCertificate.
func ReadDeleted() On { return onReadDeleted() }

// DeletedBundle picks every request whose response is the bundle of a deleted certificate.
func DeletedBundle() On { return DeleteCertificate().Or(ReadDeleted()) }

// ListDeleted picks GetDeletedCertificates.
func ListDeleted() On { return onListDeleted() }

// Recover picks RecoverDeletedCertificate.
func Recover() On { return onRecover() }

// Purge picks PurgeDeletedCertificate.
func Purge() On { return onPurge() }

// Backup picks BackupCertificate.
func Backup() On { return onBackup() }

// Restore picks RestoreCertificate.
func Restore() On { return onRestore() }

// Followed picks requests for a page of a list beyond the first.
func Followed() On {
	return func(r *http.Request) bool { return r.URL.Query().Get("$skiptoken") != "" }
}

// ReadPolicy picks GetCertificatePolicy.
func ReadPolicy() On { return onReadPolicy() }

// PatchPolicy picks UpdateCertificatePolicy.
func PatchPolicy() On { return onPatchPolicy() }

// Policy picks every request whose response is a policy.
func Policy() On { return ReadPolicy().Or(PatchPolicy()) }

// ListVersions picks GetCertificateVersions.
func ListVersions() On { return onListVersions() }

// ListCertificates picks GetCertificates.
func ListCertificates() On { return onListCertificates() }

// SetIssuer picks SetCertificateIssuer.
func SetIssuer() On { return onSetIssuer() }

// ReadIssuer picks GetCertificateIssuer.
func ReadIssuer() On { return onReadIssuer() }

// Issuer picks every request whose response is an issuer.
func Issuer() On { return onIssuer() }

// reserved reports whether the segment in the place of the name is a word of the API.
func reserved(r *http.Request) bool {
	switch strings.ToLower(Name(r)) {
	case "issuers", "contacts", "restore":
		return true
	}
	return false
}

var namePattern = regexp.MustCompile(`/(?:deleted)?certificates/([^/]+)`)

// Name is the certificate name in a request's path, "" where there is none.
func Name(r *http.Request) string {
	if found := namePattern.FindStringSubmatch(r.URL.Path); found != nil {
		return found[1]
	}
	return ""
}

// Or picks what either picks.
func (o On) Or(other On) On { return func(r *http.Request) bool { return o(r) || other(r) } }

// And picks what both pick.
func (o On) And(other On) On { return func(r *http.Request) bool { return o(r) && other(r) } }

// But picks what o picks and other does not.
func (o On) But(other On) On { return func(r *http.Request) bool { return o(r) && !other(r) } }

// Filtered picks requests with a request_id in their query.
func Filtered() On {
	return func(r *http.Request) bool { return r.URL.Query().Get("request_id") != "" }
}

// Tokenless picks requests without a bearer token.
func Tokenless() On {
	return func(r *http.Request) bool {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == ""
	}
}

// Versionless picks requests without an api-version, or with an empty one.
func Versionless() On {
	return func(r *http.Request) bool { return r.URL.Query().Get("api-version") == "" }
}
