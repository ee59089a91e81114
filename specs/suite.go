// Package specs has the checks: one file a scenario, one spec a rule. A spec judges the exchanges of a play and sends
// nothing, so the same spec judges a running target, a transcript of an earlier run, and exchanges made up by a test.
//
// The check of a rule is a few lines in the file of its scenario, under the id that the catalogue gives the rule:
//
//	rule(s, "read-completed/same-request", func(c *Check, p *scenarios.ReadCompleted) {
//		c.requireEndedAs(p.Created, p.Polls, "completed")
//		c.Expect(scenarios.Last(p.Polls), match.SameMember(p.Created, "request_id"))
//	})
//
// The type of p names the play whose exchanges are judged. The methods of Check that begin with require end the judging
// as not reached unless the precondition of the rule was shown. Expect and Accepts end it as broken: Expect applies a
// test of package match, Accepts compares a value of the response with the values that the catalogue lists.
//
// A Suite holds every spec. Judge applies one to the performances of a run and returns a Finding; Judgement registers
// them with Ginkgo and records each Finding.
package specs

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
)

// Facts are what a judge knows of a run beside its exchanges.
type Facts struct {
	// Endpoint is the base URL that was dialled, IDBase what the vault writes into its ids; equal unless the target
	// file says otherwise. Both without a trailing slash.
	Endpoint   string `json:"endpoint"`
	IDBase     string `json:"idBase"`
	APIVersion string `json:"apiVersion"`
	// Like is the known api-version whose rules and schemas apply, where kvconform does not know APIVersion.
	Like    string            `json:"like,omitempty"`
	Issuers scenarios.Issuers `json:"issuers"`
	// Without names the features that the target does not claim.
	Without []string `json:"without,omitempty"`
	// OwnIssuers are those that the run made of its own accord: the target file claims nothing of them.
	OwnIssuers []string `json:"ownIssuers,omitempty"`
}

// Expected is the known api-version whose rules and schemas apply.
func (f Facts) Expected() string { return cmp.Or(f.Like, f.APIVersion) }

// Spec judges one rule.
type Spec struct {
	// Rule is the rule's id.
	Rule string
	// Play is the name of the play whose exchanges it judges; "" for a spec that judges every exchange of every play.
	Play string
	// File is where the check is written, as "specs/delete_pending.go".
	File  string
	judge func(c *Check, performances Performances)
	// passing judges responses one at a time, nil for a spec that needs a play.
	passing *passing
	// matter is what of a history the rule is about, nil for a rule about something else.
	matter *matter
}

// Performances gives a judge the performances of a run.
type Performances interface {
	// Performance returns the performance of a play; it may wait for it.
	Performance(ctx context.Context, play scenarios.Play) *scenarios.Performance
	// All returns every performance of the run, in the order of scenarios.Plays.
	All(ctx context.Context) []*scenarios.Performance
}

// Suite is every spec, with what they share.
type Suite struct {
	Catalogue *scenarios.Catalogue
	Schemas   *schemas.Set
	Document  *schemas.Document
	// given is the user's document that judges in the place of ours, nil if there is none.
	given         *schemas.Given
	givenDocument *schemas.Document
	specs         []Spec
	byRule        map[string]int
	plays         map[string]scenarios.Play
}

// NewSuite loads the catalogue, the schemas and the OpenAPI document, and lists every spec.
func NewSuite() (*Suite, error) {
	suite := &Suite{byRule: map[string]int{}, plays: map[string]scenarios.Play{}}
	if err := suite.load(); err != nil {
		return nil, err
	}
	for _, play := range scenarios.Plays() {
		suite.plays[play.Name] = play
	}
	registrations := registrations()
	for _, scenario := range suite.Catalogue.Scenarios {
		register, ok := registrations[scenario.ID]
		if !ok {
			return nil, fmt.Errorf("the scenario %s has no checks: add it to registrations", scenario.ID)
		}
		register(suite)
	}
	tabled(suite)
	return suite, nil
}

// load reads the three sources of a suite side by side, because a run waits for them.
func (s *Suite) load() error {
	var group errgroup.Group
	group.Go(func() (err error) {
		if s.Catalogue, err = scenarios.Load(); err != nil {
			return fmt.Errorf("loading the catalogue: %w", err)
		}
		return nil
	})
	group.Go(func() (err error) {
		if s.Schemas, err = schemas.Compile(); err != nil {
			return fmt.Errorf("compiling the schemas: %w", err)
		}
		return nil
	})
	group.Go(func() (err error) {
		if s.Document, err = schemas.LoadDocument(); err != nil {
			return fmt.Errorf("loading the OpenAPI document: %w", err)
		}
		return nil
	})
	return group.Wait()
}

