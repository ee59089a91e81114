package specs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/members"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// tabled adds a spec for each place of the table of members. A row needs no code of its own: the place says which exchange
// shows the member, and the member how two values are compared.
func tabled(s *Suite) {
	table, err := members.Table()
	if err != nil {
		panic("reading the table of members: " + err.Error()) // it is part of the program, and a test reads it
	}
	for _, request := range table {
		for _, member := range request.Rows() {
			for _, place := range member.Shows {
				if !place.Elsewhere {
					s.add(tabledSpec(request, member, place))
				}
			}
		}
	}
}

func tabledSpec(request members.Request, member members.Member, place members.Place) Spec {
	value := asJSON(member.Value)
	return Spec{Rule: place.Rule, Play: request.Play, File: request.Location(), judge: func(c *Check, performances Performances) {
		play, ok := c.Suite.plays[request.Play]
		if !ok {
			panic("no play is named " + request.Play)
		}
		performance := performances.Performance(c.ctx, play)
		c.start(performance)
		sent := &sentMember{
			member: member, request: request, value: value, steps: performance.Steps(), asked: askedIn(performance),
		}
		switch place.At {
		case members.AtAccepted:
			sent.judgeAccepted(c)
		case members.AtOperation:
			sent.judgeOperation(c)
		case members.AtPolicy:
			sent.judgePolicy(c)
		case members.AtCSR:
			sent.judgeCSR(c)
		case members.AtCertificate:
			sent.judgeCertificate(c)
		case members.AtBundle:
			sent.judgeBundle(c)
		case members.AtResponse:
			sent.judgeResponse(c)
		case members.AtRejected:
			sent.judgeRejected(c)
		case members.AtCode:
			c.requireRefused(scenarios.Last(sent.carriers()))
			c.Accepts(scenarios.Last(sent.carriers()), match.ErrorCode())
		default:
			panic("no check knows the place " + place.At)
		}
	}}
}

// sentMember is a member of the table with the exchanges of the script that sent it.
type sentMember struct {
	request members.Request
	member  members.Member
	value   any
	steps   []scenarios.Step
	// asked are the requests of the script, decoded once for all members.
	asked map[*vault.Exchange]any
}

// askedIn decodes the bodies of a script's requests once for all rules about it.
func askedIn(performance *scenarios.Performance) map[*vault.Exchange]any {
	type bodies struct{}
	made := performance.Derived(bodies{}, func() any {
		decoded := map[*vault.Exchange]any{}
		for _, step := range performance.Steps() {
			decoded[step.Exchange] = asked(step.Exchange)
		}
		return decoded
	})
	return made.(map[*vault.Exchange]any) //nolint:forcetypeassert // as made here
}

// carriers are the requests that carried the member with its value, in their order.
func (s *sentMember) carriers() []*vault.Exchange {
	var carriers []*vault.Exchange
	path := s.member.Steps()
	for _, step := range s.steps {
		e := step.Exchange
		if e.Operation == s.request.Operation && reflect.DeepEqual(within(s.asked[e], path...), s.value) {
			carriers = append(carriers, e)
		}
	}
	return carriers
}

// carrier needs an accepted request that carried the member, and returns it. With selfSigned it is one of the issuer Self.
func (s *sentMember) carrier(c *Check, selfSigned bool) *vault.Exchange {
	carriers := s.carriers()
	if selfSigned {
		carriers = slices.DeleteFunc(carriers, func(e *vault.Exchange) bool {
			issuer, _ := within(s.asked[e], "policy", "issuer", "name").(string)
			return !strings.EqualFold(issuer, scenarios.Self)
		})
	}
	if i := slices.IndexFunc(carriers, (*vault.Exchange).Succeeded); i >= 0 {
		return carriers[i]
	}
	c.requireSuccess(scenarios.Last(carriers))
	return nil
}

