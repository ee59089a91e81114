package scenarios

import (
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// importPassword protects the PFX files of the plays. It is no secret: the files live for a run.
const importPassword = "kvconform"

// ImportPFX imports a PFX with its password and reads all that came of it.
type ImportPFX struct {
	Imported *vault.Exchange
	// Others are imports in other formats, until one is accepted; none where the PFX is.
	Others      []*vault.Exchange
	Current     *vault.Exchange
	Pending     *vault.Exchange
	Policy      *vault.Exchange
	Chain       *vault.Exchange
	Elliptic    *vault.Exchange
	Disabled    *vault.Exchange
	Modern      *vault.Exchange
	WithActions *vault.Exchange
	Actions     *vault.Exchange
}

// Taken is the import that was accepted: of the PFX, or else of the first other format that is; the PFX where none is.
func (p *ImportPFX) Taken() *vault.Exchange {
	for _, other := range p.Others {
		if other.Succeeded() {
			return other
		}
	}
	return p.Imported
}

// Play imports an RSA certificate without a policy, in a file that the vault takes; then its chain, one with an EC key, one
// that is to be disabled, one with a policy, and one in the format of today's tools.
func (p *ImportPFX) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "pfx", "pfxchain", "pfxdisabled", "pfxactions", "pfxmodern", "pfxelliptic")
	if err != nil {
		return err
	}
	key, err := known(rsa2048)()
	if err != nil {
		return err
	}
	made, err := certify(key, importTemplate("pfx.example.com", env.Clock.Now()), env.Clock.Now())
	if err != nil {
		return err
	}
	file, err := p.plain(ctx, env, names[0], made)
	if err != nil {
		return err
	}
	chain, err := made.pfx(importPassword, true)
	if err != nil {
		return err
	}
	p.Chain = env.Vault.ImportCertificate(ctx, names[1], chain)
	disabled := file
	disabled.Attributes = &vault.Attributes{Enabled: addressOf(false)}
	p.Disabled = env.Vault.ImportCertificate(ctx, names[2], disabled)
	p.WithActions = env.Vault.ImportCertificate(ctx, names[3], withActions(file))
	if p.WithActions.Succeeded() {
		p.Actions = env.Vault.GetCertificatePolicy(ctx, names[3])
	}
	modern, err := made.modernPFX(importPassword)
	if err != nil {
		return err
	}
	p.Modern = env.Vault.ImportCertificate(ctx, names[4], modern)
	elliptic, err := ellipticPFX(env.Clock.Now())
	if err != nil {
		return err
	}
	p.Elliptic = env.Vault.ImportCertificate(ctx, names[5], elliptic)
	return nil
}

// plain imports a certificate without its chain and without a policy, as PFX or, where that is refused, in another format.
// It returns the file that was accepted, the PFX where none was.
func (p *ImportPFX) plain(ctx context.Context, env *Env, name string, made *material) (vault.ImportParameters, error) {
	tags := map[string]string{"purpose": "conformance"}
	file, err := made.pfx(importPassword, false)
	if err != nil {
		return file, err
	}
	tagged := file
	tagged.Tags = tags
	p.Imported = env.Vault.ImportCertificate(ctx, name, tagged)
	if !p.Imported.Succeeded() {
		pkcs8, err := made.pkcs8()
		if err != nil {
			return file, err
		}
		elliptic, err := ellipticPFX(env.Clock.Now())
		if err != nil {
			return file, err
		}
		for _, other := range []vault.ImportParameters{made.pemFile("PRIVATE KEY", pkcs8), elliptic} {
			tagged := other
			tagged.Tags = tags
			imported := env.Vault.ImportCertificate(ctx, name, tagged)
			p.Others = append(p.Others, imported)
			if imported.Succeeded() {
				file = other
				break
			}
		}
	}
	if p.Taken().Succeeded() {
		p.Current = env.Vault.GetCertificate(ctx, name)
		p.Pending = env.Vault.GetPending(ctx, name)
		p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	}
	return file, nil
}

