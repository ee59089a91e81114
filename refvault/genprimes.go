//go:build ignore

// Command genprimes draws the primes of which the reference vault makes its RSA keys and writes them to primes.txt. It
// takes some seconds: `go generate ./refvault` runs it, if more keys are needed than the primes give.
package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log"
	"math/big"
	"os"
)

func main() {
	var text bytes.Buffer
	text.WriteString(`# Primes for the RSA keys of the reference vault, drawn by genprimes.go. Every two of one size are a key.
# Anybody can read them: a key made of them protects nothing.
`)
	for _, row := range []struct{ bits, primes int }{{1024, 9}, {1536, 4}, {2048, 3}} {
		for range row.primes {
			prime, err := draw(row.bits)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Fprintf(&text, "%x\n", prime)
		}
	}
	if err := os.WriteFile("primes.txt", text.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// draw returns a prime whose two highest bits are set, so that the product of two has twice its bits, and which the usual
// public exponent does not divide when it is one less.
func draw(bits int) (*big.Int, error) {
	for {
		prime, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			return nil, err
		}
		less := new(big.Int).Sub(prime, big.NewInt(1))
		if new(big.Int).Mod(less, big.NewInt(65537)).Sign() != 0 {
			return prime, nil
		}
	}
}
