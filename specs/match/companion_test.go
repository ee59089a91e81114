package match_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

func TestWhatIsKnownOfASecret(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	certificate := &x509.Certificate{PublicKey: key.Public()}
	secret := func(content *vault.Content) *vault.Exchange {
		return &vault.Exchange{Response: &vault.Response{Status: 200, Content: content}}
	}
	for _, test := range []struct {
		name    string
		test    match.Test
		content *vault.Content
		holds   bool
	}{
		{"a PKCS#12", match.Opens(vault.FormPKCS12), &vault.Content{Form: vault.FormPKCS12}, true},
		{"PEM in its place", match.Opens(vault.FormPKCS12), &vault.Content{Form: vault.FormPEM}, false},
		{"one that does not open", match.Opens(vault.FormPKCS12), &vault.Content{Form: vault.FormPKCS12, Problem: "no"}, false},
		{"neither form", match.Opens(vault.FormPEM), &vault.Content{Problem: "no"}, false},
		{"no value", match.Opens(vault.FormPEM), nil, false},
		{"the certificate", match.HoldsCertificates([]byte("a")), &vault.Content{Certificates: [][]byte{[]byte("b"), []byte("a")}}, true},
		{"another certificate", match.HoldsCertificates([]byte("a")), &vault.Content{Certificates: [][]byte{[]byte("b")}}, false},
		{"the chain without one", match.HoldsCertificates([]byte("a"), []byte("b")), &vault.Content{Certificates: [][]byte{[]byte("a")}}, false},
		{"the key", match.HoldsKeyOf(certificate), &vault.Content{Keys: [][]byte{public}}, true},
		{"no key", match.HoldsKeyOf(certificate), &vault.Content{}, false},
		{"another key", match.HoldsKeyOf(certificate), &vault.Content{Keys: [][]byte{[]byte("b")}}, false},
		{"two keys", match.HoldsKeyOf(certificate), &vault.Content{Keys: [][]byte{public, public}}, false},
		{"no key where none may be", match.HoldsNoKey(), &vault.Content{Blocks: []string{"CERTIFICATE"}}, true},
		{"a key where none may be", match.HoldsNoKey(), &vault.Content{Keys: [][]byte{public}}, false},
		{"a key that cannot be read, where none may be", match.HoldsNoKey(), &vault.Content{Blocks: []string{"ENCRYPTED PRIVATE KEY"}}, false},
		{"PKCS#8", match.KeyIsPKCS8(), &vault.Content{Blocks: []string{"CERTIFICATE", "PRIVATE KEY"}}, true},
		{"PKCS#1", match.KeyIsPKCS8(), &vault.Content{Blocks: []string{"RSA PRIVATE KEY"}}, false},
		{"the same", match.SameContent(secret(&vault.Content{Form: vault.FormPEM, Keys: [][]byte{public}})), &vault.Content{Form: vault.FormPEM, Keys: [][]byte{public}}, true},
		{"another form", match.SameContent(secret(&vault.Content{Form: vault.FormPEM})), &vault.Content{Form: vault.FormPKCS12}, false},
		{"without its key", match.SameContent(secret(&vault.Content{Keys: [][]byte{public}})), &vault.Content{}, false},
	} {
		if failure := test.test(secret(test.content)); (failure == nil) != test.holds {
			t.Errorf("%s: %v", test.name, failure)
		}
	}
	unsupported := match.Opens(vault.FormPKCS12)(secret(&vault.Content{Unsupported: true, Problem: "an unknown cipher"}))
	if unsupported == nil || !unsupported.Unreadable {
		t.Errorf("a cipher that this build lacks is %v, want a failure that says so", unsupported)
	}
}

func TestKeysAreComparedByTheirNumbers(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ecKey.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	url := base64.RawURLEncoding.EncodeToString
	rsaText := fmt.Sprintf(`"kty":"RSA","n":%q,"e":"AQAB"`, url(rsaKey.N.Bytes()))
	ecText := fmt.Sprintf(`"kty":"EC","crv":"P-256","x":%q,"y":%q`, url(point[1:33]), url(point[33:]))
	ofRSA, ofEC := &x509.Certificate{PublicKey: rsaKey.Public()}, &x509.Certificate{PublicKey: ecKey.Public()}
	for _, test := range []struct {
		name  string
		test  match.Test
		key   string
		holds bool
	}{
		{"an RSA key", match.PublicKeyIs(ofRSA), rsaText, true},
		{"its numbers in padded base64", match.PublicKeyIs(ofRSA), fmt.Sprintf(`"n":%q,"e":"AQAB"`, base64.StdEncoding.EncodeToString(rsaKey.N.Bytes())), false},
		{"another exponent", match.PublicKeyIs(ofRSA), fmt.Sprintf(`"n":%q,"e":"Aw"`, url(rsaKey.N.Bytes())), false},
		{"an EC key", match.PublicKeyIs(ofEC), ecText, true},
		{"an RSA key for an EC certificate", match.PublicKeyIs(ofEC), rsaText, false},
		{"swapped coordinates", match.PublicKeyIs(ofEC), fmt.Sprintf(`"x":%q,"y":%q`, url(point[33:]), url(point[1:33])), false},
		{"the type", match.KeyTypeOf(ofRSA), rsaText, true},
		{"the type of a hardware module", match.KeyTypeOf(ofRSA), `"kty":"RSA-HSM"`, true},
		{"another type", match.KeyTypeOf(ofEC), rsaText, false},
		{"the curve", match.CurveOf(ecKey.Public()), ecText, true},
		{"another curve", match.CurveOf(ecKey.Public()), `"crv":"P-384"`, false},
		{"no private half", match.NoPrivateMembers(), ecText, true},
		{"a private half", match.NoPrivateMembers(), ecText + `,"d":"[redacted]"`, false},
		{"more operations", match.Includes([]string{"sign"}, "key", "key_ops"), `"key_ops":["verify","sign"]`, true},
		{"fewer operations", match.Includes([]string{"sign"}, "key", "key_ops"), `"key_ops":["verify"]`, false},
	} {
		e := &vault.Exchange{Response: &vault.Response{Status: 200, Body: vault.Body(`{"key":{` + test.key + `}}`)}}
		if failure := test.test(e); (failure == nil) != test.holds {
			t.Errorf("%s: %v", test.name, failure)
		}
	}
}
