package specs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
)

// passing is how a rule judges responses that pass one at a time: each by itself, or each beside an earlier one that has
// the same key.
type passing struct {
	concerns func(e *vault.Exchange) bool
	judge    func(c *Check, e *vault.Exchange)
	key      func(e *vault.Exchange) string
	clash    func(c *Check, first, second *vault.Exchange)
}

// Passing reports whether the rule needs no play: any response that concerns it can be judged, whoever asked for it.
func (s Spec) Passing() bool { return s.passing != nil || s.matter != nil }

// Stream judges responses one at a time, by the rules that need no play. It holds of each rule the first breaches, so it
// takes no more memory for a million responses than for a thousand. A response is compared with earlier ones as far back
// as a window of bounded size reaches.
type Stream struct {
	suite  *Suite
	oracle scenarios.Oracle
	rules  []*passed
	at     map[string]*passed
	shown  shown
	past   past
}

// passed is what the responses so far have shown of one rule.
type passed struct {
	spec           Spec
	rule           *scenarios.Rule
	seen, broken   int
	excused        int
	sides, as      []scenarios.Oracle // the rule's, and those of the responses so far
	first          *Finding
	breaches       []Breach
	earlier        window
	panicked       string
	oneKeySeen     bool
	twoWithKeySeen bool
	reached        bool // of a rule of histories: an exchange of its topic was judged
}

// NewStream makes a stream of the specs that need no play; the others are left out.
func (s *Suite) NewStream(oracle scenarios.Oracle, chosen []Spec) *Stream {
	stream := &Stream{suite: s, oracle: oracle, at: map[string]*passed{}}
	for _, spec := range chosen {
		rule, known := s.Catalogue.Rule(spec.Rule)
		if !known || !spec.Passing() {
			continue
		}
		state := &passed{spec: spec, rule: rule, sides: rule.Sides(), as: rule.Sides(), earlier: newWindow()}
		stream.rules = append(stream.rules, state)
		stream.at[spec.Rule] = state
	}
	return stream
}

// Passage is one response on its way past the rules.
type Passage struct {
	Exchange *vault.Exchange
	Facts    Facts
	// Scope tells recordings apart: only responses of one scope are compared with one another.
	Scope string
	// Holds reports whether a rule holds at the api-version of the request; nil means that all do.
	Holds func(rule *scenarios.Rule) bool
	// Excused reports whether a breach is none of the vault's, because the recording changed the value.
	Excused func(breach Breach) bool
	// Timed says that the times of the exchange are its own, so that those under way at once are known as such.
	Timed bool
	// Blur is by how much later than its times say the exchange may have ended.
	Blur time.Duration
	// Blind says that the body of the request was not recorded, so that nobody knows what it changed.
	Blind bool
	// History tells histories of one scope apart.
	History string
}

// mostBreaches bounds how many distinct breaches of one rule are kept.
const mostBreaches = 100

// Take judges a response by every rule of the stream that it concerns, and returns the breaches of a kind that no
// response before had.
func (s *Stream) Take(ctx context.Context, p Passage) []Finding {
	e := p.Exchange
	if e.Failure != nil || e.Response == nil {
		return nil
	}
	s.shown.note(e)
	// One performance for all rules: what one derives of the response, the others have too.
	performance := &scenarios.Performance{Script: &lone{Entry: e}}
	var fresh []Finding
	brokenNow := map[string]bool{}
	for _, state := range s.rules {
		if state.spec.matter != nil {
			continue // histories judge it
		}
		if p.Holds != nil && !p.Holds(state.rule) {
			continue
		}
		finding, concerned := s.judge(ctx, state, p, performance)
		if !concerned {
			continue
		}
		if finding.Kind == Broken && brokenNow[state.rule.After] {
			continue // the coarser rule says it all
		}
		brokenNow[state.rule.ID] = finding.Kind == Broken
		if state.count(finding, p.Excused) {
			fresh = append(fresh, *finding)
		}
	}
	return append(fresh, s.remember(p)...)
}

// judge judges one rule on a response; false if the rule is about others.
func (s *Stream) judge(ctx context.Context, state *passed, p Passage, performance *scenarios.Performance) (result *Finding, concerned bool) {
	defer func() {
		if recovered := recover(); recovered != nil {
			state.panicked = fmt.Sprintf("kvconform panicked while judging: %v", recovered)
			result, concerned = nil, false
		}
	}()
	how := state.spec.passing
	judged := how.judge
	if how.key != nil {
		key := how.key(p.Exchange)
		if key == "" {
			return nil, false
		}
		first := state.earlier.put(p.Scope+"\x00"+key, p.Exchange)
		state.twoWithKeySeen = state.twoWithKeySeen || state.oneKeySeen
		state.oneKeySeen = true
		if first == nil {
			return &Finding{Rule: state.rule.ID, Kind: Held, As: state.sides}, true
		}
		judged = func(c *Check, e *vault.Exchange) { how.clash(c, first, e) }
	} else if !how.concerns(p.Exchange) {
		return nil, false
	}
	c := &Check{Rule: state.rule, Oracle: s.oracle, Facts: p.Facts, Suite: s.suite, ctx: ctx}
	c.finding = Finding{Rule: state.rule.ID, Kind: Held, As: state.sides}
	one := *c
	finding := c.judgeOne(&one, performance, p.Exchange, judged)
	return finding, finding.Kind != NotReached
}

