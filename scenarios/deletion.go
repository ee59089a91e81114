package scenarios

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Deleting, recovering and purging take time to show, so plays poll.

// await sends a request again until its response shows what is awaited, and returns every poll. A response that waiting
// does not change ends it, and so does the bound on waits for a change: the last poll shows then how far it came.
func (env *Env) await(ctx context.Context, awaits string, send func() *vault.Exchange, shown func(*vault.Exchange) bool) []*vault.Exchange {
	until := env.Clock.Now().Add(env.Polling.change())
	if env.Doing != nil {
		env.Doing(awaits, until)
	}
	var polls []*vault.Exchange
	for {
		poll := send()
		polls = append(polls, poll)
		switch {
		case poll.Failure != nil || !transient(poll):
			return polls
		case shown(poll):
			env.Waits.ended(awaits, true)
			return polls
		}
		if !env.pollsAgain(ctx, awaits, until, env.pauseAfter(poll, len(polls)-1)) {
			return polls
		}
	}
}

// transient reports whether a response may be another one after a while.
func transient(e *vault.Exchange) bool {
	return e.Succeeded() || e.Status() == http.StatusNotFound || e.Status() == http.StatusConflict
}

func isMissing(e *vault.Exchange) bool { return e.Status() == http.StatusNotFound }

// SoftDeleted reports whether the response to a deletion says that the certificate can be recovered, or says nothing at all. A
// vault without soft delete says so by the level Purgeable, or has a certificate in the response and nothing of recovery.
func SoftDeleted(deleted *vault.Exchange) bool {
	if deleted.Text("id") == "" || deleted.Text("recoveryId") != "" || deleted.Member("scheduledPurgeDate") != nil {
		return true
	}
	return strings.Contains(recoveryLevel(deleted), "Recoverable")
}

// Purgeable reports whether the vault says of a certificate that it can be purged, or says nothing of it: a level without
// that word is one of a vault with purge protection.
func Purgeable(bundle *vault.Exchange) bool {
	level := recoveryLevel(bundle)
	return level == "" || strings.Contains(level, "Purgeable")
}

func recoveryLevel(bundle *vault.Exchange) string {
	attributes, _ := bundle.Member("attributes").(map[string]any)
	level, _ := attributes["recoveryLevel"].(string)
	return level
}

// versionPair makes the two versions that plays of deletion and restoring look at: one that is disabled, and a current one
// of a policy that is no default.
func (env *Env) versionPair(ctx context.Context, name string) ([]*vault.Exchange, error) {
	sent, err := env.supply(ctx, name, stock{tags: map[string]string{"version": "first"}, disabled: true})
	if err != nil {
		return sent, err
	}
	second := map[string]string{"version": "second", "purpose": "conformance"}
	request := IssuerRequest("CN="+name+".example.com", completingIssuer(env.Issuers))
	request.Tags = second
	request.Policy.X509Properties.ValidityMonths = 18
	created := env.Create(ctx, name, request)
	sent = append(sent, created)
	if !created.Succeeded() {
		more, err := env.supply(ctx, name, stock{tags: second})
		return append(sent, more...), err
	}
	polls, err := env.AwaitState(ctx, name, vault.StateCompleted)
	return append(sent, polls...), err
}

// RecoveredCertificate deletes a certificate with two versions, reads what is left of it in every way, and recovers it.
type RecoveredCertificate struct {
	DeletedUnknown   *vault.Exchange
	ReadUnknown      *vault.Exchange
	RecoveredUnknown *vault.Exchange

	Made []*vault.Exchange
	// Patched gives the policy lifetime actions that are not those by default.
	Patched *vault.Exchange
	// First and Current are the two versions, as they are before the deletion.
	First    *vault.Exchange
	Current  *vault.Exchange
	Policy   *vault.Exchange
	Pending  *vault.Exchange
	Versions []*vault.Exchange

	Deleted       *vault.Exchange
	DeletedPolls  []*vault.Exchange
	AfterVersion  *vault.Exchange
	AfterCurrent  *vault.Exchange
	AfterPolicy   *vault.Exchange
	AfterPending  *vault.Exchange
	AfterUpdate   *vault.Exchange
	AfterVersions []*vault.Exchange
	DeletedAgain  *vault.Exchange
	Listed        []*vault.Exchange
	ListedDeleted []*vault.Exchange

	Recovered         *vault.Exchange
	RecoveredPolls    []*vault.Exchange
	RecoveredFirst    *vault.Exchange
	RecoveredVersions []*vault.Exchange
	RecoveredPolicy   *vault.Exchange
	ListedAgain       []*vault.Exchange
	// Gone are polls of the deleted certificate until there is none.
	Gone            []*vault.Exchange
	ListedRecovered []*vault.Exchange
	// Next makes another version, NextCurrent reads it.
	Next        []*vault.Exchange
	NextCurrent *vault.Exchange
}

