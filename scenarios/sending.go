package scenarios

import (
	"context"

	"github.com/kvconform/kvconform/scenarios/members"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// sending sends the members of one request of the table: the legal ones together, in the requests that the table names, and
// one by one if such a request is rejected; the illegal ones one by one. A member that keeps the others from being read is sent
// alone.
type sending struct {
	table members.Request
	env   *Env
	// send sends one request of a kind with some members set, and reads what came of it. The purpose names it.
	send func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error)
	// apart is true of a member that would hide what the others become.
	apart func(member members.Member) bool
}

// sendingOf sends the members that the table has for a script.
func (env *Env) sendingOf(ctx context.Context, play string, send func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error)) *sending {
	return &sending{table: members.Of(play), env: env, send: send, apart: func(member members.Member) bool {
		return member.Path == "attributes.enabled" && member.Value == false && !env.showsDisabled(ctx)
	}}
}

// together sends all legal members of a kind at once. It returns that request and, if it was rejected, one request for each
// member alone. No request is sent if the api-version knows no member of the kind.
func (s *sending) together(kind string) (together, alone []*vault.Exchange, err error) {
	var carried, apart []members.Member
	var options []vault.Option
	for _, member := range s.table.Members {
		switch {
		case !member.Carried(kind) || !s.env.knows(member.Since):
		case s.apart(member):
			apart = append(apart, member)
		default:
			carried = append(carried, member)
			options = append(options, vault.Set(member.Path, member.Value))
		}
	}
	if len(carried) == 0 {
		return nil, nil, nil
	}
	all, err := s.send(kind, "all-"+kind, options...)
	if all != nil {
		together = append(together, all)
	}
	if err != nil || all.Failed() {
		return together, nil, err
	}
	if all.Succeeded() {
		carried = nil
	}
	for _, member := range append(carried, apart...) {
		one, err := s.send(kind, kind+"-"+member.Name, vault.Set(member.Path, member.Value))
		if err != nil {
			return together, alone, err
		}
		alone = append(alone, one)
	}
	return together, alone, nil
}

// illegal sends each illegal value in a request of its own.
func (s *sending) illegal() ([]*vault.Exchange, error) {
	var sent []*vault.Exchange
	for _, member := range s.table.Illegal {
		one, err := s.send("illegal", "illegal-"+member.Name, vault.Set(member.Path, member.Value), vault.Deliberate())
		if err != nil {
			return sent, err
		}
		sent = append(sent, one)
	}
	return sent, nil
}
