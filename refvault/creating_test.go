package refvault_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/refvault"
)

// withPolicy is the usual create, with the members under the paths replaced; a nil removes one.
func withPolicy(changes map[string]any) map[string]any {
	body := createBody("Self")
	for path, value := range changes {
		names := strings.Split(path, ".")
		group := body["policy"].(map[string]any)
		for _, name := range names[:len(names)-1] {
			if group[name] == nil {
				group[name] = map[string]any{}
			}
			group = group[name].(map[string]any)
		}
		if value == nil {
			delete(group, names[len(names)-1])
		} else {
			group[names[len(names)-1]] = value
		}
	}
	return body
}

func action(kind string, trigger map[string]any) map[string]any {
	return map[string]any{"trigger": trigger, "action": map[string]any{"action_type": kind}}
}

func TestCreateRefusesWhatCannotBeMet(t *testing.T) {
	percent := func(n int) map[string]any { return map[string]any{"lifetime_percentage": n} }
	days := func(n int) map[string]any { return map[string]any{"days_before_expiry": n} }
	actions := func(list ...map[string]any) map[string]any {
		return withPolicy(map[string]any{"lifetime_actions": list})
	}
	for name, body := range map[string]any{
		"no policy":                `{}`,
		"policy null":              `{"policy":null}`,
		"no X.509 properties":      withPolicy(map[string]any{"x509_props": nil}),
		"no subject":               withPolicy(map[string]any{"x509_props.subject": nil}),
		"no subject, empty sans":   withPolicy(map[string]any{"x509_props.subject": nil, "x509_props.sans": map[string]any{}}),
		"subject without a type":   withPolicy(map[string]any{"x509_props.subject": "example.com"}),
		"subject without a value":  withPolicy(map[string]any{"x509_props.subject": "CN="}),
		"subject of unknown type":  withPolicy(map[string]any{"x509_props.subject": "XYZZY=a"}),
		"subject with open quote":  withPolicy(map[string]any{"x509_props.subject": `CN="a`}),
		"subject with loose comma": withPolicy(map[string]any{"x509_props.subject": "CN=a, b"}),
		"subject too long":         withPolicy(map[string]any{"x509_props.subject": "CN=" + strings.Repeat("a", 198)}),
		"subject a number":         withPolicy(map[string]any{"x509_props.subject": 1}),
		"san not ASCII":            withPolicy(map[string]any{"x509_props.sans": map[string]any{"dns_names": []string{"ä.example"}}}),
		"san no IP address":        withPolicy(map[string]any{"x509_props.sans": map[string]any{"ipAddresses": []string{"1.2.3"}}}),
		"EKU no OID":               withPolicy(map[string]any{"x509_props.ekus": []string{"serverAuth"}}),
		"unknown key usage":        withPolicy(map[string]any{"x509_props.key_usage": []string{"signing"}}),
		"negative validity":        withPolicy(map[string]any{"x509_props.validity_months": -1}),
		"endless validity":         withPolicy(map[string]any{"x509_props.validity_months": 1201}),
		"validity as text":         withPolicy(map[string]any{"x509_props.validity_months": "12"}),
		"unknown kty":              withPolicy(map[string]any{"key_props": map[string]any{"kty": "DSA"}}),
		"symmetric key":            withPolicy(map[string]any{"key_props": map[string]any{"kty": "oct"}}),
		"key size 1024":            withPolicy(map[string]any{"key_props": map[string]any{"kty": "RSA", "key_size": 1024}}),
		"RSA with a curve":         withPolicy(map[string]any{"key_props": map[string]any{"kty": "RSA", "crv": "P-256"}}),
		"unknown curve":            withPolicy(map[string]any{"key_props.crv": "P-255"}),
		"curve of another size":    withPolicy(map[string]any{"key_props.key_size": 384}),
		"curve without X.509":      withPolicy(map[string]any{"key_props.crv": "P-256K"}),
		"exportable HSM key":       withPolicy(map[string]any{"key_props": map[string]any{"kty": "RSA-HSM", "exportable": true}}),
		"unknown content type":     withPolicy(map[string]any{"secret_props": map[string]any{"contentType": "text/plain"}}),
		"unknown issuer":           createBody("nobody"),
		"two actions":              actions(action("AutoRenew", percent(80)), action("EmailContacts", percent(90))),
		"unknown action":           actions(action("Panic", percent(80))),
		"0 percent":                actions(action("AutoRenew", percent(0))),
		"100 percent":              actions(action("AutoRenew", percent(100))),
		"0 days":                   actions(action("AutoRenew", days(0))),
		"more days than it lasts":  actions(action("AutoRenew", days(12*27+1))),
		"no trigger":               actions(action("AutoRenew", map[string]any{})),
		"two triggers":             actions(action("AutoRenew", map[string]any{"lifetime_percentage": 80, "days_before_expiry": 5})),
		"sixteen tags":             map[string]any{"policy": createBody("Self")["policy"], "tags": manyTags(16)},
		"tag that is a number":     map[string]any{"policy": createBody("Self")["policy"], "tags": map[string]any{"a": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.send(http.MethodPost, "/certificates/a/create", body).refused(http.StatusBadRequest, "BadParameter")
			b.send(http.MethodGet, "/certificates/a", nil).refused(http.StatusNotFound, "CertificateNotFound")
			b.pending("a").refused(http.StatusNotFound, "PendingCertificateNotFound")
		})
	}
}

