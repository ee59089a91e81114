package model

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
)

// certificateKey and requestKey are digests of the public key of a certificate and of a signing request, as a response has
// them; "" for what cannot be read, of which nothing is said.
func certificateKey(text string) string {
	certificate := parsedCertificate(text)
	if certificate == nil {
		return ""
	}
	return digest(certificate.RawSubjectPublicKeyInfo)
}

// parsedCertificate is a certificate as a response has it, nil for what cannot be read.
func parsedCertificate(text string) *x509.Certificate {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(der) == 0 {
		return nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return certificate
}

func requestKey(text string) string {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(der) == 0 {
		return ""
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return ""
	}
	return digest(request.RawSubjectPublicKeyInfo)
}

func digest(key []byte) string {
	sum := sha256.Sum256(key)
	return string(sum[:])
}
