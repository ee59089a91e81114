package runner

import (
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner/target"
)

// described is the target as reports name it, at the endpoint that was dialled.
func described(t target.Target, endpoint string) reports.Target {
	return reports.Target{
		Name: t.Name, Endpoint: endpoint,
		Product: t.Product.Name, ProductVersion: t.Product.Version, Contact: t.Product.Contact,
		Reproduce: t.Product.Reproduce, Profile: t.Product.Profile,
		Connection: reports.Connection{Dial: t.Dial, CA: t.TLS.CA, Insecure: t.TLS.Insecure},
		Claims:     reports.Claims{Without: t.Without},
	}
}
