// Package scenarios has the catalogue of documented situations with their rules, and the scripts that bring each
// situation about. A script drives and never asserts: it sends its requests, keeps every exchange in a field, and goes
// on with whatever the vault returns. The name of a field is the name of a step in reports and transcripts.
//
//	// ReadOnce reads the pending object of a request once.
//	type ReadOnce struct{ Created, Pending *vault.Exchange }
//
//	func (p *ReadOnce) Play(ctx context.Context, env *Env) error {
//		name, err := env.Name("once")
//		if err != nil {
//			return err
//		}
//		p.Created = env.Vault.CreateCertificate(ctx, name, parameters)
//		if err := env.Must(p.Created, "pending request"); err != nil {
//			return err // an *Unreached, or a *vault.Failure
//		}
//		p.Pending = env.Vault.GetPending(ctx, name)
//		return nil
//	}
//
// Plays lists every script with its scenario, Load reads the catalogue, and a Pool performs plays, several at once.
package scenarios

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed catalogue/*.yaml sources.yaml
var catalogueFiles embed.FS

// Level says how much a rule weighs.
type Level string

// The levels: breaking a must fails a target, breaking a should warns, a may is only recorded.
const (
	Must   Level = "must"
	Should Level = "should"
	May    Level = "may"
)

// Oracle says whose responses count.
type Oracle string

// The oracles: the documentation to the letter, what the real service does, or either. Inferred is none to choose: it
// names values that follow from reasoning, which every oracle accepts.
const (
	Documented Oracle = "documented"
	Observed   Oracle = "observed"
	Either     Oracle = "either"
	Inferred   Oracle = "inferred"
)

// Oracles lists them, the default first.
func Oracles() []Oracle { return []Oracle{Either, Documented, Observed} }

// Scenario is one documented situation with its rules.
type Scenario struct {
	ID    string `yaml:"scenario"`
	Title string `yaml:"title"`
	// Section is the heading on the page, or the document, that the scenario comes from; Anchor is its place there.
	Section  string      `yaml:"section"`
	Anchor   string      `yaml:"anchor,omitempty"`
	Summary  string      `yaml:"summary"`
	Rules    []Rule      `yaml:"rules"`
	Excluded []Exclusion `yaml:"excluded,omitempty"`
}

// Rule is one testable statement.
type Rule struct {
	// ID is stable and never reused: the scenario's id, a slash, and a short name.
	ID        string `yaml:"id"`
	Level     Level  `yaml:"level"`
	Statement string `yaml:"statement"`
	// Covers names the statements of the contract that the rule tests.
	Covers  []string `yaml:"covers"`
	Accepts Accepts  `yaml:"accepts,omitempty"`
	// Needs is the precondition: where it never held, the rule is not reached.
	Needs string `yaml:"needs,omitempty"`
	// After is the coarser rule on the same fact: where that one is broken, a breach of this one says nothing new.
	After string `yaml:"after,omitempty"`
	// Feature is what a target that lacks it does not claim.
	Feature string   `yaml:"feature"`
	Sources []Source `yaml:"sources"`
	// Since is the first api-version that the rule holds for; empty means all.
	Since string `yaml:"since,omitempty"`
	// Until is the last api-version that the rule holds for; empty means all that follow.
	Until string `yaml:"until,omitempty"`
}

// Accepts lists the values that a rule takes, by side. A number of the catalogue is kept as its text.
type Accepts struct {
	// Documented are values that a document or the specification gives, Observed those that a recording or an issue shows.
	Documented []string `yaml:"documented,omitempty"`
	Observed   []string `yaml:"observed,omitempty"`
	// Inferred are values that follow from reasoning. Every oracle accepts them.
	Inferred []string `yaml:"inferred,omitempty"`
}

// Empty says that the rule's spec decides without a list.
func (a Accepts) Empty() bool {
	return len(a.Documented) == 0 && len(a.Observed) == 0 && len(a.Inferred) == 0
}

// Listed returns the values of one side as the catalogue has them, and of Either those of all sides.
func (a Accepts) Listed(side Oracle) []string {
	switch side {
	case Documented:
		return a.Documented
	case Observed:
		return a.Observed
	case Inferred:
		return a.Inferred
	default:
		var all []string
		for _, value := range slices.Concat(a.Documented, a.Observed, a.Inferred) {
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
		return all
	}
}

// For returns the values that an oracle accepts: those of its side, and those that are inferred. An oracle whose side
// lists nothing has no better knowledge than the other and accepts what any side lists.
func (a Accepts) For(oracle Oracle) []string {
	own := a.Listed(oracle)
	if len(own) == 0 || oracle == Either {
		return a.Listed(Either)
	}
	accepted := slices.Clone(own)
	for _, value := range a.Inferred {
		if !slices.Contains(accepted, value) {
			accepted = append(accepted, value)
		}
	}
	return accepted
}

// Exclusion is a statement that has no rule, with the reason.
type Exclusion struct {
	Covers    string `yaml:"covers"`
	Statement string `yaml:"statement"`
	Reason    string `yaml:"reason"`
}

// Catalogue is every scenario, in the order of the page.
type Catalogue struct {
	Scenarios []Scenario
	rules     map[string]place
}

type place struct{ scenario, rule int }

// order is that of the page, and then of what stands beside it.
func order() []string {
	return []string{
		"request-from-issuer", "read-in-progress", "read-completed", "read-cancelled-or-failed",
		"read-deleted-or-overwritten", "conflict-while-in-progress", "merge-on-issuer-request", "cancel-in-progress",
		"delete-pending", "create-manually", "merge-manual-request",
		"issue-next-version", "import-certificate",
		"read-certificate", "list-certificates", "update-certificate", "delete-certificate", "backup-certificate",
		"create-members", "certificate-policy", "issuers", "contacts", "companions", "at-once",
		"authentication", "api-version", "every-answer", "history",
	}
}

// Features lists what a target may say it lacks.
func Features() []string {
	return []string{
		"create", "issuers", "import", "merge", "cancel", "delete-pending", "request-id-filter", "self-signed",
		"policy", "versions", "list", "delete", "soft-delete", "purge", "backup", "contacts", "companions", "authentication", "api-version", "headers",
	}
}

var loaded = sync.OnceValues(func() (*Catalogue, error) { return load(catalogueFiles, "catalogue") })

// Load returns the embedded catalogue, which is read once for the whole program. The caller must not change it.
func Load() (*Catalogue, error) { return loaded() }

func load(files fs.FS, folder string) (*Catalogue, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("listing the catalogue: %w", err)
	}
	sources, err := readSources(files, sourcesFile)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", sourcesFile, err)
	}
	catalogue := &Catalogue{}
	for _, name := range names {
		scenario, err := readScenario(files, name, sources)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		catalogue.Scenarios = append(catalogue.Scenarios, *scenario)
	}
	ordered := order()
	slices.SortStableFunc(catalogue.Scenarios, func(a, b Scenario) int {
		return slices.Index(ordered, a.ID) - slices.Index(ordered, b.ID)
	})
	return catalogue, catalogue.Index()
}

func readScenario(files fs.FS, name string, sources *sourceTable) (*Scenario, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	decoder := strictly(text)
	var scenario Scenario
	if err := decoder.Decode(&scenario); err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("one scenario a file")
	}
	if scenario.ID+".yaml" != path.Base(name) {
		return nil, fmt.Errorf("the scenario %q has another name than its file", scenario.ID)
	}
	if err := scenario.addTabled(); err != nil {
		return nil, err
	}
	for i := range scenario.Rules {
		if err := sources.resolve(&scenario.Rules[i]); err != nil {
			return nil, fmt.Errorf("rule %q: %w", scenario.Rules[i].ID, err)
		}
	}
	return &scenario, scenario.check()
}

// strictly decodes YAML and rejects keys that it does not know.
func strictly(text []byte) *yaml.Decoder {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder
}

// check refuses a scenario that could not be judged or cited.
func (s *Scenario) check() error {
	if !slices.Contains(order(), s.ID) {
		return fmt.Errorf("the scenario %q has no place in the order of the catalogue", s.ID)
	}
	if s.Title == "" || s.Section == "" || s.Summary == "" || len(s.Rules) == 0 {
		return errors.New("title, section, summary and rules are all needed")
	}
	for _, rule := range s.Rules {
		if err := rule.check(s.ID); err != nil {
			return fmt.Errorf("rule %q: %w", rule.ID, err)
		}
	}
	for _, excluded := range s.Excluded {
		if excluded.Covers == "" || excluded.Statement == "" || excluded.Reason == "" {
			return fmt.Errorf("the exclusion of %q lacks covers, statement or reason", excluded.Covers)
		}
	}
	return nil
}

func (r *Rule) check(scenario string) error {
	switch {
	case !strings.HasPrefix(r.ID, scenario+"/"):
		return fmt.Errorf("its id does not begin with %q", scenario+"/")
	case r.Level != Must && r.Level != Should && r.Level != May:
		return fmt.Errorf("its level %q is none of must, should, may", r.Level)
	case r.Statement == "":
		return errors.New("it has no statement")
	case len(r.Covers) == 0:
		return errors.New("it covers no statement of the contract")
	case !slices.Contains(Features(), r.Feature):
		return fmt.Errorf("its feature %q is none of %s", r.Feature, strings.Join(Features(), ", "))
	case len(r.Sources) == 0:
		return errors.New("it has no source")
	}
	return nil
}

// Index prepares the poll-up of rules by their ids, and refuses a catalogue whose rules do not fit together.
func (c *Catalogue) Index() error {
	c.rules = map[string]place{}
	for i, scenario := range c.Scenarios {
		for j, rule := range scenario.Rules {
			if _, twice := c.rules[rule.ID]; twice {
				return fmt.Errorf("the rule %q is in the catalogue twice", rule.ID)
			}
			c.rules[rule.ID] = place{i, j}
		}
	}
	return c.checkOrder()
}

// checkOrder refuses a finer rule that could hide a breach: one whose coarser rule is missing, weighs less or belongs to
// another feature, and a rule that refines itself.
func (c *Catalogue) checkOrder() error {
	for _, scenario := range c.Scenarios {
		for _, rule := range scenario.Rules {
			for id, steps := rule.After, 0; id != ""; steps++ {
				coarser, known := c.Rule(id)
				switch {
				case !known:
					return fmt.Errorf("the rule %q refines %q, which is not in the catalogue", rule.ID, id)
				case steps > len(c.rules):
					return fmt.Errorf("the rule %q refines itself", rule.ID)
				case coarser.Level.weight() < rule.Level.weight():
					return fmt.Errorf("the rule %q refines %q, which weighs less", rule.ID, id)
				case coarser.Feature != rule.Feature && coarser.Feature != "create":
					return fmt.Errorf("the rule %q refines %q, which is of another feature", rule.ID, id)
				}
				id = coarser.After
			}
		}
	}
	return nil
}

// weight orders the levels; a must weighs most.
func (l Level) weight() int { return slices.Index([]Level{May, Should, Must}, l) }

// Rule finds a rule by its id.
func (c *Catalogue) Rule(id string) (*Rule, bool) {
	at, ok := c.rules[id]
	if !ok {
		return nil, false
	}
	return &c.Scenarios[at.scenario].Rules[at.rule], true
}

// Scenario finds a scenario by its id.
func (c *Catalogue) Scenario(id string) (*Scenario, bool) {
	for i := range c.Scenarios {
		if c.Scenarios[i].ID == id {
			return &c.Scenarios[i], true
		}
	}
	return nil, false
}

// RuleIDs lists every rule in the catalogue's order.
func (c *Catalogue) RuleIDs() []string {
	var ids []string
	for _, scenario := range c.Scenarios {
		for _, rule := range scenario.Rules {
			ids = append(ids, rule.ID)
		}
	}
	return ids
}
