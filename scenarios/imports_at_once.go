package scenarios

import (
	"context"
	"fmt"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// importsTogether is how many imports of one name are sent at once: few enough for the model to follow each of their orders.
const importsTogether = 3

// ImportsAtOnce imports several certificates under one new name at once, and reads the certificate and its versions afterwards.
type ImportsAtOnce struct {
	// Free is an import of a name of its own: the control of those that are rejected.
	Free     *vault.Exchange
	Warming  []*vault.Exchange
	Imported []*vault.Exchange
	Current  []*vault.Exchange
	Versions []*vault.Exchange
}

// Play imports another certificate with each request, so that the one that stands can be told from the others.
func (p *ImportsAtOnce) Play(ctx context.Context, env *Env) error {
	var err error
	if p.Free, err = freeImport(ctx, env, "importsatonce"); err != nil {
		return err
	}
	for round := range atOnceRounds {
		name, err := env.Name(fmt.Sprintf("importsatonce%d", round+1))
		if err != nil {
			return err
		}
		imports := make([]func() *vault.Exchange, importsTogether)
		for i := range imports {
			file, err := env.Importable(ctx, fmt.Sprintf("CN=import-at-once-%d.example.com", i+1))
			if err != nil {
				return err
			}
			imports[i] = func() *vault.Exchange { return env.Vault.ImportCertificate(ctx, name, file) }
		}
		p.Warming = append(p.Warming, warm(ctx, env, name, importsTogether)...)
		imported := atOnce(imports...)
		p.Imported = append(p.Imported, imported...)
		p.Current = append(p.Current, env.Vault.GetCertificate(ctx, name))
		p.Versions = append(p.Versions, env.awaitList(ctx, "the versions of imports at once",
			func() *vault.Exchange { return env.Vault.GetCertificateVersions(ctx, name) },
			func(pages []*vault.Exchange) bool { return count(pages) >= succeeded(imported) })...)
	}
	return nil
}

// succeeded counts the exchanges that were accepted.
func succeeded(exchanges []*vault.Exchange) int {
	count := 0
	for _, e := range exchanges {
		if e.Succeeded() {
			count++
		}
	}
	return count
}
