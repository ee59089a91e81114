// Package sdkgo_test drives the reference vault with Azure's client library for Go, which others wrote: it understands
// only responses that are right.
package sdkgo_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azcertificates"

	"github.com/kvconform/kvconform/refvault"
)

// staticCredential gives out the token that the vault accepts, and remembers for which scopes it was asked.
type staticCredential struct{ scopes []string }

func (c *staticCredential) GetToken(_ context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.scopes = append(c.scopes, options.Scopes...)
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// sdk is the Go SDK's client, which others wrote: what it understands was said rightly.
type sdk struct {
	*bench
	client     *azcertificates.Client
	credential *staticCredential
}

func newSDK(t *testing.T, manner refvault.Manner) *sdk {
	t.Helper()
	b := newBench(t, func(o *refvault.Options) { o.Manner = manner })
	credential := &staticCredential{}
	client, err := azcertificates.NewClient(b.server.URL, credential, &azcertificates.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Transport: b.server.Client(), Retry: policy.RetryOptions{MaxRetries: -1},
		},
		// The vault's host is an address on loopback.
		DisableChallengeResourceVerification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &sdk{bench: b, client: client, credential: credential}
}

func (s *sdk) create(name, issuer string) azcertificates.CertificateOperation {
	s.t.Helper()
	r, err := s.client.CreateCertificate(s.t.Context(), name, azcertificates.CreateCertificateParameters{
		CertificatePolicy: &azcertificates.CertificatePolicy{
			IssuerParameters: &azcertificates.IssuerParameters{Name: &issuer},
			KeyProperties: &azcertificates.KeyProperties{
				KeyType: to.Ptr(azcertificates.KeyTypeEC), Curve: to.Ptr(azcertificates.CurveNameP384),
			},
			X509CertificateProperties: &azcertificates.X509CertificateProperties{
				Subject:                 to.Ptr("CN=example.com"),
				SubjectAlternativeNames: &azcertificates.SubjectAlternativeNames{IPAddresses: []*string{to.Ptr("::1")}},
			},
		},
		Tags: map[string]*string{"k": to.Ptr("v")},
	}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.CertificateOperation
}

func (s *sdk) operation(name string) azcertificates.CertificateOperation {
	s.t.Helper()
	r, err := s.client.GetCertificateOperation(s.t.Context(), name, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.CertificateOperation
}

// failsWith fails the test unless the SDK saw an error of the API with this status and code.
func (s *sdk) failsWith(err error, status int, code string) {
	s.t.Helper()
	var answered *azcore.ResponseError
	if !errors.As(err, &answered) || answered.StatusCode != status || answered.ErrorCode != code {
		s.t.Errorf("error %v, want %d %s", err, status, code)
	}
}

func eachMannerWithSDK(t *testing.T, test func(t *testing.T, s *sdk, manner refvault.Manner)) {
	t.Helper()
	for _, manner := range []refvault.Manner{refvault.Observed, refvault.Documented} {
		t.Run(string(manner), func(t *testing.T) { test(t, newSDK(t, manner), manner) })
	}
}

func TestSDKCreatesPollsAndReads(t *testing.T) {
	eachMannerWithSDK(t, func(t *testing.T, s *sdk, _ refvault.Manner) {
		created := s.create("a", "Self")
		if *created.Status != "inProgress" || *created.CancellationRequested {
			t.Errorf("created: %+v", created)
		}
		if want := s.server.URL + "/.default"; !slices.Contains(s.credential.scopes, want) {
			t.Errorf("the challenge led to the scopes %v, not %s", s.credential.scopes, want)
		}
		s.clock.Advance(time.Second)
		if polled := s.operation("a"); *polled.Status != "completed" || *polled.RequestID != *created.RequestID || polled.Target == nil {
			t.Errorf("polled: %+v", polled)
		}
		current, err := s.client.GetCertificate(t.Context(), "a", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if current.ID.Name() != "a" || len(current.ID.Version()) != 32 || *current.Tags["k"] != "v" || current.Policy == nil {
			t.Errorf("certificate: %+v", current)
		}
		exact, err := s.client.GetCertificate(t.Context(), "a", current.ID.Version(), nil)
		if err != nil || !bytes.Equal(exact.CER, current.CER) {
			t.Errorf("version: %+v, %v", exact, err)
		}
		_, err = s.client.GetCertificate(t.Context(), "none", "", nil)
		s.failsWith(err, http.StatusNotFound, "CertificateNotFound")
	})
}

func TestSDKCancelsAndDeletesAnOperation(t *testing.T) {
	eachMannerWithSDK(t, func(t *testing.T, s *sdk, manner refvault.Manner) {
		s.create("a", "stays")
		cancel := azcertificates.UpdateCertificateOperationParameter{CancellationRequested: to.Ptr(true)}
		asked, err := s.client.UpdateCertificateOperation(t.Context(), "a", cancel, nil)
		if err != nil || *asked.Status != "inProgress" || !*asked.CancellationRequested {
			t.Fatalf("cancellation: %+v, %v", asked, err)
		}
		s.clock.Advance(time.Second)
		want := map[refvault.Manner]string{refvault.Observed: "cancelled", refvault.Documented: "canceled"}[manner]
		if got := *s.operation("a").Status; got != want {
			t.Errorf("status %q, want %q", got, want)
		}
		_, err = s.client.UpdateCertificateOperation(t.Context(), "a", cancel, nil)
		if manner == refvault.Observed {
			s.failsWith(err, http.StatusForbidden, "Forbidden")
		} else {
			s.failsWith(err, http.StatusBadRequest, "BadParameter")
		}
		removed, err := s.client.DeleteCertificateOperation(t.Context(), "a", nil)
		if err != nil || *removed.Status != want {
			t.Errorf("removed: %+v, %v", removed, err)
		}
		_, err = s.client.GetCertificateOperation(t.Context(), "a", nil)
		s.failsWith(err, http.StatusNotFound, "PendingCertificateNotFound")
	})
}

func TestSDKReadsWhyAnOperationFailed(t *testing.T) {
	s := newSDK(t, refvault.Observed)
	s.create("a", "rejects")
	s.clock.Advance(time.Second)
	if failed := s.operation("a"); *failed.Status != "failed" || failed.Error == nil || failed.Error.Code != "Request rejected" {
		t.Errorf("operation: %+v", failed)
	}
}

func TestSDKMergesAManualRequest(t *testing.T) {
	eachMannerWithSDK(t, func(t *testing.T, s *sdk, _ refvault.Manner) {
		created := s.create("a", "Unknown")
		_, err := s.client.CreateCertificate(t.Context(), "a", azcertificates.CreateCertificateParameters{}, nil)
		var answered *azcore.ResponseError
		if !errors.As(err, &answered) || answered.StatusCode != http.StatusConflict {
			t.Errorf("a second create: %v", err)
		}
		signed := newAuthority(t).sign(t, created.CSR)
		merged, err := s.client.MergeCertificate(t.Context(), "a",
			azcertificates.MergeCertificateParameters{X509Certificates: [][]byte{signed}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(merged.CER, signed) || *merged.Policy.IssuerParameters.Name != "Unknown" || len(merged.X509Thumbprint) != 20 {
			t.Errorf("merged: %+v", merged)
		}
		if got := *s.operation("a").Status; got != "completed" {
			t.Errorf("status %q", got)
		}
	})
}

func TestSDKImportsPFXAndPEM(t *testing.T) {
	s := newSDK(t, refvault.Observed)
	l := newAuthority(t)
	for name, parameters := range map[string]azcertificates.ImportCertificateParameters{
		"pfx": {Base64EncodedCertificate: to.Ptr(l.pfx(t, "secret")), Password: to.Ptr("secret")},
		"pem": {
			Base64EncodedCertificate: to.Ptr(l.pem(t)),
			CertificatePolicy: &azcertificates.CertificatePolicy{
				SecretProperties: &azcertificates.SecretProperties{ContentType: to.Ptr("application/x-pem-file")},
			},
		},
	} {
		imported, err := s.client.ImportCertificate(t.Context(), name, parameters, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(imported.CER, l.cert.Raw) || !strings.HasSuffix(*imported.Policy.SecretProperties.ContentType, map[string]string{
			"pfx": "pkcs12", "pem": "pem-file",
		}[name]) {
			t.Errorf("%s: %+v", name, imported)
		}
	}
}

func TestSDKListsDeletesRecoversAndRestores(t *testing.T) {
	s := newSDK(t, refvault.Observed)
	ctx := t.Context()
	for i := range 30 {
		s.create("c"+strings.Repeat("x", i), "Self")
	}
	s.clock.Advance(time.Second)
	var listed int
	for pager := s.client.NewListCertificatePropertiesPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page.Value)
	}
	if listed != 30 {
		t.Errorf("%d certificates were listed, want 30", listed)
	}

	backup, err := s.client.BackupCertificate(ctx, "c", nil)
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := s.client.DeleteCertificate(ctx, "c", nil)
	if err != nil || deleted.RecoveryID == nil || deleted.ScheduledPurgeDate == nil {
		t.Fatalf("deleted: %+v, %v", deleted, err)
	}
	if _, err := s.client.GetDeletedCertificate(ctx, "c", nil); err != nil {
		t.Error(err)
	}
	recovered, err := s.client.RecoverDeletedCertificate(ctx, "c", nil)
	if err != nil || recovered.ID.Version() != deleted.ID.Version() {
		t.Errorf("recovered: %+v, %v", recovered, err)
	}
	if _, err := s.client.DeleteCertificate(ctx, "c", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.PurgeDeletedCertificate(ctx, "c", nil); err != nil {
		t.Fatal(err)
	}
	restored, err := s.client.RestoreCertificate(ctx,
		azcertificates.RestoreCertificateParameters{CertificateBackup: backup.Value}, nil)
	if err != nil || !bytes.Equal(restored.CER, recovered.CER) {
		t.Errorf("restored: %+v, %v", restored, err)
	}
}

func TestSDKIsTurnedAwayWithAnotherToken(t *testing.T) {
	b := newBench(t, func(o *refvault.Options) { o.Token = "another" })
	client, err := azcertificates.NewClient(b.server.URL, &staticCredential{}, &azcertificates.ClientOptions{
		ClientOptions:                        azcore.ClientOptions{Transport: b.server.Client(), Retry: policy.RetryOptions{MaxRetries: -1}},
		DisableChallengeResourceVerification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetCertificate(t.Context(), "a", "", nil)
	(&sdk{bench: b}).failsWith(err, http.StatusUnauthorized, "Unauthorized")
}
