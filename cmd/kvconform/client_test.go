package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
)

// clientLine makes the program of the tests a client: the paths that it reads by the proxy, and the token.
var clientLine = flag.String("client", "", "paths to read and a token")

// TestIsAClient is what `kvconform proxy -- COMMAND` runs in the test of that command.
func TestIsAClient(t *testing.T) {
	if *clientLine == "" {
		t.Skip("it is a client of another test")
	}
	ca, err := os.ReadFile(os.Getenv("KVCONFORM_PROXY_CA"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	words := strings.Fields(*clientLine)
	if len(words) < 2 {
		t.Fatal("the client fails, as it was asked to")
	}
	for _, path := range words[:len(words)-1] {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, os.Getenv("KVCONFORM_PROXY_URL")+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+words[len(words)-1])
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