func TestCreateTakesWhatIsAtTheBounds(t *testing.T) {
	for name, body := range map[string]any{
		"subject of 200 characters": withPolicy(map[string]any{"x509_props.subject": "CN=" + strings.Repeat("a", 197)}),
		"alternative names alone":   withPolicy(map[string]any{"x509_props": map[string]any{"sans": map[string]any{"dns_names": []string{"a.example"}}}}),
		"fifteen tags":              map[string]any{"policy": createBody("Self")["policy"], "tags": manyTags(15)},
		"1 percent":                 withPolicy(map[string]any{"lifetime_actions": []any{action("autoRenew", map[string]any{"lifetime_percentage": 1})}}),
		"99 percent":                withPolicy(map[string]any{"lifetime_actions": []any{action("EmailContacts", map[string]any{"lifetime_percentage": 99})}}),
		"as many days as it lasts":  withPolicy(map[string]any{"lifetime_actions": []any{action("AutoRenew", map[string]any{"days_before_expiry": 12 * 27})}}),
		"no usages at all":          withPolicy(map[string]any{"x509_props.key_usage": []string{}, "x509_props.ekus": []string{}}),
		"HSM key":                   withPolicy(map[string]any{"key_props": map[string]any{"kty": "EC-HSM"}}),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
			b.clock.Advance(time.Second)
			if got := b.pending("a").text("status"); got != "completed" {
				t.Errorf("status %q", got)
			}
		})
	}
}

func TestPolicyDefaults(t *testing.T) {
	for _, test := range []struct {
		issuer any // the member issuer of the policy
		name   string
		action string
	}{
		{map[string]any{"name": "Self"}, "Self", "AutoRenew"},
		{map[string]any{"name": "stays"}, "stays", "AutoRenew"},
		{map[string]any{"name": "Unknown"}, "Unknown", "EmailContacts"},
		{map[string]any{}, "Unknown", "EmailContacts"},
		{nil, "Unknown", "EmailContacts"},
	} {
		b := newBench(t, nil)
		body := withPolicy(map[string]any{"issuer": test.issuer, "key_props": nil})
		created := b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
		if got := created.text("issuer", "name"); got != test.name {
			t.Errorf("operation's issuer %q, want %q", got, test.name)
		}
		r := b.send(http.MethodGet, "/certificates/a/policy", nil).must(http.StatusOK)
		r.hasExactly("id", "key_props", "secret_props", "x509_props", "lifetime_actions", "issuer", "attributes")
		for path, want := range map[string]any{
			"key_props.exportable": true, "key_props.kty": "RSA", "key_props.key_size": 2048.0, "key_props.reuse_key": false,
			"key_props.crv": nil, "secret_props.contentType": "application/x-pkcs12", "x509_props.subject": "CN=example.com",
			"x509_props.sans": nil, "x509_props.validity_months": 12.0, "x509_props.basic_constraints.ca": false,
			"issuer.name": test.name, "issuer.cert_transparency": nil, "attributes.enabled": true,
			"id": b.server.URL + "/certificates/a/policy",
		} {
			if got := r.at(strings.Split(path, ".")...); got != want {
				t.Errorf("%v: %s is %v, want %v", test.issuer, path, got, want)
			}
		}
		if got := texts(r.at("x509_props", "key_usage")); !slices.Equal(got, []string{"digitalSignature", "keyEncipherment"}) {
			t.Errorf("key_usage %v", got)
		}
		if got := texts(r.at("x509_props", "ekus")); !slices.Equal(got, []string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}) {
			t.Errorf("ekus %v", got)
		}
		if got := actionOf(r); got != test.action {
			t.Errorf("%v: action %q, want %q", test.issuer, got, test.action)
		}
	}
}

