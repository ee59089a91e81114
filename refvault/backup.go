package refvault

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// backupHeader is how every backup starts, as the service's do.
const backupHeader = "&AzureKeyVaultKeyBackupV1.microsoft.com"

type backupBody struct {
	Value string `json:"value"`
}

// The stored forms are what a backup holds. Operations are not backed up.
type storedCertificate struct {
	Name        string
	Policy      *policy
	Versions    []storedVersion
	Placeholder *storedVersion
}

type storedVersion struct {
	ID                                    string
	CER, Key                              []byte // DER; the key as PKCS#8
	NotBefore, NotAfter, Created, Updated time.Time
	Enabled                               bool
	Tags                                  map[string]string `json:",omitzero"`
	KeepOrder                             *bool
	Kept                                  kept
}

// backupCertificate is BackupCertificate.
func (v *Vault) backupCertificate(c *call) (*response, error) {
	cert, err := v.live(c)
	if err != nil {
		return nil, err
	}
	stored := storedCertificate{Name: cert.name, Policy: cert.policy}
	for _, item := range cert.versions {
		kept, err := item.store()
		if err != nil {
			return nil, err
		}
		stored.Versions = append(stored.Versions, *kept)
	}
	if cert.placeholder != nil {
		if stored.Placeholder, err = cert.placeholder.store(); err != nil {
			return nil, err
		}
	}
	sealed, err := v.seal.close(encode(stored))
	if err != nil {
		return nil, err
	}
	return ok(backupBody{Value: base64.RawURLEncoding.EncodeToString(sealed)}), nil
}

// restoreCertificate is RestoreCertificate. A vault restores only what it backed up itself.
func (v *Vault) restoreCertificate(c *call) (*response, error) {
	var body backupBody
	if err := decodeBody(c.body, &body); err != nil {
		return nil, err
	}
	if body.Value == "" {
		return nil, badParameter("The member value is required.")
	}
	restored, err := v.openBackup(body.Value)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, code: codeMalformedBackup, message: err.Error()}
	}
	if taken := v.named(restored.name, c.now); taken != nil {
		if err := refusePhase(taken); err != nil {
			return nil, err
		}
		return nil, conflict("", "There is a certificate %s already.", restored.name)
	}
	v.certificates[strings.ToLower(restored.name)] = restored
	return ok(v.currentBundle(c, restored)), nil
}

func (v *Vault) openBackup(value string) (*certificate, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil {
		return nil, errors.New("the backup is not base64url")
	}
	content, err := v.seal.open(sealed)
	if err != nil {
		return nil, err
	}
	var stored storedCertificate
	if err := json.Unmarshal(content, &stored); err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	cert := &certificate{name: stored.Name, policy: stored.Policy, rsaKeys: keySet{}}
	for i := range stored.Versions {
		restored, err := stored.Versions[i].restore()
		if err != nil {
			return nil, err
		}
		if key, isRSA := restored.key.(*rsa.PrivateKey); isRSA {
			cert.rsaKeys.add(key)
		}
		cert.versions = append(cert.versions, restored)
	}
	if stored.Placeholder != nil {
		if cert.placeholder, err = stored.Placeholder.restore(); err != nil {
			return nil, err
		}
	}
	return cert, nil
}

func (k *version) store() (*storedVersion, error) {
	stored := &storedVersion{
		ID: k.id, CER: k.cer, NotBefore: k.notBefore, NotAfter: k.notAfter, Created: k.created, Updated: k.updated,
		Enabled: k.enabled, Tags: k.tags, KeepOrder: k.keepOrder, Kept: k.kept,
	}
	if k.key == nil {
		return stored, nil
	}
	var err error
	if stored.Key, err = x509.MarshalPKCS8PrivateKey(k.key); err != nil {
		return nil, fmt.Errorf("encoding the key of version %s: %w", k.id, err)
	}
	return stored, nil
}

func (s *storedVersion) restore() (*version, error) {
	restored := &version{
		id: s.ID, cer: s.CER, notBefore: s.NotBefore, notAfter: s.NotAfter, created: s.Created, updated: s.Updated,
		enabled: s.Enabled, tags: s.Tags, keepOrder: s.KeepOrder, kept: s.Kept,
	}
	if len(s.Key) == 0 {
		return restored, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(s.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the key of version %s: %w", s.ID, err)
	}
	signer, isSigner := parsed.(crypto.Signer)
	if !isSigner {
		return nil, fmt.Errorf("the key of version %s cannot sign", s.ID)
	}
	restored.key = signer
	return restored, nil
}

// A blobSeal keeps what is in a backup from being read or changed: it holds private keys.
type blobSeal struct {
	aead cipher.AEAD
}

func newBlobSeal() (*blobSeal, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making the key for backups: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for backups: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for backups: %w", err)
	}
	return &blobSeal{aead: aead}, nil
}

func (s *blobSeal) close(content []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("sealing a backup: %w", err)
	}
	sealed := append([]byte(backupHeader), nonce...)
	return s.aead.Seal(sealed, nonce, content, []byte(backupHeader)), nil
}

func (s *blobSeal) open(sealed []byte) ([]byte, error) {
	body, found := bytes.CutPrefix(sealed, []byte(backupHeader))
	if !found || len(body) < s.aead.NonceSize() {
		return nil, errors.New("this is no backup of a certificate")
	}
	nonce, sealedContent := body[:s.aead.NonceSize()], body[s.aead.NonceSize():]
	content, err := s.aead.Open(nil, nonce, sealedContent, []byte(backupHeader))
	if err != nil {
		return nil, errors.New("the backup was changed, or made by another vault")
	}
	return content, nil
}