// withActions adds a policy with a lifetime action that is no default. Its other groups fit the file, since the service is
// known to refuse a policy of lifetime actions alone.
func withActions(file vault.ImportParameters) vault.ImportParameters {
	policy := vault.Policy{
		KeyProperties:    &vault.KeyProperties{KeyType: "RSA", KeySize: 2048, Exportable: addressOf(true), ReuseKey: addressOf(false)},
		SecretProperties: &vault.SecretProperties{ContentType: "application/x-pkcs12"},
		Issuer:           &vault.Issuer{Name: Unknown},
		LifetimeActions: []vault.LifetimeAction{{
			Trigger: vault.Trigger{DaysBeforeExpiry: 30}, Action: vault.Action{Type: "EmailContacts"},
		}},
	}
	if file.Policy != nil && file.Policy.SecretProperties != nil {
		policy.SecretProperties = file.Policy.SecretProperties
	}
	if leaf, err := x509.ParseCertificate(file.Certificates[0]); err == nil && leaf.PublicKeyAlgorithm == x509.ECDSA {
		policy.KeyProperties.KeyType, policy.KeyProperties.KeySize, policy.KeyProperties.Curve = "EC", 0, "P-256"
	}
	file.Policy = &policy
	return file
}

func ellipticPFX(now time.Time) (vault.ImportParameters, error) {
	key, err := newECKey()
	if err != nil {
		return vault.ImportParameters{}, err
	}
	made, err := certify(key, importTemplate("elliptic.example.com", now), now)
	if err != nil {
		return vault.ImportParameters{}, err
	}
	return made.pfx(importPassword, false)
}

// ImportPEM imports a PEM with a PKCS#8 key, and the same certificate with the key as PKCS#1.
type ImportPEM struct {
	Imported *vault.Exchange
	PKCS1    *vault.Exchange
}

// Play gives the second import a name of its own.
func (p *ImportPEM) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "pem", "pkcs1")
	if err != nil {
		return err
	}
	key, err := known(rsa2048)()
	if err != nil {
		return err
	}
	made, err := certify(key, importTemplate("pem.example.com", env.Clock.Now()), env.Clock.Now())
	if err != nil {
		return err
	}
	pkcs8, err := made.pkcs8()
	if err != nil {
		return err
	}
	p.Imported = env.Vault.ImportCertificate(ctx, names[0], made.pemFile("PRIVATE KEY", pkcs8))
	p.PKCS1 = env.Vault.ImportCertificate(ctx, names[1], made.pemFile("RSA PRIVATE KEY", made.pkcs1()))
	return nil
}

// ImportAgain imports, then imports under the same name what must be refused, and at last what must not.
type ImportAgain struct {
	// Refused are first imports in formats that the vault does not take.
	Refused        []*vault.Exchange
	First          *vault.Exchange
	ValueLeftOut   *vault.Exchange
	KeyLeftOut     *vault.Exchange
	WrongPassword  *vault.Exchange
	Garbage        *vault.Exchange
	PolicyMismatch *vault.Exchange
	Expired        *vault.Exchange
	Unchanged      *vault.Exchange
	LongPassword   *vault.Exchange
	Again          *vault.Exchange
	Current        *vault.Exchange
	Earlier        *vault.Exchange
}

// Play has every refused import be right but for one thing.
func (p *ImportAgain) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("importagain")
	if err != nil {
		return err
	}
	first, write, err := p.first(ctx, env, name)
	if err != nil {
		return err
	}
	now := env.Clock.Now()
	next, err := certify(first.key, importTemplate("import-again.example.com", now), now)
	if err != nil {
		return err
	}
	right, err := write(next, importPassword)
	if err != nil {
		return err
	}
	if err := p.refused(ctx, env, name, next, write); err != nil {
		return err
	}
	p.Unchanged = env.Vault.GetCertificate(ctx, name)
	if right.Password != "" {
		lengthy, err := write(next, strings.Repeat("0123456789", 20)+"0")
		if err != nil {
			return err
		}
		p.LongPassword = env.Vault.ImportCertificate(ctx, name, lengthy)
	}
	p.Again = env.Vault.ImportCertificate(ctx, name, right)
	p.Current = env.Vault.GetCertificate(ctx, name)
	if id := p.First.Text("id"); id != "" {
		p.Earlier = env.Vault.Follow(ctx, vault.GetCertificate, id)
	}
	return nil
}

// writer makes the file of an import, protected by a password where its format has one.
type writer func(made *material, password string) (vault.ImportParameters, error)

func asPFX(made *material, password string) (vault.ImportParameters, error) {
	return made.pfx(password, false)
}

