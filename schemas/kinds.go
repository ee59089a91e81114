package schemas

import (
	"fmt"
	"net/url"
	"strings"
)

// Kind names a body in one of its states; it is the name of its schema.
type Kind string

// Bodies of responses.
const (
	ErrorBody Kind = "error"

	Operation           Kind = "certificate-operation" // in any state
	OperationInProgress Kind = "certificate-operation-in-progress"
	OperationCompleted  Kind = "certificate-operation-completed"
	OperationCancelled  Kind = "certificate-operation-cancelled"
	OperationFailed     Kind = "certificate-operation-failed"

	Bundle          Kind = "certificate-bundle"           // the current version, with the policy
	BundleMerged    Kind = "certificate-bundle-merged"    // as a merge returns it
	BundleVersioned Kind = "certificate-bundle-versioned" // a version, perhaps without the policy
	BundlePending   Kind = "certificate-bundle-pending"   // the stub while the first creation is pending
	DeletedBundle   Kind = "deleted-certificate-bundle"   // with soft-delete

	Policy     Kind = "certificate-policy"
	Attributes Kind = "certificate-attributes"

	Item        Kind = "certificate-item"
	DeletedItem Kind = "deleted-certificate-item"
	IssuerItem  Kind = "issuer-item"
	List        Kind = "certificate-list"
	DeletedList Kind = "deleted-certificate-list"
	IssuerList  Kind = "issuer-list"

	Issuer       Kind = "issuer-bundle"
	Contacts     Kind = "contacts"
	BackupResult Kind = "backup-result"
)

// Bodies of requests.
const (
	CreateRequest          Kind = "create-request"
	ImportRequest          Kind = "import-request"
	UpdateRequest          Kind = "update-request"
	MergeRequest           Kind = "merge-request"
	OperationUpdateRequest Kind = "operation-update-request"
	PolicyRequest          Kind = "certificate-policy-request"
	IssuerSetRequest       Kind = "issuer-set-request"
	IssuerUpdateRequest    Kind = "issuer-update-request"
	ContactsRequest        Kind = "contacts-request"
	RestoreRequest         Kind = "restore-request"
)

// RequestKind returns the kind of body that an operation takes; ok is false if it takes none.
func RequestKind(operationID string) (kind Kind, ok bool) {
	switch operationID {
	case "CreateCertificate":
		return CreateRequest, true
	case "ImportCertificate":
		return ImportRequest, true
	case "UpdateCertificate":
		return UpdateRequest, true
	case "MergeCertificate":
		return MergeRequest, true
	case "UpdateCertificateOperation":
		return OperationUpdateRequest, true
	case "UpdateCertificatePolicy":
		return PolicyRequest, true
	case "SetCertificateIssuer":
		return IssuerSetRequest, true
	case "UpdateCertificateIssuer":
		return IssuerUpdateRequest, true
	case "SetCertificateContacts":
		return ContactsRequest, true
	case "RestoreCertificate":
		return RestoreRequest, true
	}
	return "", false
}

// ResponseKind returns the kind of body of a response, in the state that the body itself shows. Where a state is known from
// elsewhere, as after a merge, check that kind instead. ok is false if the operation is not known or its response has no JSON
// body, as that of a purge.
func (d *Document) ResponseKind(r Request, resp Response) (kind Kind, ok bool) {
	if resp.Status >= 400 {
		return ErrorBody, true
	}
	operationID, params, found := d.Operation(r.Method, r.URL, r.BasePath)
	if !found || resp.Status < 200 || resp.Status >= 300 || mediaType(resp.Header) == mediaCSR {
		return "", false
	}
	body, _ := resp.Body.(map[string]any)
	switch operationID {
	case "CreateCertificate", "GetCertificateOperation", "UpdateCertificateOperation", "DeleteCertificateOperation":
		return operationKind(body), true
	case "GetCertificate":
		if _, versioned := params["certificate-version"]; versioned {
			return unlessStub(r, body, BundleVersioned), true
		}
		return unlessStub(r, body, Bundle), true
	case "UpdateCertificate":
		return unlessStub(r, body, BundleVersioned), true
	case "RecoverDeletedCertificate", "RestoreCertificate": // the real service backs up and restores stubs, too
		return unlessStub(r, body, Bundle), true
	case "DeleteCertificate":
		return deletionKind(r, body), true
	}
	kind, ok = fixedKind(operationID)
	return kind, ok
}

// fixedKind returns the kind of responses that have one state only.
func fixedKind(operationID string) (Kind, bool) {
	switch operationID {
	case "MergeCertificate":
		return BundleMerged, true
	case "ImportCertificate":
		return Bundle, true
	case "GetDeletedCertificate":
		return DeletedBundle, true
	case "GetCertificatePolicy", "UpdateCertificatePolicy":
		return Policy, true
	case "GetCertificates", "GetCertificateVersions":
		return List, true
	case "GetDeletedCertificates":
		return DeletedList, true
	case "GetCertificateIssuers":
		return IssuerList, true
	case "GetCertificateIssuer", "SetCertificateIssuer", "UpdateCertificateIssuer", "DeleteCertificateIssuer":
		return Issuer, true
	case "GetCertificateContacts", "SetCertificateContacts", "DeleteCertificateContacts":
		return Contacts, true
	case "BackupCertificate":
		return BackupResult, true
	}
	return "", false
}

// operationKind goes by the status; one that is none of the four leaves the base schema to refuse it.
func operationKind(body map[string]any) Kind {
	status, _ := body["status"].(string)
	switch strings.ToLower(status) {
	case "inprogress":
		return OperationInProgress
	case "completed":
		return OperationCompleted
	case "cancelled", "canceled":
		return OperationCancelled
	case "failed":
		return OperationFailed
	}
	return Operation
}

// unlessStub returns kind, or BundlePending if the body has nothing of an X.509 certificate and is disabled: its creation
// is not done, or it never was. The first api-versions had stubs that are enabled.
func unlessStub(r Request, body map[string]any, kind Kind) Kind {
	for _, name := range []string{"kid", "sid", "x5t", "cer"} {
		if body[name] != nil {
			return kind
		}
	}
	if attributes, _ := body["attributes"].(map[string]any); attributes["enabled"] == false || early(r) {
		return BundlePending
	}
	return kind
}

// deletionKind tells vaults with soft-delete, whose response names the recovery, from those without. Those say so by the
// level Purgeable alone or by no days of recovery; the first api-versions said nothing of recovery.
func deletionKind(r Request, body map[string]any) Kind {
	for _, name := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate"} {
		if body[name] != nil {
			return DeletedBundle
		}
	}
	attributes, _ := body["attributes"].(map[string]any)
	level, days := attributes["recoveryLevel"], attributes["recoverableDays"]
	silent := level == nil && days == nil
	if level == "Purgeable" || days != nil && fmt.Sprint(days) == "0" || silent && early(r) {
		return unlessStub(r, body, BundleVersioned)
	}
	return DeletedBundle
}

// early tells the api-versions before 7.0.
func early(r Request) bool {
	version := apiVersionOf(r.URL)
	if r.Like != "" && !Known(version) {
		version = r.Like
	}
	order, err := Compare(version, "7.0")
	return err == nil && order < 0
}

func apiVersionOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Query().Get("api-version")
}
