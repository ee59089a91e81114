package refvault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

type createParameters struct {
	Policy            *policy             `json:"policy"`
	Attributes        requestedAttributes `json:"attributes"`
	Tags              map[string]string   `json:"tags"`
	PreserveCertOrder *bool               `json:"preserveCertOrder"`
}

// createCertificate is CreateCertificate. Nothing is changed before the last line that can fail.
func (v *Vault) createCertificate(c *call) (*response, error) {
	var body createParameters
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if err := checkTags(body.Tags); err != nil {
		return nil, err
	}
	cert := v.named(c.name, c.now)
	requested, err := requestedPolicy(body.Policy, cert)
	if err != nil {
		return nil, err
	}
	if err := requested.complete(); err != nil {
		return nil, err
	}
	outcome, err := v.outcomeOf(requested.Issuer.Name)
	if err != nil {
		return nil, err
	}
	if err := v.refuseOverwriting(cert); err != nil {
		return nil, err
	}
	if err := v.refuseTaken(cert, c.name); err != nil {
		return nil, err
	}
	if cert == nil {
		cert = &certificate{name: c.name, rsaKeys: keySet{}}
	}
	op, err := v.newOperation(c, cert, requested)
	if err != nil {
		return nil, err
	}
	op.outcome = outcome
	op.enabled = body.Attributes.Enabled == nil || *body.Attributes.Enabled
	op.tags = maps.Clone(body.Tags)
	op.keepOrder = body.PreserveCertOrder
	op.kept = requested.kept()
	v.begin(cert, op, requested, c.now)
	return v.created(c, cert), nil
}

// requestedPolicy is the one sent or, for a name that has one, the one stored.
func requestedPolicy(sent *policy, cert *certificate) (*policy, error) {
	switch {
	case sent != nil:
		sent.ID = ""
		return sent, nil
	case cert != nil:
		return cert.policy.clone(), nil
	}
	return nil, badParameter("The first create of a certificate needs a policy.")
}

// newOperation draws the key and makes the signing request.
func (v *Vault) newOperation(c *call, cert *certificate, requested *policy) (*operation, error) {
	key, err := v.keyFor(cert, requested)
	if err != nil {
		return nil, err
	}
	request, err := newCertificateRequest(requested)
	if err != nil {
		return nil, badParameter("The member policy.x509_props is not valid: %v.", err)
	}
	csr, err := request.pkcs10(v.keys.pool.signing(key), v.editRequest)
	if err != nil {
		return nil, err
	}
	if rsaKey, isRSA := key.(*rsa.PrivateKey); isRSA {
		cert.rsaKeys.add(rsaKey)
	}
	return &operation{
		requestID: v.ids.hex(), issuer: requested.Issuer.Name, request: request, csr: csr, key: key,
		status: statusInProgress, due: c.now.Add(v.issueAfter),
	}, nil
}

// keyFor returns the private key for the next version.
func (v *Vault) keyFor(cert *certificate, requested *policy) (crypto.Signer, error) {
	k := requested.KeyProps
	if *k.ReuseKey && cert.completed() {
		key := cert.current().key
		if props, err := publicKeyProps(key.Public()); err == nil && isEC(props.Type) == isEC(k.Type) &&
			*props.Size == *k.Size && props.Curve == k.Curve {
			return key, nil
		}
	}
	if !isEC(k.Type) {
		return v.keys.draw(*k.Size, cert.rsaKeys)
	}
	curve, _ := curveNamed(k.Curve) // the policy was checked
	if curve.curve == nil && strings.EqualFold(requested.Issuer.Name, issuerUnknown) {
		return newKoblitzKey()
	}
	if curve.curve == nil {
		return nil, badParameter("The member policy.key_props is not valid: this vault cannot certify keys on %s.", k.Curve)
	}
	key, err := ecdsa.GenerateKey(curve.curve, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key on %s: %w", k.Curve, err)
	}
	return key, nil
}

func (v *Vault) created(c *call, cert *certificate) *response {
	body := v.operationBody(c, cert)
	// The documentation's example of a manual creation has no such member.
	if v.manner == Documented && strings.EqualFold(body.Issuer.Name, issuerUnknown) {
		body.CancellationRequested = nil
	}
	return &response{
		status: http.StatusAccepted, body: body, poll: true,
		location: fmt.Sprintf("%s?api-version=%s&request_id=%s",
			c.pendingURL(cert.name), c.apiVersion.text, cert.operation.requestID),
	}
}
