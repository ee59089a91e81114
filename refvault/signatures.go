package refvault

import (
	"crypto"
	"crypto/rsa"
	"io"
	"sync"
)

// maxSignatures bounds how many signatures a pool remembers before it starts anew.
const maxSignatures = 1 << 13

// signatures remembers what the keys of a pool have signed. A signature of PKCS #1 v1.5 depends on nothing but the key and the
// digest, and vaults that serve the same names again, as those of a proof do, sign the same requests for certificates: signing
// is what costs most of a create.
type signatures struct {
	mu   sync.Mutex
	made map[signed][]byte
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

// signing returns a key of the pool as one that remembers what it signed; any other key as it is.
func (p *KeyPool) signing(key crypto.Signer) crypto.Signer {
	if private, ok := key.(*rsa.PrivateKey); ok {
		return remembered{private, &p.signatures}
	}
	return key
}