// Play asks for what does not exist first, since the same requests have to succeed later.
func (p *RecoveredCertificate) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "recovered", "recoveredunknown")
	if err != nil {
		return err
	}
	name := names[0]
	p.DeletedUnknown = env.Vault.DeleteCertificate(ctx, names[1])
	p.ReadUnknown = env.Vault.GetDeletedCertificate(ctx, names[1])
	p.RecoveredUnknown = env.Vault.RecoverDeletedCertificate(ctx, names[1])
	p.Made, err = env.versionPair(ctx, name)
	if err != nil {
		return err
	}
	p.Patched = env.ownActions(ctx, name)
	p.Current = env.Vault.GetCertificate(ctx, name)
	if err := env.Must(p.Current); err != nil {
		return err
	}
	p.Policy = env.Vault.GetCertificatePolicy(ctx, name)
	p.Pending = env.Vault.GetPending(ctx, name)
	p.Versions = everyVersion(ctx, env, name)
	if first := otherVersionOf(p.Versions, p.Current); first != "" {
		p.First = env.Vault.Follow(ctx, vault.GetCertificate, first)
	}
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	p.afterDeletion(ctx, env, name)
	if !SoftDeleted(p.Deleted) || !Last(p.DeletedPolls).Succeeded() {
		return nil
	}
	p.Recovered = env.Vault.RecoverDeletedCertificate(ctx, name)
	if p.Recovered.Succeeded() {
		p.afterRecovery(ctx, env, name)
	}
	return nil
}

// otherVersionOf is the id of a listed version that is not the one given, "" if there is none.
func otherVersionOf(versions []*vault.Exchange, current *vault.Exchange) string {
	for _, page := range versions {
		items, _ := page.Member("value").([]any)
		for _, item := range items {
			object, _ := item.(map[string]any)
			if id, _ := object["id"].(string); id != "" && pathOf(id) != pathOf(current.Text("id")) {
				return id
			}
		}
	}
	return ""
}

// Last is the last of several exchanges, nil where there is none.
func Last(exchanges []*vault.Exchange) *vault.Exchange {
	if len(exchanges) == 0 {
		return nil
	}
	return exchanges[len(exchanges)-1]
}

// First is the first of some exchanges, nil if there are none.
func First(exchanges []*vault.Exchange) *vault.Exchange {
	if len(exchanges) == 0 {
		return nil
	}
	return exchanges[0]
}

func (p *RecoveredCertificate) afterDeletion(ctx context.Context, env *Env, name string) {
	read := func() *vault.Exchange { return env.Vault.GetDeletedCertificate(ctx, name) }
	if SoftDeleted(p.Deleted) {
		p.DeletedPolls = env.await(ctx, "the deleted certificate", read, (*vault.Exchange).Succeeded)
	}
	p.AfterCurrent = env.Vault.GetCertificate(ctx, name)
	if p.First != nil {
		p.AfterVersion = env.Vault.Follow(ctx, vault.GetCertificate, p.First.Request.URL)
	}
	p.AfterPolicy = env.Vault.GetCertificatePolicy(ctx, name)
	p.AfterPending = env.Vault.GetPending(ctx, name)
	p.AfterUpdate = env.Vault.Update(ctx, name, versionOf(p.Current), vault.UpdateParameters{Tags: map[string]string{"after": "deletion"}})
	p.AfterVersions = everyVersion(ctx, env, name)
	p.DeletedAgain = env.Vault.DeleteCertificate(ctx, name)
	id := CertificateOf(p.Current)
	p.Listed = env.awaitList(ctx, "the list without the deleted certificate",
		func() *vault.Exchange { return env.Vault.GetCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return !Lists(pages, id) })
	if SoftDeleted(p.Deleted) {
		p.ListedDeleted = env.awaitList(ctx, "the list with the deleted certificate",
			func() *vault.Exchange { return env.Vault.GetDeletedCertificates(ctx) },
			func(pages []*vault.Exchange) bool { return Lists(pages, id) })
	}
}

