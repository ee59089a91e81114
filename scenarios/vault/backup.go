package vault

import (
	"bytes"
	"context"
	"net/http"
	"strings"
)

// BackupCertificate makes a backup of a certificate (POST /certificates/{name}/backup) and returns it beside the exchange:
// a backup may have the private key in it, so the exchange keeps only its form.
func (c *Client) BackupCertificate(ctx context.Context, name string, options ...Option) (*Exchange, string) {
	e := c.call(ctx, BackupCertificate, http.MethodPost, certificate(name, "backup"), nil, options)
	backup := e.Text("value")
	if backup != "" {
		body := bytes.ReplaceAll(e.Response.Body, []byte(backup), []byte(formOf(backup)))
		e.Response = &Response{Status: e.Response.Status, Header: e.Response.Header, Body: body}
	}
	return e, backup
}

// RestoreCertificate restores a certificate from a backup (POST /certificates/restore).
func (c *Client) RestoreCertificate(ctx context.Context, backup string, options ...Option) *Exchange {
	type parameters struct {
		Value string `json:"value,omitempty"`
	}
	options = append(options, SentBack())
	return c.call(ctx, RestoreCertificate, http.MethodPost, []string{"certificates", "restore"},
		&content{value: parameters{backup}, redacted: parameters{formOf(backup)}}, options)
}

// formOf is a text with every letter and digit blotted out: its length and its other characters are left, by which its
// encoding can be judged.
func formOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return 'x'
		}
		return r
	}, text)
}
