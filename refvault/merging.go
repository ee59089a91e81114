package refvault

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"maps"
	"net/http"
)

type mergeParameters struct {
	X5C        []string            `json:"x5c"`
	Attributes requestedAttributes `json:"attributes"`
	Tags       map[string]string   `json:"tags"`
}

// mergeCertificate is MergeCertificate. What was merged need be neither trusted nor valid now; it only has to be for
// the key of the request.
func (v *Vault) mergeCertificate(c *call) (*response, error) {
	var body mergeParameters
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if len(body.X5C) == 0 {
		return nil, badParameter("The member x5c needs at least one certificate.")
	}
	if err := checkTags(body.Tags); err != nil {
		return nil, err
	}
	cert, op, err := v.pending(c)
	if err != nil {
		return nil, err
	}
	if err := op.refuseMerge(); err != nil {
		return nil, err
	}
	leaf, chain, err := leafFor(body.X5C, op.key.Public())
	if err != nil {
		return nil, err
	}
	merged, err := v.newVersion(leaf.Raw, op.key, c.now)
	if err != nil {
		return nil, err
	}
	merged.kept.Chain = chain
	op.complete(cert, merged)
	if body.Attributes.Enabled != nil {
		merged.enabled = *body.Attributes.Enabled
	}
	if body.Tags != nil {
		merged.tags = maps.Clone(body.Tags)
	}
	return &response{
		status: http.StatusCreated, body: v.currentBundle(c, cert),
		location: c.certificateURL(cert.name) + "?api-version=" + c.apiVersion.text,
	}, nil
}

// leafFor parses a chain and returns the certificate in it that is for the key, and all of it in DER.
func leafFor(x5c []string, public crypto.PublicKey) (leaf *x509.Certificate, chain [][]byte, err error) {
	for i, text := range x5c {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, nil, badParameter("The item %d of x5c is not base64.", i)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, badParameter("The item %d of x5c is not an X.509 certificate.", i)
		}
		chain = append(chain, der)
		if leaf == nil && samePublicKey(parsed.PublicKey, public) {
			leaf = parsed
		}
	}
	if leaf == nil {
		return nil, nil, badParameter("No certificate in x5c has the public key of the pending request.")
	}
	return leaf, chain, nil
}
