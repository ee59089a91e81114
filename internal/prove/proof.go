package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/fault"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// Proof is the matrix of rules and faults, with what is wrong with it.
type Proof struct {
	// Complete says that everything was tried; a rule can be called silent only then.
	Complete bool `json:"complete"`
	// Target is the endpoint that the faults were put before; empty means the reference vault.
	Target   string         `json:"target,omitempty"`
	Rules    []RuleProof    `json:"rules"`
	Faults   []FaultProof   `json:"faults"`
	Variants []VariantProof `json:"variants"`
	// NoVariants are the ambiguities of the contract that no variant stands for, with the reason.
	NoVariants []NoVariant `json:"noVariants,omitempty"`
	// Transcript are the rules that get another finding from the transcript of the vault as it is, read back.
	Transcript []string `json:"transcript,omitempty"`
	// Problems are the reasons why the proof fails; none means that the suite is proven.
	Problems []string `json:"problems"`
}

// RuleProof is a rule with the faults that it caught.
type RuleProof struct {
	ID    string          `json:"id"`
	Level scenarios.Level `json:"level"`
	// Clean is what became of it on the vault as it is.
	Clean specs.Kind `json:"clean"`
	// Why says why, where the rule did not hold there.
	Why    string   `json:"why,omitempty"`
	Faults []string `json:"faults"`
}

// FaultProof is a fault with the rules that failed.
type FaultProof struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Breaks []string `json:"breaks"`
	// Plays are those that the fault could be seen in.
	Plays  []string      `json:"plays"`
	Failed []RuleFailure `json:"failed"`
	// Missing are the rules that should have failed and did not, Unexpected those that failed and should not have.
	Missing    []string `json:"missing,omitempty"`
	Unexpected []string `json:"unexpected,omitempty"`
	// WrongReason are the rules that could not be judged, rather than failed.
	WrongReason []RuleFailure `json:"wrongReason,omitempty"`
	// NotReached are rules whose precondition the fault took away.
	NotReached []string `json:"notReached,omitempty"`
	// Transcript are the rules that get another finding from the transcript of these plays, read back.
	Transcript []string `json:"transcript,omitempty"`
}

// RuleFailure is a rule that failed, and why.
type RuleFailure struct {
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

// VariantProof is a variant with the rules that it broke: none, if the suite is fair.
type VariantProof struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Ambiguities are those of the contract that it stands for.
	Ambiguities []string      `json:"contract,omitempty"`
	Broke       []RuleFailure `json:"broke,omitempty"`
	// Idle says that it alters no response of the vault, and so shows nothing.
	Idle bool `json:"idle,omitempty"`
	// Warned are the shoulds that ask for another way, as the variant says.
	Warned []string `json:"warned,omitempty"`
	// NotReached are rules that the variant leaves without their precondition.
	NotReached []string `json:"notReached,omitempty"`
}

// NoVariant is an ambiguity of the contract that no variant stands for.
type NoVariant struct {
	Contract string `json:"contract"`
	Reason   string `json:"reason"`
}

// Holds says that the proof has no problem.
func (p *Proof) Holds() bool { return len(p.Problems) == 0 }

// take enters a finding.
func (p *FaultProof) take(catalogue *scenarios.Catalogue, f fault.Fault, finding specs.Finding) {
	rule, _ := catalogue.Rule(finding.Rule)
	switch finding.Kind {
	case specs.Broken:
		p.Failed = append(p.Failed, RuleFailure{Rule: finding.Rule, Why: inOneLine(finding)})
		expected := slices.Contains(f.Breaks, finding.Rule) || slices.Contains(f.AlsoFails, finding.Rule)
		if rule.Level != scenarios.May && !expected && !atOnce(finding) {
			p.Unexpected = append(p.Unexpected, finding.Rule)
		}
	case specs.CouldNotRun:
		p.WrongReason = append(p.WrongReason, RuleFailure{Rule: finding.Rule, Why: inOneLine(finding)})
	case specs.NotReached:
		p.NotReached = append(p.NotReached, finding.Rule)
	}
}

// atOnce reports whether a finding is about requests that were sent at the same time: that of a rule about them, or of a rule of
// histories in such a play. Which of them a vault serves first is chance, so such a rule may fail beside a fault in one proof and
// not in the next.
func atOnce(finding specs.Finding) bool {
	return strings.HasPrefix(finding.Rule, "at-once/") || scenarios.SendsAtOnce(finding.Play)
}

// conclude finds what should have failed and did not. Before a target of the user's own only what holds there can
// fail, and what else fails is the target's affair as much as the fault's.
func (p *FaultProof) conclude(f fault.Fault, by *prover) {
	targetBench := by.options.Target != nil
	if targetBench || by.options.Update {
		p.Unexpected = nil
	}
	for _, id := range f.Breaks {
		if targetBench && by.clean[id].Kind != specs.Held {
			continue
		}
		if !slices.ContainsFunc(p.Failed, func(failed RuleFailure) bool { return failed.Rule == id }) {
			p.Missing = append(p.Missing, id)
		}
	}
}

