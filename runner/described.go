package runner

import (
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// described is the target as reports name it, at the endpoint that was dialled.
func described(t target.Target, facts specs.Facts) reports.Target {
	claims := reports.Claims{Without: t.Without}
	if profile, found := scenarios.ConformanceProfileNamed(t.Product.Profile); found && t.Product.Profile != "" {
		claims.Requires = profile.Features
	}
	return reports.Target{
		Name: t.Name, Endpoint: facts.Endpoint, IDBase: facts.IDBase,
		Product: t.Product.Name, ProductVersion: t.Product.Version, Contact: t.Product.Contact,
		Reproduce: t.Product.Reproduce, Profile: t.Product.Profile,
		Connection: reports.Connection{Dial: t.Dial, CA: t.TLS.CA, Insecure: t.TLS.Insecure},
		Claims:     claims,
	}
}