func TestPolicyIsEchoedAsItWasSent(t *testing.T) {
	b := newBench(t, nil)
	b.send(http.MethodPost, "/certificates/a/create", withPolicy(map[string]any{
		"x509_props.sans": map[string]any{}, "x509_props.key_usage": []string{"keyCertSign", "crlSign", "DigitalSignature"},
		"issuer": map[string]any{"name": "self", "cty": "OV-SSL", "cert_transparency": false}, "unheard-of": 1,
	})).must(http.StatusAccepted)
	r := b.send(http.MethodGet, "/certificates/a/policy", nil).must(http.StatusOK)
	if sans, isObject := r.at("x509_props", "sans").(map[string]any); !isObject || len(sans) != 0 {
		t.Errorf("sans: %s", r.Text)
	}
	if got := texts(r.at("x509_props", "key_usage")); !slices.Equal(got, []string{"cRLSign", "digitalSignature", "keyCertSign"}) {
		t.Errorf("key_usage %v", got)
	}
	if r.text("issuer", "name") != "self" || r.text("issuer", "cty") != "OV-SSL" || r.at("issuer", "cert_transparency") != false {
		t.Errorf("issuer: %s", r.Text)
	}
}

// richPolicy asks for everything that a policy can.
func richPolicy(issuer string) map[string]any {
	return withPolicy(map[string]any{
		"issuer":             map[string]any{"name": issuer},
		"key_props":          map[string]any{"kty": "RSA", "key_size": 2048},
		"x509_props.subject": `C=US, O="Contoso, Ltd.", OU=a\+b, E=me@example, CN=example.com`,
		"x509_props.sans": map[string]any{
			"dns_names": []string{"a.example", "*.b.example"}, "emails": []string{"me@example"}, "upns": []string{"me@corp"},
			"uris": []string{"https://a.example/x"}, "ipAddresses": []string{"10.0.0.1", "2001:0db8::1"},
		},
		"x509_props.ekus":            []string{"1.3.6.1.5.5.7.3.2", "1.2.3.4"},
		"x509_props.key_usage":       []string{"digitalSignature", "keyAgreement", "decipherOnly"},
		"x509_props.validity_months": 1,
	})
}

