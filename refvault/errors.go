package refvault

import (
	"fmt"
	"net/http"
)

// The error codes of the API that the vault uses.
const (
	codeBadParameter       = "BadParameter"
	codeCertificateMissing = "CertificateNotFound"
	codeConflict           = "Conflict"
	codeContactsMissing    = "ContactsNotFound"
	codeForbidden          = "Forbidden"
	codeIssuerMissing      = "CertificateIssuerNotFound"
	codeKeyMissing         = "KeyNotFound"
	codeMalformedBackup    = "Malformed backup blob"
	codeMethodNotAllowed   = "MethodNotAllowed"
	codePendingMissing     = "PendingCertificateNotFound"
	codeSecretMissing      = "SecretNotFound"
	codeUnauthorized       = "Unauthorized"

	innerBeingDeleted   = "ObjectIsBeingDeleted"
	innerBeingRecovered = "ObjectIsBeingRecovered"
	innerRecoverable    = "ObjectIsDeletedButRecoverable"
	innerManagedKey     = "KeyManagedByKeyVault"
	innerManagedSecret  = "SecretManagedByKeyVault"
	innerSecretDisabled = "SecretDisabled"
)

// A refusal is an error that the client is told of, in the API's error envelope.
type refusal struct {
	status  int
	code    string
	inner   string // innererror.code, if any
	message string
}

func (e *refusal) Error() string { return e.code + ": " + e.message }

func (e *refusal) body() errorEnvelope {
	body := errorBody{Code: e.code, Message: e.message}
	if e.inner != "" {
		body.Inner = &innerError{Code: e.inner}
	}
	return errorEnvelope{Error: body}
}

type errorEnvelope struct {
	Error errorBody `json:"error"`
}

type errorBody struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Inner   *innerError `json:"innererror,omitempty"`
}

type innerError struct {
	Code string `json:"code"`
}

func badParameter(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: codeBadParameter, message: fmt.Sprintf(format, args...)}
}

func certificateMissing(name string) *refusal {
	return &refusal{
		status: http.StatusNotFound, code: codeCertificateMissing,
		message: fmt.Sprintf("There is no certificate %s in this vault.", name),
	}
}

func pendingMissing(name string) *refusal {
	return &refusal{
		status: http.StatusNotFound, code: codePendingMissing,
		message: fmt.Sprintf("There is no pending certificate %s that matches the request.", name),
	}
}

func methodNotAllowed(method, path string) *refusal {
	return &refusal{
		status: http.StatusMethodNotAllowed, code: codeMethodNotAllowed,
		message: fmt.Sprintf("The vault has no %s for %s.", method, path),
	}
}

func conflict(inner, format string, args ...any) *refusal {
	return &refusal{status: http.StatusConflict, code: codeConflict, inner: inner, message: fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) *refusal {
	return &refusal{status: http.StatusForbidden, code: codeForbidden, message: fmt.Sprintf(format, args...)}
}