// registrations has the function that adds the specs of each scenario, by the scenario's id.
func registrations() map[string]func(*Suite) {
	return map[string]func(*Suite){
		"api-version":                 apiVersion,
		"at-once":                     atOnce,
		"authentication":              authentication,
		"cancel-in-progress":          cancelInProgress,
		"conflict-while-in-progress":  conflictWhileInProgress,
		"create-manually":             createManually,
		"certificate-policy":          certificatePolicy,
		"create-members":              createMembers,
		"delete-pending":              deletePending,
		"every-answer":                everyAnswer,
		"history":                     history,
		"import-certificate":          importCertificate,
		"contacts":                    contacts,
		"companions":                  companions,
		"issuers":                     issuers,
		"issue-next-version":          issueNextVersion,
		"read-certificate":            readCertificate,
		"update-certificate":          updateCertificate,
		"delete-certificate":          deleteCertificate,
		"backup-certificate":          backupCertificate,
		"list-certificates":           listCertificates,
		"merge-manual-request":        mergeManualRequest,
		"merge-on-issuer-request":     mergeOnIssuerRequest,
		"read-cancelled-or-failed":    readCancelledOrFailed,
		"read-completed":              readCompleted,
		"read-deleted-or-overwritten": readDeletedOrOverwritten,
		"read-in-progress":            readInProgress,
		"request-from-issuer":         requestFromIssuer,
	}
}

// Specs lists the specs in the order of the catalogue.
func (s *Suite) Specs() []Spec {
	var ordered []Spec
	for _, id := range s.Catalogue.RuleIDs() {
		if i, ok := s.byRule[id]; ok {
			ordered = append(ordered, s.specs[i])
		}
	}
	return ordered
}

// Spec finds the spec of a rule.
func (s *Suite) Spec(rule string) (Spec, bool) {
	i, ok := s.byRule[rule]
	if !ok {
		return Spec{}, false
	}
	return s.specs[i], true
}

func (s *Suite) add(spec Spec) {
	if _, twice := s.byRule[spec.Rule]; twice {
		panic("two specs for the rule " + spec.Rule)
	}
	if spec.File == "" {
		spec.File = registration()
	}
	s.byRule[spec.Rule] = len(s.specs)
	s.specs = append(s.specs, spec)
}

// registration is the file of the code that is adding a spec: the first caller outside this file and those of the kinds of
// rules that several scenarios have.
func registration() string {
	var counters [16]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for {
		frame, more := frames.Next()
		if name := filepath.Base(frame.File); name != "suite.go" && name != "kinds.go" && name != "links.go" || !more {
			return "specs/" + name
		}
	}
}

// rule adds the spec of a rule that is judged on the play P.
func rule[P any](s *Suite, id string, judge func(c *Check, p *P)) {
	name := reflect.TypeFor[P]().Name()
	s.add(Spec{Rule: id, Play: name, judge: func(c *Check, performances Performances) {
		play, ok := s.plays[name]
		if !ok {
			panic("no play is named " + name)
		}
		performance := performances.Performance(c.ctx, play)
		c.start(performance)
		script, ok := performance.Script.(any).(*P)
		if !ok {
			panic("the script of the play " + name + " is of another type")
		}
		judge(c, script)
	}})
}

// each adds the spec of a rule that is judged on every exchange, of every play, that concerns it: all of them must
// hold. Where none concerns it the rule is not reached.
func each(s *Suite, id string, concerns func(e *vault.Exchange) bool, judge func(c *Check, e *vault.Exchange)) {
	s.add(Spec{Rule: id, passing: &passing{concerns: concerns, judge: judge}, judge: func(c *Check, performances Performances) {
		c.judgeEach(performances.All(c.ctx), concerns, judge)
	}})
}

// across adds the spec of a rule about two responses that have the same key, in whatever plays: clash judges them. Where
// fewer than two responses have a key the rule is not reached.
func across(s *Suite, id string, key func(e *vault.Exchange) string, clash func(c *Check, first, second *vault.Exchange)) {
	s.add(Spec{Rule: id, passing: &passing{key: key, clash: clash}, judge: func(c *Check, performances Performances) {
		seen := map[string]*vault.Exchange{}
		keyed := 0
		for _, performance := range performances.All(c.ctx) {
			c.performance = performance
			for _, step := range performance.Steps() {
				if step.Exchange.Failure != nil || step.Exchange.Response == nil || vault.IsCompanion(step.Exchange.Operation) {
					continue
				}
				text := key(step.Exchange)
				if text == "" {
					continue
				}
				keyed++
				if first, ok := seen[text]; ok && first != step.Exchange {
					clash(c, first, step.Exchange)
					continue
				}
				seen[text] = step.Exchange
			}
		}
		c.Need(keyed > 1, "%s", c.needs())
		c.needSuccess(performances.All(c.ctx))
	}})
}
