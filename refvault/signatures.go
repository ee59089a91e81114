package refvault

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
)

// maxSignatures bounds how many signatures a pool remembers before it starts anew.
const maxSignatures = 1 << 13

// signatures remembers what the keys of a pool have signed. A signature of PKCS #1 v1.5 depends on nothing but the key and the
// digest, and vaults that serve the same names again, as those of a proof do, sign the same requests for certificates: signing
// is what costs most of a create.
type signatures struct {
	mu       sync.Mutex
	made     map[signed][]byte
	requests map[asked][]byte
}

// asked is what a signing request is of.
type asked struct {
	key     *rsa.PrivateKey
	content [sha256.Size]byte
}

// signed is what a signature is of.
type signed struct {
	key    *rsa.PrivateKey
	hash   crypto.Hash
	digest string
}

// remembered is a key that signs nothing twice.
type remembered struct {
	*rsa.PrivateKey
	made *signatures
}

// Sign signs a digest, or returns the signature that was made of it before.
func (r remembered) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	if _, pss := options.(*rsa.PSSOptions); pss {
		return r.PrivateKey.Sign(random, digest, options)
	}
	of := signed{r.PrivateKey, options.HashFunc(), string(digest)}
	r.made.mu.Lock()
	signature, known := r.made.made[of]
	r.made.mu.Unlock()
	if known {
		return signature, nil
	}
	signature, err := r.PrivateKey.Sign(random, digest, options)
	if err != nil {
		return nil, err
	}
	r.made.mu.Lock()
	defer r.made.mu.Unlock()
	if r.made.made == nil || len(r.made.made) >= maxSignatures {
		r.made.made = map[signed][]byte{}
	}
	r.made.made[of] = signature
	return signature, nil
}

// request returns the signing request that was made of the same content with the same key before, or makes it. The standard
// library checks each signature that it makes, which costs as much as all else of a request once the signature is remembered.
func (r remembered) request(q *certificateRequest, make func() ([]byte, error)) ([]byte, error) {
	of := asked{key: r.PrivateKey, content: q.digest()}
	r.made.mu.Lock()
	der, known := r.made.requests[of]
	r.made.mu.Unlock()
	if known {
		return der, nil
	}
	der, err := make()
	if err != nil {
		return nil, err
	}
	r.made.mu.Lock()
	defer r.made.mu.Unlock()
	if r.made.requests == nil || len(r.made.requests) >= maxSignatures {
		r.made.requests = map[asked][]byte{}
	}
	r.made.requests[of] = der
	return der, nil
}

// digest tells requests of other contents apart.
func (q *certificateRequest) digest() [sha256.Size]byte {
	text := fmt.Appendf(nil, "%x", q.subject)
	for _, extension := range q.extensions {
		text = fmt.Appendf(text, " %v %t %x", extension.Id, extension.Critical, extension.Value)
	}
	return sha256.Sum256(text)
}

// signing returns a key of the pool as one that remembers what it signed; any other key as it is.
func (p *KeyPool) signing(key crypto.Signer) crypto.Signer {
	if private, ok := key.(*rsa.PrivateKey); ok {
		return remembered{private, &p.signatures}
	}
	return key
}