// AlsoFailing lists what failed beside each fault that was tried, for the golden file. A fault with another problem is left
// out, since what failed beside it says nothing; so is everything if a rule does not hold on the reference vault.
func (p *Proof) AlsoFailing() (fault.AlsoFailing, error) {
	for _, rule := range p.Rules {
		if rule.Level != scenarios.May && (rule.Clean == specs.Broken || rule.Clean == specs.CouldNotRun) {
			return nil, fmt.Errorf("listing what fails beside the faults: %s does not hold on the reference vault", rule.ID)
		}
	}
	also := fault.AlsoFailing{}
	for _, f := range p.Faults {
		if len(f.Failed) == 0 || len(f.Missing)+len(f.WrongReason) > 0 {
			continue
		}
		also[f.ID] = nil
		for _, failed := range f.Failed {
			if !slices.Contains(f.Breaks, failed.Rule) {
				also[f.ID] = append(also[f.ID], failed.Rule)
			}
		}
	}
	return also, nil
}

// rules turns the matrix round.
func (p *prover) rules(faults []FaultProof) []RuleProof {
	var rules []RuleProof
	for _, spec := range p.chosen.Specs {
		rule, _ := p.book.Catalogue.Rule(spec.Rule)
		clean := p.clean[rule.ID]
		proof := RuleProof{ID: rule.ID, Level: rule.Level, Clean: clean.Kind, Faults: []string{}}
		if clean.Kind != specs.Held {
			proof.Why = inOneLine(clean)
		}
		for _, f := range faults {
			if slices.ContainsFunc(f.Failed, func(failed RuleFailure) bool { return failed.Rule == rule.ID }) {
				proof.Faults = append(proof.Faults, f.ID)
			}
		}
		rules = append(rules, proof)
	}
	return rules
}

// wrongAsItIs lists the rules that fail, or could not run, without any fault.
func (p *Proof) wrongAsItIs() []string {
	var wrong []string
	for _, rule := range p.Rules {
		if rule.Level != scenarios.May && (rule.Clean == specs.Broken || rule.Clean == specs.CouldNotRun) {
			wrong = append(wrong, rule.ID)
		}
	}
	return wrong
}

// conclude lists what is wrong.
func (p *Proof) conclude() {
	p.Problems = []string{}
	say := func(text string) { p.Problems = append(p.Problems, text) }
	if wrong := p.wrongAsItIs(); p.Target != "" && len(wrong) > 0 {
		say(fmt.Sprintf("%d rules fail on %s as it is, and say nothing of the faults (%s): `kvconform run` shows why",
			len(wrong), p.Target, some(wrong)))
	}
	for _, id := range p.Transcript {
		say("the transcript of a vault without a fault is judged otherwise: " + id)
	}
	p.concludeRules(say)
	p.concludeFaults(say)
	for _, v := range p.Variants {
		if v.Idle {
			say("the variant " + v.ID + " alters no response")
		}
		for _, broken := range v.Broke {
			say("the variant " + v.ID + " is legal and breaks " + broken.Rule + ": " + broken.Why)
		}
	}
}

// concludeRules lists the rules that do not hold on the reference vault, and those that no fault makes fail.
func (p *Proof) concludeRules(say func(string)) {
	for _, rule := range p.Rules {
		if rule.Level == scenarios.May {
			continue
		}
		if p.Target == "" && (rule.Clean == specs.Broken || rule.Clean == specs.CouldNotRun) {
			say("the rule " + rule.ID + " does not hold on the reference vault: " + rule.Why)
		}
		if p.Complete && len(rule.Faults) == 0 {
			say("the rule " + rule.ID + " is silent: no fault makes it fail" + inBrackets(rule.Why))
		}
	}
}

// concludeFaults lists the faults that do not make fail what they must, first as judged in a run and then from transcripts.
func (p *Proof) concludeFaults(say func(string)) {
	for _, f := range p.Faults {
		if len(f.Failed) == 0 {
			say("the fault " + f.ID + " is caught by no rule")
		}
		for _, id := range f.Missing {
			say("the fault " + f.ID + " does not make " + id + " fail")
		}
		for _, id := range f.Unexpected {
			say("unexpected failure: beside the fault " + f.ID + " fails " + id)
		}
		for _, wrong := range f.WrongReason {
			say("the fault " + f.ID + " keeps " + wrong.Rule + " from being judged, instead of felling it: " + wrong.Why)
		}
	}
	for _, f := range p.Faults {
		for _, id := range f.Transcript {
			say("the transcript of the fault " + f.ID + " is judged otherwise: " + id)
		}
	}
}

func inBrackets(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}
