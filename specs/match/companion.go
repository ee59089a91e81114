package match

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// The value of a secret is not kept; these tests look at what is known of it (vault.Content).

// Opens wants the value of a secret in a form, readable as a whole.
func Opens(form string) Test {
	return contentThat("a value that is "+form, func(content *vault.Content) string {
		switch {
		case content.Form != form && content.Form != "":
			return "a value that is " + content.Form
		default:
			return content.Problem
		}
	})
}

// Succeeds wants any success.
func Succeeds() Test {
	return func(e *vault.Exchange) *Failure {
		if e.Succeeded() {
			return nil
		}
		return &Failure{Expected: "status 2xx", Got: fmt.Sprintf("status %d", e.Status()), Aspect: AspectStatus}
	}
}

// contentThat wants something of the value of a secret; test says what is wrong with it, "" if nothing is.
func contentThat(expected string, test func(content *vault.Content) string) Test {
	return func(e *vault.Exchange) *Failure {
		content := e.Response.Content
		if content == nil {
			return &Failure{Expected: expected, Got: "no value", Member: "/value"}
		}
		if content.Unsupported {
			return &Failure{Expected: expected, Got: content.Problem, Member: "/value", Unreadable: true}
		}
		if got := test(content); got != "" {
			return &Failure{Expected: expected, Got: got, Member: "/value"}
		}
		return nil
	}
}

// HoldsCertificates wants certificates, in DER, in the value of a secret.
func HoldsCertificates(wanted ...[]byte) Test {
	return contentThat("a value with "+countOf(len(wanted), "certificate"), func(content *vault.Content) string {
		for _, der := range wanted {
			if !slices.ContainsFunc(content.Certificates, func(held []byte) bool { return string(held) == string(der) }) {
				return strings.TrimSpace(fmt.Sprintf("a value with %s, without that of %s; %s",
					countOf(len(content.Certificates), "certificate"), describe(der), content.Problem))
			}
		}
		return ""
	})
}

