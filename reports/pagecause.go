package reports

import (
	"html/template"
	"strings"
)

// piece is a part of a sentence; code is what stands between backticks.
type piece struct {
	Text string
	Code bool
}

// pieces parts a sentence at its backticks. One without a partner is text.
func pieces(sentence string) []piece {
	var list []piece
	add := func(text string, code bool) {
		if text != "" {
			list = append(list, piece{visible(text), code})
		}
	}
	for {
		before, rest, opened := strings.Cut(sentence, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !opened || !closed {
			add(sentence, false)
			return list
		}
		add(before, false)
		add(code, true)
		sentence = after
	}
}

func piecesOfAll(sentences []string) [][]piece {
	all := make([][]piece, len(sentences))
	for i, sentence := range sentences {
		all[i] = pieces(sentence)
	}
	return all
}

// pageCause is a cause as the page draws it: one failure of it in full, and the rules that stand under it.
type pageCause struct {
	Title, Weight, Key string
	Hint               []piece
	Open               bool
	Rows               []row // why the first of its rules fails
	Breaks, HoldsBack  []pageTouched
	More               []pageTouched // the rest of what it breaks, folded, so that the next cause is not screens below
}

// pageTouched is a rule that a cause breaks or keeps from being judged.
type pageTouched struct {
	ID      string
	Verdict Verdict
	Says    string
}

// Href links to the rule.
func (x pageTouched) Href() template.URL { return fragment(x.ID) }

// fewCauses is how many causes are drawn open: the first ones are what a reader came for.
const fewCauses = 3

// fewTouched is how many of the rules that a cause breaks are drawn unfolded.
const fewTouched = 10

// fold draws the first of the rules that fail, and folds the rest if it is more than one.
func (c *pageCause) fold(breaks []pageTouched) {
	if len(breaks) > fewTouched+1 {
		breaks, c.More = breaks[:fewTouched], breaks[fewTouched:]
	}
	c.Breaks = breaks
}

// pageCauses are the open causes, the one with the most rules first, and last the failures that stand under none.
func (r *Report) pageCauses() []pageCause {
	results := map[string]Result{}
	for _, res := range r.where(func(Result) bool { return true }) {
		results[res.ID] = res
	}
	touched := func(ids []string) []pageTouched {
		var list []pageTouched
		for _, id := range ids {
			if res, found := results[id]; found {
				list = append(list, pageTouched{visible(id), res.Verdict, res.summary()})
			}
		}
		return list
	}
	failing := r.where(r.Failing)
	var causes []pageCause
	for _, c := range r.open() {
		drawn := pageCause{
			Title: visible(c.Title), Weight: c.weight(), Hint: pieces(c.Hint), Key: visible(c.Key), Open: len(causes) < fewCauses,
			HoldsBack: touched(c.HoldsBack),
		}
		drawn.fold(touched(c.Breaks))
		if first, found := r.example(&c); found {
			if strings.TrimSuffix(first.Statement, ".") == c.Hint { // the row below says it
				drawn.Hint = nil
			}
			drawn.Rows = []row{{"rule", visible(first.Statement)}}
			for _, shown := range r.explain(first) {
				if shown.label != "cause" { // the card is the cause
					drawn.Rows = append(drawn.Rows, shown)
				}
			}
		}
		causes = append(causes, drawn)
	}
	var others []string
	for _, res := range failing {
		if r.causeOf(res.ID) == nil {
			others = append(others, res.ID)
		}
	}
	if len(others) > 0 {
		drawn := pageCause{Title: "Failures with no cause in common", Weight: plural(len(others), "rule"), Open: len(causes) < fewCauses}
		drawn.fold(touched(others))
		causes = append(causes, drawn)
	}
	return causes
}
