package scenarios

import (
	"context"
	"net/http"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Contacts sets, replaces and deletes the contacts of the vault. The list belongs to the whole vault, so the script saves what
// there is and restores it, and it is played only where the target claims the feature contacts.
type Contacts struct {
	Saved    *vault.Exchange
	Plain    *vault.Exchange
	Together []*vault.Exchange
	Alone    []*vault.Exchange
	Reads    []*vault.Exchange
	Replaced *vault.Exchange
	After    *vault.Exchange
	Deleted  *vault.Exchange
	Gone     *vault.Exchange
	Twice    *vault.Exchange
	// Restored puts back what was saved; a vault without contacts is left without them.
	Restored []*vault.Exchange
}

// Play restores the contacts whatever happens.
func (p *Contacts) Play(ctx context.Context, env *Env) error {
	p.Saved = env.Vault.GetContacts(ctx)
	if p.Saved.Failure != nil {
		return p.Saved.Failure
	}
	if status := p.Saved.Status(); !p.Saved.Succeeded() && status != http.StatusNotFound && status != http.StatusBadRequest {
		return blocked(p.Saved, "the contacts, or 404") // they could not be restored
	}
	one := vault.ContactList{Contacts: []any{map[string]string{"email": "plain@example.com"}}}
	p.Plain = env.Vault.SetContacts(ctx, one)
	if p.Plain.Failure != nil {
		return p.Plain.Failure
	}
	defer p.restore(context.WithoutCancel(ctx), env)
	table := env.sendingOf(ctx, nameOf[Contacts](), func(_, _ string, options ...vault.Option) (*vault.Exchange, error) {
		sent := env.Vault.SetContacts(ctx, vault.ContactList{}, options...)
		if sent.Succeeded() {
			p.Reads = append(p.Reads, env.Vault.GetContacts(ctx))
		}
		return sent, nil
	})
	together, alone, err := table.together("set")
	p.Together, p.Alone = append(p.Together, together...), append(p.Alone, alone...)
	if err != nil {
		return err
	}
	p.Replaced = env.Vault.SetContacts(ctx, one)
	p.After = env.Vault.GetContacts(ctx)
	p.Deleted = env.Vault.DeleteContacts(ctx)
	p.Gone = env.Vault.GetContacts(ctx)
	p.Twice = env.Vault.DeleteContacts(ctx)
	return nil
}

// restore sets the list that was there before, if there was one.
func (p *Contacts) restore(ctx context.Context, env *Env) {
	list, _ := p.Saved.Member("contacts").([]any)
	if p.Saved.Succeeded() && len(list) > 0 {
		p.Restored = append(p.Restored, env.Vault.SetContacts(ctx, vault.ContactList{Contacts: list}, vault.SentBack()))
		return
	}
	if !p.Gone.Succeeded() && p.Gone != nil && p.Gone.Status() == http.StatusNotFound {
		return
	}
	p.Restored = append(p.Restored, env.Vault.DeleteContacts(ctx))
}
