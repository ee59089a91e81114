package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/schemas"
)

// requestList is what every program of the comparison sends: the requests in turn, as often as the rounds say.
type requestList struct {
	Config  string // the target file
	Version string // the api-version
	Rounds  int
	Kinds   []request
}

// request is a GET whose response has status 200, is JSON and has the form that the API documents for the operation.
type request struct {
	Operation string
	Path      string
	Name      string // the certificate; empty for the list of all
}

// readings are the requests of one round, of a certificate that is complete and one that stays in progress.
func readings(complete, pending string) []request {
	return []request{
		{"GetCertificateOperation", "/certificates/" + pending + "/pending", pending},
		{"GetCertificate", "/certificates/" + complete, complete},
		{"GetCertificatePolicy", "/certificates/" + complete + "/policy", complete},
		{"GetCertificateVersions", "/certificates/" + complete + "/versions", complete},
		{"GetCertificates", "/certificates", ""},
	}
}

// checkRequests is the program that a user of the Go packages would write: it sends the requests of a list and checks each
// response with the documents of kvconform. It fails at the first response that they reject.
func checkRequests(ctx context.Context, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list requestList
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	target, err := runner.LoadTarget(list.Config)
	if err != nil {
		return err
	}
	transport, err := target.Transport()
	if err != nil {
		return err
	}
	checker, err := newChecker()
	if err != nil {
		return err
	}
	client := &http.Client{Transport: transport}
	for range list.Rounds {
		for _, of := range list.Kinds {
			if err := checker.get(ctx, client, target.Endpoint+of.Path+"?api-version="+list.Version, target.Auth.Token.Value); err != nil {
				return fmt.Errorf("%s: %w", of.Operation, err)
			}
		}
	}
	return nil
}

// checker checks responses as kvconform does: the document of the operations, and the schema of the state that a body shows.
type checker struct {
	document *schemas.Document
	set      *schemas.Set
}

func newChecker() (*checker, error) {
	document, err := schemas.LoadDocument()
	if err != nil {
		return nil, err
	}
	set, err := schemas.Compile()
	return &checker{document, set}, err
}

func (c *checker) get(ctx context.Context, client *http.Client, url, token string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	came, err := client.Do(request)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(came.Body)
	if err := errors.Join(err, came.Body.Close()); err != nil {
		return err
	}
	if came.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", came.StatusCode, bytes.TrimSpace(raw))
	}
	body, err := schemas.Decode(raw)
	if err != nil {
		return err
	}
	sent := schemas.Request{Method: http.MethodGet, URL: url, Header: request.Header}
	response := schemas.Response{Status: came.StatusCode, Header: came.Header, Raw: raw, Body: body}
	problems := c.document.CheckResponse(sent, response)
	kind, ok := c.document.ResponseKind(sent, response)
	if !ok {
		return fmt.Errorf("no kind of body is known of %s", url)
	}
	if problems = append(problems, c.set.Check(kind, body)...); len(problems) > 0 {
		return fmt.Errorf("%v", problems)
	}
	return nil
}
