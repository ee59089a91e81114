package refvault

import (
	"context"
	"crypto/rsa"
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

func TestThePoolHasALargeKeyFromTheStart(t *testing.T) {
	keys := NewKeyPool(0).keys(largeBits)
	if len(keys) != 1 || keys[0].N.BitLen() != largeBits {
		t.Errorf("the pool starts with %d keys of %d bits, want one", len(keys), largeBits)
	}
}