func asPEM(made *material, _ string) (vault.ImportParameters, error) {
	pkcs8, err := made.pkcs8()
	if err != nil {
		return vault.ImportParameters{}, err
	}
	return made.pemFile("PRIVATE KEY", pkcs8), nil
}

// first imports a certificate in a format that the vault takes: an EC key first, since it is quickly made. Where none is
// taken it ends with a PFX, and the play goes on: an import that has to be refused may be accepted all the same.
func (p *ImportAgain) first(ctx context.Context, env *Env, name string) (*material, writer, error) {
	var made *material
	formats := []struct {
		newKey func() (crypto.Signer, error)
		write  writer
	}{{newECKey, asPFX}, {known(rsa2048), asPFX}, {known(rsa2048), asPEM}}
	for _, format := range formats {
		key, err := format.newKey()
		if err != nil {
			return nil, nil, err
		}
		now := env.Clock.Now()
		if made, err = certify(key, importTemplate("import-again.example.com", now), now); err != nil {
			return nil, nil, err
		}
		file, err := format.write(made, importPassword)
		if err != nil {
			return nil, nil, err
		}
		imported := env.Vault.ImportCertificate(ctx, name, file)
		if imported.Succeeded() || imported.Failed() {
			p.First = imported
			return made, format.write, nil
		}
		p.Refused = append(p.Refused, imported)
	}
	last := len(p.Refused) - 1
	p.First, p.Refused = p.Refused[last], p.Refused[:last]
	return made, asPFX, nil
}

func (p *ImportAgain) refused(ctx context.Context, env *Env, name string, next *material, write writer) error {
	right, err := write(next, importPassword)
	if err != nil {
		return err
	}
	p.ValueLeftOut = env.Vault.ImportCertificate(ctx, name, vault.ImportParameters{Password: importPassword, Throwaway: true}, vault.Deliberate())
	p.KeyLeftOut = env.Vault.ImportCertificate(ctx, name, next.pemFile("", nil))
	if right.Password != "" {
		wrong := right
		wrong.Password = importPassword + "-wrong"
		p.WrongPassword = env.Vault.ImportCertificate(ctx, name, wrong)
	}
	garbage := right
	garbage.Value = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("neither PFX nor PEM ", 30)))
	p.Garbage = env.Vault.ImportCertificate(ctx, name, garbage)
	mismatch := right
	mismatch.Policy = &vault.Policy{KeyProperties: &vault.KeyProperties{KeyType: "RSA", KeySize: 4096}}
	if right.Policy != nil {
		mismatch.Policy.SecretProperties = right.Policy.SecretProperties
	}
	p.PolicyMismatch = env.Vault.ImportCertificate(ctx, name, mismatch)

	now := env.Clock.Now()
	long := importTemplate("import-again.example.com", now)
	long.NotBefore, long.NotAfter = now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0)
	past, err := certify(next.key, long, now)
	if err != nil {
		return err
	}
	expired, err := write(past, importPassword)
	if err != nil {
		return err
	}
	p.Expired = env.Vault.ImportCertificate(ctx, name, expired)
	return nil
}

// ImportDeletedName imports under the name of a certificate that is soft-deleted.
type ImportDeletedName struct {
	Imported     *vault.Exchange
	Deleted      *vault.Exchange
	DeletedPolls []*vault.Exchange
	Again        *vault.Exchange
}

// Play waits until the deleted certificate shows as such: deleting is eventual.
func (p *ImportDeletedName) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("importdeleted")
	if err != nil {
		return err
	}
	imported, err := env.Importable(ctx, "CN=import-deleted.example.com")
	if err != nil {
		return err
	}
	p.Imported = env.Vault.ImportCertificate(ctx, name, imported)
	if err := env.Must(p.Imported); err != nil {
		return err
	}
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	if p.DeletedPolls, err = env.awaitDeleted(ctx, name); err != nil {
		return err
	}
	p.Again = env.Vault.ImportCertificate(ctx, name, imported)
	return nil
}

// importTemplate is a certificate that says more than a name, so that the policy made of it has something to say.
func importTemplate(host string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: host, Organization: []string{"Kvconform"}, Country: []string{"CH"}},
		NotBefore: now.Add(-time.Hour).UTC().Truncate(time.Second),
		NotAfter:  now.AddDate(1, 0, 0).UTC().Truncate(time.Second),
		DNSNames:  []string{host, "www." + host},
		KeyUsage:  x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{
			x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageEmailProtection,
		},
	}
}
