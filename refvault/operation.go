package refvault

import (
	"crypto"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// An operation is the pending object of a certificate: one request for a new version.
type operation struct {
	requestID string
	issuer    string // as it was sent
	outcome   outcome
	request   *certificateRequest
	csr       []byte // DER
	key       crypto.Signer
	// What the new version is to have.
	enabled   bool
	tags      map[string]string
	keepOrder *bool
	// policy replaces the stored one at completion; nil if it was replaced when the request was made.
	policy *policy
	kept   kept

	status                status
	failure               *errorBody
	cancellationRequested bool
	due                   time.Time // when the issuer responds, if it does
	cancelDue             time.Time // when a requested cancellation takes effect
}

// operationBody is the API's CertificateOperation.
type operationBody struct {
	ID                    string     `json:"id"`
	Issuer                issuerName `json:"issuer"`
	CSR                   []byte     `json:"csr"`
	CancellationRequested *bool      `json:"cancellation_requested,omitempty"`
	Status                status     `json:"status"`
	StatusDetails         *string    `json:"status_details,omitempty"`
	Target                string     `json:"target,omitempty"`
	Error                 *errorBody `json:"error,omitempty"`
	PreserveCertOrder     *bool      `json:"preserveCertOrder,omitempty"`
	RequestID             string     `json:"request_id"`
}

type issuerName struct {
	Name string `json:"name"`
}

// operationBody describes the operation as it stands.
func (v *Vault) operationBody(c *call, cert *certificate) *operationBody {
	op := cert.operation
	body := &operationBody{
		ID:                    c.pendingURL(cert.name),
		Issuer:                issuerName{Name: op.issuer},
		CSR:                   op.csr,
		CancellationRequested: &op.cancellationRequested,
		Status:                op.status,
		Error:                 op.failure,
		PreserveCertOrder:     c.order(op.keepOrder),
		RequestID:             op.requestID,
	}
	switch op.status {
	case statusInProgress:
		details := progressDetails(op)
		body.StatusDetails = &details
	case statusCompleted:
		body.Target = c.certificateURL(cert.name)
		if v.manner == Documented {
			body.Target += "?api-version=" + c.apiVersion.text
		}
	case statusCancelled, statusFailed:
		if v.manner == Documented {
			body.StatusDetails = new(string)
		}
	}
	if op.status == statusCancelled && v.manner == Documented {
		body.Status = "canceled"
	}
	return body
}

func progressDetails(op *operation) string {
	if op.outcome == outcomeManual {
		return "The pending certificate was created. Have its request signed and merge the result to complete it."
	}
	return "The pending certificate was created and its issuer is at work; look again later."
}

// pending returns the operation that a call is about, with the certificate that it belongs to.
func (v *Vault) pending(c *call) (*certificate, *operation, error) {
	cert := v.named(c.name, c.now)
	if cert == nil || cert.phase != phaseLive || cert.operation == nil {
		return nil, nil, pendingMissing(c.name)
	}
	return cert, cert.operation, nil
}

// filteredPending is pending for the calls that can name the operation by its request_id.
func (v *Vault) filteredPending(c *call) (*certificate, *operation, error) {
	cert, op, err := v.pending(c)
	if err != nil {
		return nil, nil, err
	}
	if !op.matches(c.query("request_id")) {
		return nil, nil, pendingMissing(c.name)
	}
	return cert, op, nil
}

const mediaTypePKCS10 = "application/pkcs10"

// getOperation is GetCertificateOperation. A client that accepts PKCS#10 gets the bare signing request.
func (v *Vault) getOperation(c *call) (*response, error) {
	cert, op, err := v.filteredPending(c)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.ToLower(c.request.Header.Get("Accept")), mediaTypePKCS10) {
		return &response{
			status: http.StatusOK, text: base64.StdEncoding.EncodeToString(op.csr),
			contentType: mediaTypePKCS10 + "; charset=utf-8",
		}, nil
	}
	a := ok(v.operationBody(c, cert))
	a.poll = op.status == statusInProgress
	return a, nil
}

type operationUpdate struct {
	CancellationRequested *bool `json:"cancellation_requested"`
}

// updateOperation is UpdateCertificateOperation. The cancellation is only noted: the response is still in progress.
// Taking a cancellation back is not possible; a false changes nothing.
func (v *Vault) updateOperation(c *call) (*response, error) {
	var body operationUpdate
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if body.CancellationRequested == nil {
		return nil, badParameter("The member cancellation_requested is required.")
	}
	cert, op, err := v.filteredPending(c)
	if err != nil {
		return nil, err
	}
	if err := v.refuseUpdate(op); err != nil {
		return nil, err
	}
	if *body.CancellationRequested {
		op.requestCancellation(c.now, v.cancelAfter)
	}
	return ok(v.operationBody(c, cert)), nil
}

// deleteOperation is DeleteCertificateOperation. The response is the operation as it stood.
func (v *Vault) deleteOperation(c *call) (*response, error) {
	cert, _, err := v.filteredPending(c)
	if err != nil {
		return nil, err
	}
	body := v.operationBody(c, cert)
	if v.manner == Documented {
		body.StatusDetails = nil
	}
	cert.forget()
	return ok(body), nil
}