// after lists the successes of an operation about what the carrier made, in their order. A step called Before is what there
// was before the carrier.
func (s *sentMember) after(carrier *vault.Exchange, operation string) []*vault.Exchange {
	var found []*vault.Exchange
	for _, step := range s.steps {
		e := step.Exchange
		if e != carrier && step.Name != "Before" && e.Operation == operation && e.Succeeded() && strings.EqualFold(match.Name(e), match.Name(carrier)) {
			found = append(found, e)
		}
	}
	return found
}

// plain is the request without any member of the table, nil if the script sends none.
func (s *sentMember) plain() *vault.Exchange {
	for _, step := range s.steps {
		if step.Name == "Plain" {
			return step.Exchange
		}
	}
	return nil
}

func (s *sentMember) judgeAccepted(c *Check) {
	carriers := s.carriers()
	if i := slices.IndexFunc(carriers, (*vault.Exchange).Succeeded); i >= 0 {
		c.Accepts(carriers[i], match.Accepted())
		return
	}
	c.requireControl(scenarios.Last(carriers), s.plain())
	c.Accepts(scenarios.Last(carriers), match.Accepted())
}

// judgeRejected wants an illegal value to be rejected, where the same request without it is accepted.
func (s *sentMember) judgeRejected(c *Check) {
	illegal := scenarios.Last(s.carriers())
	c.requireOnlyFlaw(illegal, s.plain())
	c.Accepts(illegal, match.StatusClass())
}

func (s *sentMember) judgeOperation(c *Check) {
	carrier := s.carrier(c, false)
	c.Expect(carrier, match.SameJSON(s.value, s.member.Steps()...))
	for _, read := range s.after(carrier, vault.GetCertificateOperation) {
		c.Expect(read, match.SameJSON(s.value, s.member.Steps()...))
	}
}

// judgePolicy looks into every response that shows the policy of what was made.
func (s *sentMember) judgePolicy(c *Check) {
	carrier := s.carrier(c, false)
	var shown []*vault.Exchange
	if showsPolicy(carrier.Operation) || carrier.Member("policy") != nil {
		shown = append(shown, carrier)
	}
	shown = append(shown, s.after(carrier, vault.GetCertificatePolicy)...)
	for _, read := range s.after(carrier, vault.GetCertificate) {
		if read.Member("policy") != nil {
			shown = append(shown, read)
		}
	}
	if len(shown) == 0 {
		c.requireSuccess(s.last(carrier, vault.GetCertificatePolicy))
	}
	for _, e := range shown {
		at := []string{"policy"}
		if showsPolicy(e.Operation) {
			at = nil
		}
		c.requireBody(e)
		c.Expect(e, s.inPolicy(at))
	}
}

// last is the last exchange of an operation about what the carrier made, whatever came of it.
func (s *sentMember) last(carrier *vault.Exchange, operation string) *vault.Exchange {
	var last *vault.Exchange
	for _, step := range s.steps {
		if step.Exchange.Operation == operation && strings.EqualFold(match.Name(step.Exchange), match.Name(carrier)) {
			last = step.Exchange
		}
	}
	return last
}

// showsPolicy reports whether the response to an operation is a policy.
func showsPolicy(operation string) bool {
	return operation == vault.GetCertificatePolicy || operation == vault.UpdateCertificatePolicy
}

// inPolicy compares the member in a policy, which is at a place of the body.
func (s *sentMember) inPolicy(at []string) match.Test {
	path := append(at, strings.Split(strings.TrimPrefix(s.member.Path, "policy."), ".")...)
	switch s.member.As {
	case "subject":
		return match.PolicySubject(s.value.(string), at...)
	case "issuer":
		return match.IssuerNameAt(s.value.(string), path...)
	case "addresses":
		return match.SameAddresses(texts(s.value), path...)
	default:
		return match.SameJSON(s.value, path...)
	}
}

func (s *sentMember) judgeCSR(c *Check) {
	carrier := s.carrier(c, false)
	shown := carrier
	if carrier.Text("csr") == "" {
		if read := s.last(carrier, vault.GetCertificateOperation); read.Succeeded() {
			shown = read
		}
	}
	c.readableCSR(shown)
	c.Expect(shown, s.inCSR(carrier))
}