func countOf(n int, what string) string {
	if n == 1 {
		return "the certificate"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// HoldsKeyOf wants the private key of a certificate in the value of a secret, and no other.
func HoldsKeyOf(certificate *x509.Certificate) Test {
	return contentThat("a value with the private key of the certificate", func(content *vault.Content) string {
		wanted, err := x509.MarshalPKIXPublicKey(certificate.PublicKey)
		switch {
		case err != nil:
			return "a public key that cannot be compared: " + err.Error()
		case len(content.Keys) == 0 && content.Problem != "":
			return content.Problem
		case len(content.Keys) == 0:
			return "a value without a private key"
		case len(content.Keys) > 1:
			return fmt.Sprintf("a value with %d private keys", len(content.Keys))
		case string(content.Keys[0]) != string(wanted):
			return "a value with the private key of another certificate"
		}
		return ""
	})
}

// KeyIsPKCS8 wants the private key of a PEM as PKCS#8.
func KeyIsPKCS8() Test {
	return contentThat("a block PRIVATE KEY, as PKCS#8 has it", func(content *vault.Content) string {
		if slices.Contains(content.Blocks, "PRIVATE KEY") {
			return ""
		}
		return "the blocks " + strings.Join(content.Blocks, ", ")
	})
}

// HoldsNoKey wants no private key in the value of a secret.
func HoldsNoKey() Test {
	return contentThat("a value without a private key", func(content *vault.Content) string {
		if content.HasKey() {
			return "a value with a private key"
		}
		return ""
	})
}

// SameContent wants the certificates and the key of an earlier secret, in the same form.
func SameContent(earlier *vault.Exchange) Test {
	return contentThat("the secret as before", func(content *vault.Content) string {
		before := earlier.Response.Content
		same := func(a, b [][]byte) bool {
			return slices.EqualFunc(a, b, func(a, b []byte) bool { return string(a) == string(b) })
		}
		switch {
		case before == nil || before.Form != content.Form:
			return "a value in the form " + content.Form
		case !same(before.Certificates, content.Certificates):
			return "a value with other certificates"
		case !same(before.Keys, content.Keys):
			return "a value with another private key"
		}
		return ""
	})
}

// KeyTypeOf wants the type of a certificate's key in a key; a key in a hardware module says so.
func KeyTypeOf(certificate *x509.Certificate) Test {
	kind := "EC"
	if _, isRSA := certificate.PublicKey.(*rsa.PublicKey); isRSA {
		kind = "RSA"
	}
	return Member("to be "+kind+" or "+kind+"-HSM", func(value any) bool { return value == kind || value == kind+"-HSM" }, "key", "kty")
}

// PublicKeyIs wants the public key of a certificate in a key.
func PublicKeyIs(certificate *x509.Certificate) Test {
	expected := "the public key of the certificate, " + KeyKind(certificate.PublicKey)
	return func(e *vault.Exchange) *Failure {
		var wrong string
		var member []string
		switch public := certificate.PublicKey.(type) {
		case *rsa.PublicKey:
			wrong, member = numbers(e, map[string]*big.Int{"n": public.N, "e": big.NewInt(int64(public.E))})
		case *ecdsa.PublicKey:
			point, err := public.Bytes()
			if err != nil {
				return &Failure{Expected: expected, Got: "a certificate with a key that cannot be written: " + err.Error(), Unreadable: true}
			}
			half := len(point) / 2 // a byte that says "uncompressed", then two coordinates
			wrong, member = numbers(e, map[string]*big.Int{"x": new(big.Int).SetBytes(point[1 : 1+half]), "y": new(big.Int).SetBytes(point[1+half:])})
		default:
			return &Failure{Expected: expected, Got: "a certificate with a key of another kind", Unreadable: true}
		}
		if wrong == "" {
			return nil
		}
		return &Failure{Expected: expected, Got: wrong, Member: Pointer(member...)}
	}
}

// numbers compares members of a key with numbers, and says which is wrong.
func numbers(e *vault.Exchange, wanted map[string]*big.Int) (wrong string, member []string) {
	for _, name := range []string{"n", "e", "x", "y"} {
		want, asked := wanted[name]
		if !asked {
			continue
		}
		value, err := At(e, "key", name)
		if err != nil {
			return err.Error(), []string{"key", name}
		}
		text, isText := value.(string)
		number, err := base64.RawURLEncoding.DecodeString(text)
		switch {
		case !isText:
			return "key." + name + " is " + Kind(value), []string{"key", name}
		case err != nil:
			return "key." + name + " is not base64url without padding", []string{"key", name}
		case new(big.Int).SetBytes(number).Cmp(want) != 0:
			return "another key." + name, []string{"key", name}
		}
	}
	return "", nil
}

// CurveOf wants the curve of a certificate's key in a key.
func CurveOf(public crypto.PublicKey) Test {
	name := "of the certificate"
	if key, elliptic := public.(*ecdsa.PublicKey); elliptic {
		name = key.Curve.Params().Name
	}
	return Equal(name, "key", "crv")
}

// NoPrivateMembers wants none of the members of a key's private half.
func NoPrivateMembers() Test {
	return func(e *vault.Exchange) *Failure {
		key, _ := e.Member("key").(map[string]any)
		for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
			if key[name] != nil {
				return &Failure{Expected: "no part of the private key", Got: "the member key." + name, Member: Pointer("key", name)}
			}
		}
		return nil
	}
}

// Includes wants an array that has some texts among others.
func Includes(wanted []string, path ...string) Test {
	return Member("to have "+strings.Join(wanted, ", "), func(value any) bool {
		texts, ok := stringArray(value)
		return ok && !slices.ContainsFunc(wanted, func(want string) bool { return !slices.Contains(texts, want) })
	}, path...)
}
