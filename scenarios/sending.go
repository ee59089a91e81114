package scenarios

import (
	"github.com/kvconform/kvconform/scenarios/members"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// sending sends the members of one request of the table: the legal ones together, in the requests that the table names, and
// one by one if such a request is rejected; the illegal ones one by one.
type sending struct {
	table members.Request
	env   *Env
	// send sends one request of a kind with some members set, and reads what came of it. The purpose names it.
	send func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error)
}

// sendingOf sends the members that the table has for a script.
func (env *Env) sendingOf(play string, send func(kind, purpose string, options ...vault.Option) (*vault.Exchange, error)) *sending {
	return &sending{table: members.Of(play), env: env, send: send}
}

// together sends all legal members of a kind at once. It returns that request and, if it was rejected, one request for each
// member alone. No request is sent if the api-version knows no member of the kind.
func (s *sending) together(kind string) (together, alone []*vault.Exchange, err error) {
	var carried []members.Member
	var options []vault.Option
	for _, member := range s.table.Members {
		if member.Carried(kind) && s.env.knows(member.Since) {
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
	if err != nil || all.Succeeded() || all.Failed() {
		return together, nil, err
	}
	for _, member := range carried {
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