// inCSR compares the member in a csr.
func (s *sentMember) inCSR(carrier *vault.Exchange) match.Test {
	name := s.member.Steps()[len(s.member.Steps())-1]
	switch name {
	case "subject":
		return match.CSRSubject(s.value.(string))
	case "ekus":
		return match.CSRExtendedKeyUsages(texts(s.value))
	case "key_usage":
		return match.CSRKeyUsage(texts(s.value))
	case "kty":
		return match.CSRKeyType(s.value.(string))
	case "key_size", "crv":
		return match.CSRKey(requestedKey(carrier))
	}
	return match.CSRNames(match.NameKind(name), texts(s.value))
}

// requestedKey is the key that a create asks for, in the words of match.KeyKind.
func requestedKey(create *vault.Exchange) string {
	text := func(member string) string {
		value, _ := asked(create, "policy", "key_props", member).(string)
		return value
	}
	if curve := text("crv"); curve != "" {
		return text("kty") + " " + curve
	}
	size, _ := asked(create, "policy", "key_props", "key_size").(json.Number)
	return "RSA " + size.String()
}

func (s *sentMember) judgeCertificate(c *Check) {
	carrier := s.carrier(c, true)
	c.requireCompleted(carrier, s.after(carrier, vault.GetCertificateOperation))
	current := s.last(carrier, vault.GetCertificate)
	c.requireBody(current)
	c.Expect(current, s.inCertificate())
}

// inCertificate compares the member in a certificate.
func (s *sentMember) inCertificate() match.Test {
	name := s.member.Steps()[len(s.member.Steps())-1]
	switch name {
	case "subject":
		return match.CertificateSubject(s.value.(string))
	case "ekus":
		return match.CertificateExtendedKeyUsages(texts(s.value))
	case "key_usage":
		return match.CertificateKeyUsages(texts(s.value))
	case "validity_months":
		months, _ := s.value.(json.Number).Int64()
		return match.ValidFor(int(months), 48*time.Hour)
	}
	return match.CertificateNames(match.NameKind(name), texts(s.value))
}

func (s *sentMember) judgeBundle(c *Check) {
	created := s.request.Operation == vault.CreateCertificate
	carrier := s.carrier(c, created)
	if created {
		c.requireCompleted(carrier, s.after(carrier, vault.GetCertificateOperation))
	} else {
		c.requireBody(carrier)
		c.Expect(carrier, s.inBundle())
	}
	current := s.last(carrier, vault.GetCertificate)
	c.requireBody(current)
	c.Expect(current, s.inBundle())
}

func (s *sentMember) inBundle() match.Test {
	if s.member.Path == "tags" {
		tags := map[string]string{}
		for name, value := range s.value.(map[string]any) {
			tags[name], _ = value.(string)
		}
		return match.Tags(tags)
	}
	return match.SameJSON(s.value, s.member.Steps()...)
}

// judgeResponse looks into the response to the request, and into later reads of the same object.
func (s *sentMember) judgeResponse(c *Check) {
	carrier := s.carrier(c, false)
	c.requireBody(carrier)
	c.Expect(carrier, match.SameJSON(s.value, s.member.Steps()...))
	for _, step := range s.steps {
		e := step.Exchange
		if step.Name == "Reads" && e.Succeeded() && strings.EqualFold(pathOf(e), pathOf(carrier)) {
			c.Expect(e, match.SameJSON(s.value, s.member.Steps()...))
		}
	}
}

// pathOf is the path of a request's URL: what the request is about.
func pathOf(e *vault.Exchange) string {
	path, _, _ := strings.Cut(e.Request.URL, "?")
	return path
}

// texts are the strings of a list.
func texts(value any) []string {
	list, _ := value.([]any)
	var all []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// asJSON is a value of the table as it is read back from a body.
func asJSON(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic("the table of members has a value that is no JSON: " + err.Error())
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var read any
	if err := decoder.Decode(&read); err != nil {
		panic("reading a value of the table of members: " + err.Error())
	}
	return read
}
