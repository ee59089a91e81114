package prove

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
)

// WriteText writes the proof for a reader at a terminal: the rules with the faults that they caught, the faults with
// the rules that failed, the variants, and at the end what is wrong.
func (p *Proof) WriteText(w io.Writer) error {
	var text strings.Builder
	p.writeRules(&text)
	p.writeFaults(&text)
	p.writeVariants(&text)
	p.writeProblems(&text)
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing the proof: %w", err)
	}
	return nil
}

func (p *Proof) writeRules(text *strings.Builder) {
	text.WriteString("Rules, with the faults that they caught\n")
	for _, rule := range p.Rules {
		if !p.Complete && len(rule.Faults) == 0 {
			continue
		}
		caught := fmt.Sprintf("%d: %s", len(rule.Faults), some(rule.Faults))
		if len(rule.Faults) == 0 {
			caught = "none"
			if rule.Level != scenarios.May {
				caught = "SILENT"
			}
		}
		fmt.Fprintf(text, "  %-6s %-62s %s\n", rule.Level, rule.ID, caught)
	}
}

func (p *Proof) writeFaults(text *strings.Builder) {
	if len(p.Faults) == 0 {
		return
	}
	text.WriteString("\nFaults, with the rules that failed\n")
	for _, f := range p.Faults {
		fmt.Fprintf(text, "  %-48s %3d plays  %3d failed: %s\n", f.ID, len(f.Plays), len(f.Failed), some(f.failedRules()))
	}
}

func (p *Proof) writeVariants(text *strings.Builder) {
	if len(p.Variants) == 0 {
		return
	}
	text.WriteString("\nVariants\n")
	for _, v := range p.Variants {
		said := "breaks nothing"
		if len(v.Broke) > 0 {
			said = fmt.Sprintf("BREAKS %d", len(v.Broke))
		}
		if len(v.Warned) > 0 {
			said += "; asked for otherwise by " + some(v.Warned)
		}
		if len(v.NotReached) > 0 {
			said += fmt.Sprintf("; leaves %d rules unreached", len(v.NotReached))
		}
		fmt.Fprintf(text, "  %-48s %s\n", v.ID, said)
	}
	reasons := make([]string, 0, len(p.NoVariants))
	for _, none := range p.NoVariants {
		reasons = append(reasons, none.Contract)
	}
	if len(reasons) > 0 {
		fmt.Fprintf(text, "  %d ambiguities of docs/contract.md have no variant: %s; --json gives the reason of each\n", len(reasons), strings.Join(reasons, ", "))
	}
}

func (p *Proof) writeProblems(text *strings.Builder) {
	caught := 0
	for _, f := range p.Faults {
		if len(f.Failed) > 0 {
			caught++
		}
	}
	fmt.Fprintf(text, "\n%d of %d faults caught; ", caught, len(p.Faults))
	if p.Complete {
		fmt.Fprintf(text, "%d musts and shoulds silent; ", p.silent())
	}
	broken := 0
	for _, v := range p.Variants {
		if len(v.Broke) > 0 {
			broken++
		}
	}
	fmt.Fprintf(text, "%d of %d variants broken\n", broken, len(p.Variants))
	for _, problem := range p.Problems {
		fmt.Fprintf(text, "  %s\n", problem)
	}
}

// silent counts the musts and shoulds that no fault makes fail.
func (p *Proof) silent() int {
	count := 0
	for _, rule := range p.Rules {
		if rule.Level != scenarios.May && len(rule.Faults) == 0 {
			count++
		}
	}
	return count
}

// failedRules lists the ids of the rules that failed, those that the fault names first.
func (p *FaultProof) failedRules() []string {
	var named, others []string
	for _, failed := range p.Failed {
		if slices.Contains(p.Breaks, failed.Rule) {
			named = append(named, failed.Rule)
		} else {
			others = append(others, failed.Rule)
		}
	}
	return append(named, others...)
}

// some lists a few and counts the rest.
func some(ids []string) string {
	const few = 3
	if len(ids) <= few {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:few], ", "), len(ids)-few)
}
