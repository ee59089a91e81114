package fault

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// limits are legal imports and names at the ends of what is legal that are refused, and names beyond them that are accepted.
func limits() []Fault {
	var list []Fault
	for _, key := range []struct{ kind, id string }{
		{"RSA 3072", "rsa-3072"}, {"RSA 4096", "rsa-4096"}, {"EC 384", "p-384"}, {"EC 521", "p-521"},
	} {
		ofKind := func(r *http.Request) bool { return sentKey(r) == key.kind }
		list = append(list,
			refusedIf("import-of-"+key.id+"-refused", "an import of a key of the kind "+key.kind+" is refused", tamper.Import(), ofKind,
				"import-certificate/"+key.id+"-accepted"),
			edits("import-of-"+key.id+"-other-key", "the policy of an import of a key of the kind "+key.kind+" has another key",
				tamper.Import(), tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
					r := a.Request.Clone(a.Request.Context())
					return ofKind(tamper.WithBody(r, a.SentObject()))
				}, tamper.Set("policy.key_props", map[string]any{"kty": "RSA", "key_size": 2048, "exportable": true, "reuse_key": false}))),
				"import-certificate/"+key.id+"-policy"))
	}
	for _, bits := range []int{384, 521} {
		ofKind := func(r *http.Request) bool { return sentPEMKey(r) == bits }
		id := fmt.Sprintf("pem-p-%d", bits)
		list = append(list,
			refusedIf("import-of-"+id+"-refused", fmt.Sprintf("an import of a PEM with an EC key of %d bits is refused", bits),
				tamper.Import(), ofKind, "import-certificate/"+id+"-accepted"),
			edits("import-of-"+id+"-other-key", fmt.Sprintf("the policy of an import of a PEM with an EC key of %d bits has another curve", bits),
				tamper.Import(), tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
					return ofKind(tamper.WithBody(a.Request.Clone(a.Request.Context()), a.SentObject()))
				}, tamper.Set("policy.key_props", map[string]any{"kty": "EC", "crv": "P-256", "key_size": 256}))),
				"import-certificate/"+id+"-policy"))
	}
	long := func(r *http.Request) bool { return len(tamper.Name(r)) > 127 }
	invalid := func(r *http.Request) bool { return strings.ContainsAny(tamper.Name(r), "_.") }
	return append(list,
		refusedIf("import-without-password-refused", "an import of a PFX without a password is refused", tamper.Import(),
			func(r *http.Request) bool {
				body := sentObject(r)
				return sentKey(r) != "" && body["pwd"] == nil
			}, "import-certificate/no-password-accepted"),
		refusedIf("import-of-a-pem-chain-refused", "an import of a PEM with a chain is refused", tamper.Import(), hasPEMChain,
			"import-certificate/pem-chain-accepted"),
		edits("import-of-a-pem-chain-other-leaf", "an import of a PEM with a chain returns another certificate", tamper.Import(),
			tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
				return strings.Count(string(a.Sent), "BEGIN CERTIFICATE") > 1
			}, tamper.Drop("cer"))), "import-certificate/pem-chain-cer"),
		refusedIf("longest-name-refused", "a create with a name of 127 characters is refused", tamper.Create(),
			func(r *http.Request) bool { return len(tamper.Name(r)) == 127 }, "create-manually/name-longest"),
		acceptedName("long-name-accepted", "a create with a name of 128 characters is accepted", tamper.Create(), long,
			"create-manually/name-too-long"),
		acceptedName("name-with-dot-accepted", "a create with a name that has a dot is accepted", tamper.Create(),
			func(r *http.Request) bool { return strings.Contains(tamper.Name(r), ".") }, "create-manually/name-with-dot"),
		acceptedName("long-name-imported", "an import under a name of 128 characters is accepted", tamper.Import(), long,
			"import-certificate/name-too-long"),
		acceptedName("invalid-name-imported", "an import under a name that has an underscore is accepted", tamper.Import(), invalid,
			"import-certificate/invalid-name"),
	)
}

// refusedIf builds a fault that refuses some requests with 400.
func refusedIf(id, title string, on tamper.On, when func(*http.Request) bool, breaks ...string) Fault {
	return acts(id, title, on, func(next http.Handler, r *http.Request) *tamper.Response {
		if when(r) {
			return refusal(r, http.StatusBadRequest, "BadParameter")
		}
		return tamper.Pass(next, r)
	}, breaks...)
}

// acceptedName builds a fault that accepts requests about names that are not legal. The operation is recognised by the end
// of the path, because a path with such a name has no operation.
func acceptedName(id, title string, on tamper.On, when func(*http.Request) bool, breaks ...string) Fault {
	named := func(r *http.Request) bool {
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		if len(parts) != 3 || parts[0] != "certificates" {
			return false
		}
		legal := tamper.WithPath(r, "/certificates/legal/"+parts[2])
		return on(legal) && when(r)
	}
	return edits(id, title, named, tamper.OnStatus(http.StatusBadRequest, func(a *tamper.Response) {
		a.Status = http.StatusOK
		a.SetObject(map[string]any{"id": a.Request.URL.Path, "attributes": map[string]any{"enabled": true}})
	}), breaks...)
}

func hasPEMChain(r *http.Request) bool {
	return strings.Count(string(tamper.Sent(r)), "BEGIN CERTIFICATE") > 1
}

// sentKey is the kind and the size of the key in the PFX of an import, "" if another format was sent.
func sentKey(r *http.Request) string {
	switch key := sentPFX(&tamper.Response{Sent: tamper.Sent(r)}).key.(type) {
	case *rsa.PrivateKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PrivateKey:
		return fmt.Sprintf("EC %d", key.Params().BitSize)
	}
	return ""
}

// sentPEMKey is the size of the EC key in the PEM of an import, 0 if anything else was sent.
func sentPEMKey(r *http.Request) int {
	value, _ := sentObject(r)["value"].(string)
	for block, rest := pem.Decode([]byte(value)); block != nil; block, rest = pem.Decode(rest) {
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if elliptic, ok := key.(*ecdsa.PrivateKey); err == nil && ok {
			return elliptic.Params().BitSize
		}
	}
	return 0
}
