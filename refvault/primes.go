package refvault

import (
	"crypto/rand"
	"crypto/rsa"
	_ "embed"
	"fmt"
	"math/big"
	"strings"
)

//go:generate go run genprimes.go

// primes are known to anybody, one on a line, because finding two takes a hundred times as long as making a key of them.
//
//go:embed primes.txt
var primes string

// exponent is the public exponent of all keys.
const exponent = 65537

// pair is two primes that a key is made of; the zero value stands for primes that are still to be found.
type pair struct {
	p, q *big.Int
}

// pairsOf returns every two known primes whose product has so many bits, those that have the fewest primes in common first.
func pairsOf(bits int) []pair {
	var found []*big.Int
	for line := range strings.Lines(primes) {
		line = strings.TrimSpace(line)
		if len(line)*8 != bits { // hexadecimal, and half of the product
			continue
		}
		if prime, ok := new(big.Int).SetString(line, 16); ok { // a test reads all
			found = append(found, prime)
		}
	}
	var pairs []pair
	for apart := 1; apart < len(found); apart++ {
		for i := 0; i+apart < len(found); i++ {
			pairs = append(pairs, pair{found[i], found[i+apart]})
		}
	}
	return pairs
}

// take removes the first known pair, or returns the zero value.
func (s *shelf) take() pair {
	if len(s.pairs) == 0 {
		return pair{}
	}
	first := s.pairs[0]
	s.pairs = s.pairs[1:]
	return first
}

// key makes the key of a pair, or a new one of the zero value.
func (two pair) key(bits int) (*rsa.PrivateKey, error) {
	if two.p == nil {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	one := big.NewInt(1)
	order := new(big.Int).Mul(new(big.Int).Sub(two.p, one), new(big.Int).Sub(two.q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(two.p, two.q), E: exponent},
		D:         new(big.Int).ModInverse(big.NewInt(exponent), order),
		Primes:    []*big.Int{two.p, two.q},
	}
	if key.D == nil {
		return nil, fmt.Errorf("the exponent %d has no inverse for a known pair of primes", exponent)
	}
	key.Precompute()
	return key, nil
}
