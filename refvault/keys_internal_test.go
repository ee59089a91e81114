package refvault

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
)

func TestKeyringSpreadsTheKeysOverTheNames(t *testing.T) {
	const ready = 3
	pool := NewKeyPool(0)
	for have := range ready {
		if err := pool.grow(t.Context(), defaultBits, have); err != nil {
			t.Fatal(err)
		}
	}
	ring := newKeyring(pool)
	uses := map[*rsa.PrivateKey]int{}
	for range 2 * ready { // as many names, each drawing once
		key, err := ring.draw(defaultBits, keySet{})
		if err != nil {
			t.Fatal(err)
		}
		uses[key]++
	}
	if len(uses) != ready {
		t.Errorf("%d keys used, want all %d", len(uses), ready)
	}
	for key, n := range uses {
		if n != 2 {
			t.Errorf("the key %p was used %d times, want 2", key, n)
		}
	}
}

func TestKeyringNeverDrawsAKeyTwiceForOneName(t *testing.T) {
	pool := NewKeyPool(0)
	ring, had := newKeyring(pool), keySet{}
	for have := range 3 {
		_, err := ring.draw(defaultBits, had)
		var missing *keyMissing
		if !errors.As(err, &missing) || missing.bits != defaultBits || missing.seen != have {
			t.Fatalf("with all %d keys used: %v", have, err)
		}
		if err := pool.grow(t.Context(), missing.bits, missing.seen); err != nil {
			t.Fatal(err)
		}
		key, err := ring.draw(defaultBits, had)
		if err != nil {
			t.Fatal(err)
		}
		had.add(key)
	}
}

func TestPoolMakesOneKeyForAllThatWaitForIt(t *testing.T) {
	pool := NewKeyPool(0)
	var waiting sync.WaitGroup
	for range 8 {
		waiting.Go(func() {
			if err := pool.grow(t.Context(), defaultBits, 0); err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	if n := len(pool.keys(defaultBits)); n != 1 {
		t.Errorf("%d keys, want 1", n)
	}
}

func TestWaitingForAKeyEndsWithItsContext(t *testing.T) {
	pool := NewKeyPool(0)
	pool.mu.Lock()
	pool.shelf(defaultBits).making = true // somebody else is at it, for ever
	pool.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pool.grow(ctx, defaultBits, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestEveryKeyOfTheKnownPrimesIsSound(t *testing.T) {
	for bits, want := range map[int]int{defaultBits: 36, 3072: 6, 4096: 3} {
		pairs, seen := pairsOf(bits), keySet{}
		if len(pairs) != want {
			t.Errorf("the primes give %d keys of %d bits, want %d", len(pairs), bits, want)
		}
		for i, two := range pairs {
			key, err := two.key(bits)
			if err == nil {
				err = key.Validate()
			}
			switch {
			case err != nil:
				t.Errorf("key %d of %d bits: %v", i, bits, err)
			case key.N.BitLen() != bits:
				t.Errorf("key %d has %d bits, want %d", i, key.N.BitLen(), bits)
			case seen.has(key):
				t.Errorf("key %d of %d bits is there twice", i, bits)
			}
			seen.add(key)
			digest := sha256.Sum256([]byte("signed"))
			signature, err := key.Sign(nil, digest[:], crypto.SHA256)
			if err == nil {
				err = rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature)
			}
			if err != nil {
				t.Errorf("a signature of key %d of %d bits: %v", i, bits, err)
			}
		}
	}
}

func TestThePoolMakesNewKeysWhenTheKnownPrimesAreUsedUp(t *testing.T) {
	pool := NewKeyPool(0)
	pool.mu.Lock()
	shelf := pool.shelf(defaultBits)
	shelf.pairs = shelf.pairs[:1]
	pool.mu.Unlock()
	for have := range 2 {
		if err := pool.grow(t.Context(), defaultBits, have); err != nil {
			t.Fatal(err)
		}
	}
	if keys := pool.keys(defaultBits); len(keys) != 2 || keys[0].Equal(keys[1]) {
		t.Errorf("%d keys, want 2 that differ", len(keys))
	}
}