func (p *RecoveredCertificate) afterRecovery(ctx context.Context, env *Env, name string) {
	id := CertificateOf(p.Current)
	p.RecoveredPolls = env.await(ctx, "the recovered certificate",
		func() *vault.Exchange { return env.Vault.GetCertificate(ctx, name) }, (*vault.Exchange).Succeeded)
	if p.First != nil {
		p.RecoveredFirst = env.Vault.Follow(ctx, vault.GetCertificate, p.First.Request.URL)
	}
	p.RecoveredVersions = everyVersion(ctx, env, name)
	p.RecoveredPolicy = env.Vault.GetCertificatePolicy(ctx, name)
	p.ListedAgain = env.awaitList(ctx, "the list with the recovered certificate",
		func() *vault.Exchange { return env.Vault.GetCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return Lists(pages, id) })
	p.Gone = env.await(ctx, "the end of the deleted certificate",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificate(ctx, name) }, isMissing)
	p.ListedRecovered = env.awaitList(ctx, "the list without the recovered certificate",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return !Lists(pages, id) })
	if next, err := env.supply(ctx, name, stock{}); err == nil || len(next) > 0 {
		p.Next = next
		p.NextCurrent = env.Vault.GetCertificate(ctx, name)
	}
}

// PurgedCertificate purges a certificate, looks for what is left of it, and uses its name again.
type PurgedCertificate struct {
	Made    []*vault.Exchange
	Current *vault.Exchange
	// PurgedLive and VersionDeleted must be rejected; AfterRejected shows that they did nothing.
	PurgedLive     *vault.Exchange
	VersionDeleted *vault.Exchange
	AfterRejected  *vault.Exchange

	Deleted      *vault.Exchange
	DeletedPolls []*vault.Exchange
	// TooEarly are purges that were a conflict, because the deletion may still be under way; Purged is the one after them.
	TooEarly []*vault.Exchange
	Purged   *vault.Exchange
	// Gone are polls of the deleted certificate until there is none.
	Gone         []*vault.Exchange
	ListedPurged []*vault.Exchange
	// RecoveredLate and PurgedAgain are tried until they are no conflict: the purge may still be under way.
	RecoveredLate  []*vault.Exchange
	PurgedAgain    []*vault.Exchange
	Reused         []*vault.Exchange
	ReusedCurrent  *vault.Exchange
	ReusedVersions []*vault.Exchange
}

// Play tries what must not delete anything first.
func (p *PurgedCertificate) Play(ctx context.Context, env *Env) error {
	name, err := env.Name("purged")
	if err != nil {
		return err
	}
	p.Made, err = env.supply(ctx, name, stock{tags: map[string]string{"version": "purged"}})
	if err != nil {
		return err
	}
	p.Current = env.Vault.GetCertificate(ctx, name)
	if err := env.Must(p.Current); err != nil {
		return err
	}
	p.PurgedLive = env.Vault.PurgeDeletedCertificate(ctx, name)
	if version := versionOf(p.Current); version != "" {
		p.VersionDeleted = env.Vault.Send(ctx, vault.DeleteCertificate, http.MethodDelete, p.Current.Text("id"), nil, vault.Deliberate())
	}
	p.AfterRejected = env.Vault.GetCertificate(ctx, name)
	p.Deleted = env.Vault.DeleteCertificate(ctx, name)
	if err := env.Must(p.Deleted); err != nil {
		return err
	}
	if !SoftDeleted(p.Deleted) {
		return nil
	}
	p.DeletedPolls = env.await(ctx, "the deleted certificate",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificate(ctx, name) }, (*vault.Exchange).Succeeded)
	p.TooEarly, p.Purged = env.purge(ctx, name)
	if !p.Purged.Succeeded() {
		return nil
	}
	p.afterPurge(ctx, env, name)
	return nil
}