func TestRequestAndCertificateAreTrueToThePolicy(t *testing.T) {
	for _, issuer := range []string{"Self", "completes"} {
		t.Run(issuer, func(t *testing.T) {
			b := newBench(t, nil)
			created := b.send(http.MethodPost, "/certificates/a/create", richPolicy(issuer)).must(http.StatusAccepted)
			request := parseCSR(t, created.text("csr"))
			// String writes the reverse of the DER's order, which is the policy's own.
			var name pkix.RDNSequence
			if _, err := asn1.Unmarshal(request.RawSubject, &name); err != nil {
				t.Fatal(err)
			}
			const want = `C=US,O=Contoso\, Ltd.,OU=a\+b,1.2.840.113549.1.9.1=#0c0a6d65406578616d706c65,CN=example.com`
			if got := name.String(); got != want {
				t.Errorf("subject %q, want %q", got, want)
			}
			if !bytes.Contains(request.RawSubject, []byte("\x16\x0ame@example")) {
				t.Errorf("the mail address is no IA5String: %x", request.RawSubject)
			}
			if !slices.Equal(request.DNSNames, []string{"a.example", "*.b.example"}) || len(request.EmailAddresses) != 1 ||
				len(request.URIs) != 1 || len(request.IPAddresses) != 2 || !hasExtension(request.Extensions, "2.5.29.19") {
				t.Errorf("request: %+v", request)
			}
			b.clock.Advance(time.Second)
			bundle := b.send(http.MethodGet, "/certificates/a", nil).must(http.StatusOK)
			cert := parseCER(t, bundle)
			if string(cert.RawSubject) != string(request.RawSubject) {
				t.Errorf("subject %v, want %v", cert.Subject, request.Subject)
			}
			if !slices.Equal(cert.DNSNames, request.DNSNames) || cert.KeyUsage != x509.KeyUsageDigitalSignature|
				x509.KeyUsageKeyAgreement|x509.KeyUsageDecipherOnly || len(cert.ExtKeyUsage) != 1 || len(cert.UnknownExtKeyUsage) != 1 {
				t.Errorf("certificate: %+v", cert)
			}
			if cert.IsCA || !cert.BasicConstraintsValid || len(cert.SubjectKeyId) == 0 || len(cert.AuthorityKeyId) == 0 {
				t.Errorf("certificate: %+v", cert)
			}
			// Created on 31 January, for one month: the last day of February.
			start := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
			if !cert.NotBefore.Equal(start.Add(-600*time.Second)) || !cert.NotAfter.Equal(time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)) {
				t.Errorf("valid from %v to %v", cert.NotBefore, cert.NotAfter)
			}
			if !cert.PublicKey.(*rsa.PublicKey).Equal(request.PublicKey) {
				t.Error("the certificate is for another key than the request")
			}
			selfSigned := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
			if selfSigned != (issuer == "Self") || (string(cert.RawIssuer) == string(cert.RawSubject)) != (issuer == "Self") {
				t.Errorf("self-signed: %v", selfSigned)
			}
		})
	}
}

func TestBundleIsTrueToItsCertificate(t *testing.T) {
	b := newBench(t, nil)
	b.send(http.MethodPost, "/certificates/Mixed-Case/create", map[string]any{
		"policy": createBody("Self")["policy"], "tags": map[string]string{}, "attributes": map[string]any{"enabled": false},
	}).must(http.StatusAccepted)
	b.clock.Advance(time.Second)
	r := b.send(http.MethodGet, "/certificates/mixed-case", nil).must(http.StatusOK)
	r.hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "tags", "policy", "pending")
	cert := parseCER(t, r)
	sum := sha1.Sum(cert.Raw)
	if got := r.text("x5t"); got != base64.RawURLEncoding.EncodeToString(sum[:]) || len(got) != 27 {
		t.Errorf("x5t %q", got)
	}
	if r.number("attributes", "nbf") != cert.NotBefore.Unix() || r.number("attributes", "exp") != cert.NotAfter.Unix() {
		t.Errorf("validity: %s", r.Text)
	}
	if r.at("attributes", "enabled") != false || r.text("attributes", "recoveryLevel") != "CustomizedRecoverable+Purgeable" ||
		r.number("attributes", "recoverableDays") != 7 {
		t.Errorf("attributes: %s", r.Text)
	}
	prefix := b.server.URL + "/certificates/Mixed-Case/"
	version := strings.TrimPrefix(r.text("id"), prefix)
	if len(version) != 32 || r.text("kid") != b.server.URL+"/keys/Mixed-Case/"+version ||
		r.text("sid") != b.server.URL+"/secrets/Mixed-Case/"+version || r.text("pending", "id") != prefix+"pending" {
		t.Errorf("identifiers: %s", r.Text)
	}
	b.send(http.MethodGet, "/certificates/mixed-case/"+version, nil).must(http.StatusOK).
		hasExactly("id", "kid", "sid", "x5t", "cer", "attributes", "tags")
	b.send(http.MethodGet, "/certificates/mixed-case/"+strings.Repeat("0", 32), nil).refused(http.StatusNotFound, "CertificateNotFound")
}

