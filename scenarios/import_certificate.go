package scenarios

import (
	"context"
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
	Current  *vault.Exchange
	Pending  *vault.Exchange
	Policy   *vault.Exchange
	Chain    *vault.Exchange
	Elliptic *vault.Exchange
	Disabled *vault.Exchange
}

// Play imports an RSA certificate without a policy, its chain, one with an EC key, and one that is to be disabled.
func (p *ImportPFX) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "pfx", "pfxchain", "pfxelliptic", "pfxdisabled")
	if err != nil {
		return err
	}
	key, err := env.newRSAKey()
	if err != nil {
		return err
	}
	made, err := certify(key, importTemplate("pfx.example.com", env.Clock.Now()), env.Clock.Now())
	if err != nil {
		return err
	}
	plain, err := made.pfx(importPassword, false)
	if err != nil {
		return err
	}
	plain.Tags = map[string]string{"purpose": "conformance"}
	p.Imported = env.Vault.ImportCertificate(ctx, names[0], plain)
	if p.Imported.Succeeded() {
		p.Current = env.Vault.GetCertificate(ctx, names[0])
		p.Pending = env.Vault.GetPending(ctx, names[0])
		p.Policy = env.Vault.GetCertificatePolicy(ctx, names[0])
	}
	chain, err := made.pfx(importPassword, true)
	if err != nil {
		return err
	}
	p.Chain = env.Vault.ImportCertificate(ctx, names[1], chain)
	disabled := plain
	disabled.Tags = nil
	disabled.Attributes = &vault.Attributes{Enabled: addressOf(false)}
	p.Disabled = env.Vault.ImportCertificate(ctx, names[3], disabled)
	return p.elliptic(ctx, env, names[2])
}

func (p *ImportPFX) elliptic(ctx context.Context, env *Env, name string) error {
	key, err := newECKey()
	if err != nil {
		return err
	}
	made, err := certify(key, importTemplate("elliptic.example.com", env.Clock.Now()), env.Clock.Now())
	if err != nil {
		return err
	}
	elliptic, err := made.pfx(importPassword, false)
	if err != nil {
		return err
	}
	p.Elliptic = env.Vault.ImportCertificate(ctx, name, elliptic)
	return nil
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
	key, err := env.newRSAKey()
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
	key, err := newECKey()
	if err != nil {
		return err
	}
	now := env.Clock.Now()
	first, err := certify(key, importTemplate("import-again.example.com", now), now)
	if err != nil {
		return err
	}
	right, err := first.pfx(importPassword, false)
	if err != nil {
		return err
	}
	p.First = env.Vault.ImportCertificate(ctx, name, right)
	if err := env.Must(p.First); err != nil {
		return err
	}
	next, err := certify(key, importTemplate("import-again.example.com", now), now)
	if err != nil {
		return err
	}
	if err := p.refused(ctx, env, name, next); err != nil {
		return err
	}
	p.Unchanged = env.Vault.GetCertificate(ctx, name)
	lengthy, err := next.pfx(strings.Repeat("0123456789", 20)+"0", false)
	if err != nil {
		return err
	}
	p.LongPassword = env.Vault.ImportCertificate(ctx, name, lengthy)
	if right, err = next.pfx(importPassword, false); err != nil {
		return err
	}
	p.Again = env.Vault.ImportCertificate(ctx, name, right)
	p.Current = env.Vault.GetCertificate(ctx, name)
	if id := p.First.Text("id"); id != "" {
		p.Earlier = env.Vault.Follow(ctx, "GetCertificate", id)
	}
	return nil
}

func (p *ImportAgain) refused(ctx context.Context, env *Env, name string, next *material) error {
	right, err := next.pfx(importPassword, false)
	if err != nil {
		return err
	}
	p.ValueLeftOut = env.Vault.ImportCertificate(ctx, name, vault.ImportParameters{Password: importPassword}, vault.Deliberate())
	p.KeyLeftOut = env.Vault.ImportCertificate(ctx, name, next.pemFile("", nil))
	wrong := right
	wrong.Password = importPassword + "-wrong"
	p.WrongPassword = env.Vault.ImportCertificate(ctx, name, wrong)
	garbage := right
	garbage.Value = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("neither PFX nor PEM ", 30)))
	p.Garbage = env.Vault.ImportCertificate(ctx, name, garbage)
	mismatch := right
	mismatch.Policy = &vault.Policy{KeyProperties: &vault.KeyProperties{KeyType: "RSA", KeySize: 4096}}
	p.PolicyMismatch = env.Vault.ImportCertificate(ctx, name, mismatch)

	now := env.Clock.Now()
	long := importTemplate("import-again.example.com", now)
	long.NotBefore, long.NotAfter = now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0)
	past, err := certify(next.key, long, now)
	if err != nil {
		return err
	}
	expired, err := past.pfx(importPassword, false)
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
	DeletedLooks []*vault.Exchange
	Again        *vault.Exchange
}

// Play waits until the deleted certificate shows as such: deleting is eventual.
func (p *ImportDeletedName) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("importdeleted")
	if err != nil {
		return err
	}
	imported, err := env.PEM("CN=import-deleted.example.com")
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
	if p.DeletedLooks, err = env.awaitDeleted(ctx, name); err != nil {
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
