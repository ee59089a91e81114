package refvault

import (
	"context"
	"crypto"
	"crypto/rsa"
	"fmt"
	"sync"
)

const (
	defaultBits  = 2048
	defaultReady = 8
)

// KeyPool keeps RSA keys for vaults to use, because making one costs more than everything else that a vault does for a
// certificate. It starts with a few and adds more when a vault runs out; it never forgets one.
//
// The keys protect nothing. The first of each size are made of the primes in primes.txt, which anybody can read, and two
// keys of one size may have a prime in common, so that whoever compares two can compute both. Only when these primes are
// used up does a pool make keys that nobody knows.
//
// Vaults reuse the keys: a key may serve certificates of different names, and of different vaults. Within one vault a
// key serves a second name only when every key in the pool serves one already, and never two operations of one name.
// No contract speaks of keys of different names, so a client cannot tell, short of comparing them; a vault that holds
// anything worth protecting must not do this.
type KeyPool struct {
	mu      sync.Mutex
	shelves map[int]*shelf

	signatures signatures
}

// A shelf holds the keys of one size.
type shelf struct {
	keys    []*rsa.PrivateKey // only ever appended to
	pairs   []pair            // known primes that no key is made of yet
	making  bool
	changed chan struct{} // closed and replaced when a key is put in or could not be made
}

// NewKeyPool returns a pool that fills itself in the background with ready keys of 2048 bits. Keys of other sizes are
// added when they are first needed. Nobody has to wait for the pool to be full, and it needs no closing.
func NewKeyPool(ready int) *KeyPool {
	p := &KeyPool{shelves: map[int]*shelf{}}
	go func() {
		for have := range ready {
			// A failure shows again where a request needs the key.
			if err := p.grow(context.Background(), defaultBits, have); err != nil {
				return
			}
		}
	}()
	return p
}

// keys returns the keys of a size that are there now. The caller must not change the slice.
func (p *KeyPool) keys(bits int) []*rsa.PrivateKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shelf(bits).keys
}

// grow returns when the pool has more than have keys of the size: others may be making one already.
func (p *KeyPool) grow(ctx context.Context, bits, have int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.shelf(bits)
	for len(s.keys) <= have {
		if s.making {
			changed := s.changed
			p.mu.Unlock()
			select {
			case <-changed:
			case <-ctx.Done():
			}
			p.mu.Lock()
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("waiting for a key of %d bits: %w", bits, err)
			}
			continue
		}
		s.making = true
		known := s.take()
		p.mu.Unlock()
		key, err := known.key(bits)
		p.mu.Lock()
		s.making = false
		close(s.changed)
		s.changed = make(chan struct{})
		if err != nil {
			return fmt.Errorf("making a key of %d bits: %w", bits, err)
		}
		s.keys = append(s.keys, key)
	}
	return nil
}

// shelf must be called with the pool locked.
func (p *KeyPool) shelf(bits int) *shelf {
	s := p.shelves[bits]
	if s == nil {
		s = &shelf{changed: make(chan struct{}), pairs: pairsOf(bits)}
		p.shelves[bits] = s
	}
	return s
}

// A keyring is one vault's view of a pool: it spreads the keys over the names. It is guarded by the vault's lock.
type keyring struct {
	pool *KeyPool
	uses map[*rsa.PrivateKey]int
}

func newKeyring(pool *KeyPool) *keyring {
	return &keyring{pool: pool, uses: map[*rsa.PrivateKey]int{}}
}

// keyMissing says that the pool holds no key of the size that the name has not had, among the seen that it holds.
type keyMissing struct {
	bits, seen int
}

func (e *keyMissing) Error() string {
	return fmt.Sprintf("no unused key of %d bits among %d", e.bits, e.seen)
}

// draw returns the least used key that is not in had, or a *keyMissing.
func (k *keyring) draw(bits int, had keySet) (*rsa.PrivateKey, error) {
	available := k.pool.keys(bits)
	var best *rsa.PrivateKey
	for _, key := range available {
		if had.has(key) {
			continue
		}
		if best == nil || k.uses[key] < k.uses[best] {
			best = key
		}
	}
	if best == nil {
		return nil, &keyMissing{bits: bits, seen: len(available)}
	}
	k.uses[best]++
	return best, nil
}

// Signer returns the RSA key of the vault's pool with a public key, nil if there is none. A fault signs with it what a
// vault signs, since a vault that writes a wrong CSR signs it with the right key.
func (v *Vault) Signer(public crypto.PublicKey) crypto.Signer {
	wanted, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	for _, key := range v.keys.pool.keys(wanted.N.BitLen()) {
		if key.PublicKey.Equal(wanted) {
			return v.keys.pool.signing(key)
		}
	}
	return nil
}

// keySet remembers keys by their modulus, so that a key that was imported or restored is known again.
type keySet map[string]bool

func (s keySet) has(key *rsa.PrivateKey) bool { return s[string(key.N.Bytes())] }

func (s keySet) add(key *rsa.PrivateKey) { s[string(key.N.Bytes())] = true }
