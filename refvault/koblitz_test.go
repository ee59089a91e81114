package refvault_test

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	koblitz "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// The standard library reads no request with a key on P-256K, so the signature is verified with another library.
func TestAManualRequestWithAKeyOnP256KIsSigned(t *testing.T) {
	b := newBench(t, nil)
	r := b.send(http.MethodPost, "/certificates/a/create", withPolicy(map[string]any{"key_props.crv": "P-256K", "issuer.name": "Unknown"})).
		must(http.StatusAccepted)
	der, err := base64.StdEncoding.DecodeString(r.text("csr"))
	if err != nil {
		t.Fatal(err)
	}
	var request struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var tbs struct {
		Version int
		Subject asn1.RawValue
		Key     struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       asn1.BitString
		}
		Attributes asn1.RawValue
	}
	if _, err := asn1.Unmarshal(der, &request); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(request.TBS.FullBytes, &tbs); err != nil {
		t.Fatal(err)
	}
	key, err := secp256k1.ParsePubKey(tbs.Key.Key.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := koblitz.ParseDERSignature(request.Signature.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if digest := sha256.Sum256(request.TBS.FullBytes); !signature.Verify(digest[:], key) {
		t.Error("the key of the request does not verify its signature")
	}
}