// count adds a finding to what is known of the rule, and reports whether it is a breach of a new kind.
func (s *passed) count(finding *Finding, excused func(Breach) bool) bool {
	if finding.Kind == Held {
		s.seen++
		s.as = intersect(s.as, finding.As)
		return false
	}
	own := finding.breaches()
	if excused != nil {
		own = slices.DeleteFunc(own, excused)
		if len(own) == 0 {
			s.excused++
			return false
		}
	}
	s.seen++
	s.broken++
	if s.first == nil {
		s.first = finding
	}
	before := len(s.breaches)
	if before < mostBreaches {
		finding.Breaches = own
		s.breaches = withBreaches(s.breaches, finding)
	}
	return len(s.breaches) > before
}

// breaches are the ways in which a response breaks a rule, one if the rule does not tell several apart.
func (f *Finding) breaches() []Breach {
	if len(f.Breaches) > 0 {
		return slices.Clone(f.Breaches)
	}
	return []Breach{{Aspect: f.Aspect, Member: f.Member, Header: f.Header, Got: f.Got, Exchange: f.Exchange, Count: 1}}
}

// Findings returns the findings so far, in the order of the specs.
func (s *Stream) Findings() []Finding {
	findings := make([]Finding, 0, len(s.rules))
	doubt := s.shown.doubt()
	for _, state := range s.rules {
		findings = append(findings, state.finding(doubt))
	}
	return findings
}

// finding is the finding of one rule; doubt is why nothing that holds counts, "" if it does.
func (s *passed) finding(doubt string) Finding {
	f := Finding{Rule: s.rule.ID, Kind: Held, As: s.as}
	needs := s.rule.Needs
	if needs == "" {
		needs = "a response"
	}
	switch {
	case s.panicked != "":
		f.Kind, f.Panicked, f.Reason, f.As = CouldNotRun, true, s.panicked, nil
	case s.first != nil:
		f = *s.first
		f.As, f.Breaches = nil, s.breaches
		if s.broken > 1 {
			f.Got += fmt.Sprintf(" (and %d more of %d responses)", s.broken-1, s.seen)
		}
	case s.seen == 0 && s.excused > 0:
		f.Kind, f.As = NotReached, nil
		f.Reason = "needs " + needs + " with the values that the vault returned; the recording replaced them"
	case s.seen == 0, s.spec.passing != nil && s.spec.passing.key != nil && !s.twoWithKeySeen, s.spec.matter != nil && !s.reached:
		f.Kind, f.As = NotReached, nil
		f.Reason = "needs " + needs + "; no recorded response is one"
	case doubt != "":
		f.Kind, f.As, f.Reason = NotReached, nil, doubt
	}
	return f
}

// lone is the script of a response that no play asked for.
type lone struct{ Entry *vault.Exchange }

// Play sends nothing: the response is there.
func (*lone) Play(context.Context, *scenarios.Env) error { return nil }

// shown is what the successes so far say about whether the endpoint tells requests apart.
type shown struct {
	successes  int
	body       [sha256.Size]byte
	differ     bool
	created    map[string]bool
	createBody []byte
	createsVary,
	anything bool
}

// mostNames is how many names of creates are told apart; the question is whether there are three.
const mostNames = 3

func (s *shown) note(e *vault.Exchange) {
	s.anything = true
	if !e.Succeeded() {
		return
	}
	sum := sha256.Sum256(e.Response.Body)
	s.differ = s.differ || s.successes > 0 && sum != s.body
	s.body = sum
	s.successes++
	if e.Operation != vault.CreateCertificate || !scenarios.ShowsOperation(e) || s.createsVary {
		return
	}
	if s.created == nil {
		s.created = map[string]bool{}
		s.createBody = bytes.Clone(e.Response.Body)
	}
	s.createsVary = !bytes.Equal(s.createBody, e.Response.Body)
	if len(s.created) < mostNames {
		s.created[match.Name(e)] = true
	}
}

// doubt says why responses that hold show nothing: an endpoint that accepts nothing, or that tells nothing apart.
func (s *shown) doubt() string {
	switch {
	case s.successes == 0:
		return "needs an endpoint that accepts a request; every recorded request was rejected"
	case s.successes >= 3 && !s.differ:
		return "needs an endpoint that tells requests apart; every recorded success has the same body"
	case len(s.created) >= mostNames && !s.createsVary:
		return "needs an endpoint that tells names apart; every recorded create returned the same body, whatever the name"
	default:
		return ""
	}
}

// The bounds of what is kept to compare later responses with.
const (
	mostEarlier      = 20_000
	mostEarlierBytes = 12 << 20
)

// window keeps the latest responses by their key.
type window struct {
	at    map[string]*vault.Exchange
	order []string
	bytes int
}

func newWindow() window { return window{at: map[string]*vault.Exchange{}} }

// put returns the earlier response with the key, nil if there is none; then it keeps this one.
func (w *window) put(key string, e *vault.Exchange) *vault.Exchange {
	if first, ok := w.at[key]; ok {
		return first
	}
	w.at[key] = e
	w.order = append(w.order, key)
	w.bytes += weight(e)
	for len(w.order) > mostEarlier || w.bytes > mostEarlierBytes && len(w.order) > 1 {
		oldest := w.order[0]
		w.order = w.order[1:]
		w.bytes -= weight(w.at[oldest])
		delete(w.at, oldest)
	}
	return nil
}

// weight is about how much memory an exchange takes.
func weight(e *vault.Exchange) int {
	const headers = 2 << 10
	return headers + len(e.Request.Body) + len(e.Response.Body)
}