// purge purges a deleted certificate, and again as long as that is a conflict. It returns the last purge apart from the others.
func (env *Env) purge(ctx context.Context, name string) (tooEarly []*vault.Exchange, purged *vault.Exchange) {
	purges := env.await(ctx, "the end of the deletion",
		func() *vault.Exchange { return env.Vault.PurgeDeletedCertificate(ctx, name) },
		func(e *vault.Exchange) bool { return e.Status() != http.StatusConflict })
	last := len(purges) - 1
	return purges[:last], purges[last]
}

func (p *PurgedCertificate) afterPurge(ctx context.Context, env *Env, name string) {
	id := CertificateOf(p.Current)
	p.Gone = env.await(ctx, "the end of the purged certificate",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificate(ctx, name) }, isMissing)
	p.ListedPurged = env.awaitList(ctx, "the list without the purged certificate",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return !Lists(pages, id) })
	settled := func(e *vault.Exchange) bool { return e.Status() != http.StatusConflict }
	p.RecoveredLate = env.await(ctx, "the end of the purge",
		func() *vault.Exchange { return env.Vault.RecoverDeletedCertificate(ctx, name) }, settled)
	p.PurgedAgain = env.await(ctx, "the end of the purge",
		func() *vault.Exchange { return env.Vault.PurgeDeletedCertificate(ctx, name) }, settled)
	p.Reused = env.await(ctx, "the name of the purged certificate",
		func() *vault.Exchange { return env.Create(ctx, name, ManualRequest("CN=purged.example.com")) },
		settled)
	p.ReusedCurrent = env.Vault.GetCertificate(ctx, name)
	p.ReusedVersions = everyVersion(ctx, env, name)
}

// DeletedCertificates lists several deleted certificates in small pages.
type DeletedCertificates struct {
	Made    []*vault.Exchange
	Deleted []*vault.Exchange
	Polls   []*vault.Exchange
	// Live is a certificate that is not deleted.
	Live   *vault.Exchange
	Pages  []*vault.Exchange
	Small  []*vault.Exchange
	Single []*vault.Exchange
}

// Play deletes three certificates and keeps one.
func (p *DeletedCertificates) Play(ctx context.Context, env *Env) error {
	names, err := namesFor(env, "deletedone", "deletedtwo", "deletedthree", "deletednot")
	if err != nil {
		return err
	}
	for i, name := range names {
		made, err := env.supply(ctx, name, stock{tags: map[string]string{"number": string(rune('1' + i))}})
		p.Made = append(p.Made, made...)
		if err != nil {
			return err
		}
	}
	var ids []string
	for _, name := range names[:3] {
		deleted := env.Vault.DeleteCertificate(ctx, name)
		p.Deleted = append(p.Deleted, deleted)
		if err := env.Must(deleted); err != nil {
			return err
		}
		ids = append(ids, CertificateOf(deleted))
	}
	p.Live = env.Vault.GetCertificate(ctx, names[3])
	if !slices.ContainsFunc(p.Deleted, SoftDeleted) {
		return nil
	}
	p.Pages = env.awaitList(ctx, "the list of deleted certificates",
		func() *vault.Exchange { return env.Vault.GetDeletedCertificates(ctx) },
		func(pages []*vault.Exchange) bool { return Lists(pages, ids...) })
	size := smallPage(count(p.Pages))
	p.Small = pages(ctx, env, env.Vault.GetDeletedCertificates(ctx, maxResults(size)))
	first := env.Vault.GetDeletedCertificates(ctx, maxResults(1))
	p.Single = append(p.Single, first)
	if next := first.Text("nextLink"); next != "" {
		p.Single = append(p.Single, env.Vault.Follow(ctx, vault.GetDeletedCertificates, next))
	}
	return nil
}