func TestLaterCreates(t *testing.T) {
	b := newBench(t, nil)
	first := b.completed("a")
	policy := b.send(http.MethodGet, "/certificates/a/policy", nil)
	b.clock.Advance(time.Hour)

	b.send(http.MethodPost, "/certificates/a/create", `{}`).must(http.StatusAccepted) // with the stored policy
	if r := b.send(http.MethodGet, "/certificates/a", nil); r.text("id") != first.text("id") || r.text("cer") != first.text("cer") {
		t.Errorf("the current version changed while the next is pending: %s", r.Text)
	}
	again := b.send(http.MethodGet, "/certificates/a/policy", nil)
	if again.number("attributes", "created") != policy.number("attributes", "created") ||
		again.number("attributes", "updated") != policy.number("attributes", "updated")+3601 {
		t.Errorf("times of the policy: %s", again.Text)
	}
	b.clock.Advance(time.Second)
	second := b.send(http.MethodGet, "/certificates/a", nil)
	if second.text("id") == first.text("id") || second.text("x5t") == first.text("x5t") {
		t.Errorf("no new version: %s", second.Text)
	}

	body := withPolicy(map[string]any{"x509_props.subject": "CN=replaced", "key_props": nil})
	b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
	b.clock.Advance(time.Second)
	third := b.send(http.MethodGet, "/certificates/a", nil)
	if parseCER(t, third).Subject.CommonName != "replaced" || third.text("policy", "key_props", "kty") != "RSA" {
		t.Errorf("the policy was not replaced: %s", third.Text)
	}
	if versions, _ := b.send(http.MethodGet, "/certificates/a/versions", nil).at("value").([]any); len(versions) != 3 {
		t.Errorf("%d versions, want 3", len(versions))
	}
}

func TestKeysOfVersions(t *testing.T) {
	rsaKeys := map[string]any{"kty": "RSA", "key_size": 2048}
	for _, test := range []struct {
		name  string
		props map[string]any
		same  bool
	}{
		{"RSA", rsaKeys, false},
		{"EC", map[string]any{"kty": "EC", "crv": "P-384"}, false},
		{"RSA reused", map[string]any{"kty": "RSA", "key_size": 2048, "reuse_key": true}, true},
		{"EC reused", map[string]any{"kty": "EC", "crv": "P-521", "reuse_key": true}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			// A pool of one key has to grow for every further version.
			b := newBench(t, func(o *refvault.Options) { o.Keys = refvault.NewKeyPool(1) })
			seen := map[string]bool{}
			const versions = 3
			for range versions {
				b.send(http.MethodPost, "/certificates/a/create", withPolicy(map[string]any{"key_props": test.props})).
					must(http.StatusAccepted)
				b.clock.Advance(time.Second)
				seen[string(parseCER(t, b.send(http.MethodGet, "/certificates/a", nil)).RawSubjectPublicKeyInfo)] = true
			}
			want := versions
			if test.same {
				want = 1
			}
			if len(seen) != want {
				t.Errorf("%d keys for %d versions, want %d", len(seen), versions, want)
			}
		})
	}
}

func TestKeysAreOfTheKindAskedFor(t *testing.T) {
	for crv, bits := range map[string]int{"P-256": 256, "P-384": 384, "P-521": 521} {
		b := newBench(t, nil)
		r := b.send(http.MethodPost, "/certificates/a/create", withPolicy(map[string]any{"key_props.crv": crv})).must(http.StatusAccepted)
		key, isEC := parseCSR(t, r.text("csr")).PublicKey.(*ecdsa.PublicKey)
		if !isEC || key.Curve.Params().BitSize != bits {
			t.Errorf("%s: key %v", crv, key)
		}
	}
}

func parseCSR(t *testing.T, text string) *x509.CertificateRequest {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := request.CheckSignature(); err != nil {
		t.Fatal(err)
	}
	return request
}

func parseCER(t *testing.T, bundle *reply) *x509.Certificate {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(bundle.text("cer"))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("%v: %s", err, bundle.Text)
	}
	return cert
}

func hasExtension(list []pkix.Extension, oid string) bool {
	return slices.ContainsFunc(list, func(e pkix.Extension) bool { return e.Id.String() == oid })
}
