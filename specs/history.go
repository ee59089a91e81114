package specs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/match"
	"github.com/kvconform/kvconform/specs/model"
)

// history adds the rules of what a response may be after those before it, whatever play they are of. The model judges; each
// rule is about one topic at one level.
func history(s *Suite) {
	for id, of := range historyRules() {
		s.add(Spec{Rule: id, matter: &of, judge: func(c *Check, performances Performances) {
			c.judgeHistories(performances.All(c.ctx), of)
		}})
	}
}

// matter is what a rule of histories is about.
type matter struct {
	topic model.Topic
	level model.Level
}

func historyRules() map[string]matter {
	return map[string]matter{
		"history/states":          {model.TopicStates, model.Must},
		"history/states-expected": {model.TopicStates, model.Should},
		"history/conflict":        {model.TopicConflict, model.Must},
		"history/identity":        {model.TopicIdentity, model.Must},
		"history/pending":         {model.TopicPending, model.Must},
		"history/gone":            {model.TopicGone, model.Should},
		"history/versions":        {model.TopicVersions, model.Must},
		"history/versions-kept":   {model.TopicVersions, model.Should},
		"history/updates":         {model.TopicUpdates, model.Must},
		"history/tags":            {model.TopicUpdates, model.Should},
		"history/policy":          {model.TopicPolicy, model.Must},
		"history/deletion":        {model.TopicDeletion, model.Must},
		"history/issuers":         {model.TopicIssuers, model.Must},
		"history/issuers-whole":   {model.TopicIssuers, model.Should},
		"history/contacts":        {model.TopicContacts, model.Must},
	}
}

// HistoryRule is the rule that a finding of the model breaks.
func HistoryRule(f model.Finding) string {
	for id, of := range historyRules() {
		if of == (matter{f.Statement.Topic, f.Statement.Level}) {
			return id
		}
	}
	return ""
}

// HistoryTopics lists the rules of histories, each with its topic.
func HistoryTopics() map[string]model.Topic {
	topics := map[string]model.Topic{}
	for id, of := range historyRules() {
		topics[id] = of.topic
	}
	return topics
}

// judgeHistories judges every history of a run by the model and reports the first finding of a topic, with the distinct others.
func (c *Check) judgeHistories(performances []*scenarios.Performance, of matter) {
	reached := false
	var first *Finding
	var breaches []Breach
	for _, performance := range performances {
		findings, judged := c.modelled(performance, of)
		reached = reached || judged
		for _, f := range findings {
			one := *c
			one.performance = performance
			one.finding = c.finding
			one.finding.Play, one.finding.Step, one.finding.Index = one.placeOf(f.Exchange)
			finding := HistoryFinding(one.finding, f)
			breaches = withBreaches(breaches, &finding)
			if first == nil {
				first = &finding
			}
		}
	}
	switch {
	case first != nil:
		c.finding = *first
		c.finding.Breaches = breaches
	case !reached:
		c.end(NotReached, "needs "+c.needs()+"; no play of this run shows one")
	default:
		c.needSuccess(performances)
	}
}

// HistoryFinding fills a finding in with what the model found.
func HistoryFinding(finding Finding, f model.Finding) Finding {
	finding.Kind, finding.As = Broken, nil
	finding.Exchange, finding.Member = f.Exchange, f.Member
	finding.Aspect = aspectOfHistory(f)
	finding.Expected = f.Expected + " (" + f.Statement.ID + ": " + f.Statement.Text + ")"
	finding.Got = f.Got
	if last := len(f.After) - 1; last >= 0 {
		finding.Got += ", after " + f.After[last].Operation + " returned " + scenarios.Returned(f.After[last])
	}
	return finding
}

func aspectOfHistory(f model.Finding) match.Aspect {
	switch {
	case f.Member == "" && f.Exchange.Succeeded():
		return match.AspectRefusal // a success that could not be
	case f.Member == "":
		return match.AspectStatus
	case f.Statement.Topic == model.TopicStates:
		return match.AspectState
	case f.Statement.Topic == model.TopicIdentity:
		return match.AspectIdentity
	}
	return match.AspectBody
}

// modelled returns what the model finds of a topic in one play, and reports whether the play shows the topic.
func (c *Check) modelled(performance *scenarios.Performance, of matter) ([]model.Finding, bool) {
	type modelOf struct{ stays, endpoint string }
	facts := modelOf{c.Facts.Issuers.StaysInProgress, c.Facts.Endpoint}
	all := performance.Derived(facts, func() any { return judgedByModel(performance, facts.stays, facts.endpoint) }).(modelJudgement) //nolint:forcetypeassert // as made here
	var findings []model.Finding
	for _, f := range all.findings {
		if f.Statement.Topic == of.topic && f.Statement.Level == of.level {
			findings = append(findings, f)
		}
	}
	return findings, all.reached(of.topic)
}

// modelJudgement is what the model finds in one play, and which topics it could judge there.
type modelJudgement struct {
	findings []model.Finding
	reached  func(model.Topic) bool
}

// judgedByModel has the model judge a play. All its exchanges are with the one vault, whatever its ids begin with.
func judgedByModel(performance *scenarios.Performance, stays, endpoint string) modelJudgement {
	var exchanges []*vault.Exchange
	for _, step := range performance.Steps() {
		if step.Exchange.Response != nil || step.Exchange.Failure != nil {
			exchanges = append(exchanges, step.Exchange)
		}
	}
	slices.SortStableFunc(exchanges, func(a, b *vault.Exchange) int { return a.Started.Compare(b.Started) })
	judge := model.New(model.Options{
		Fresh: func(string) bool { return true }, Stays: []string{stays}, SameAs: func(string) string { return endpoint },
	})
	add := judge.Add
	if overlapping(exchanges) {
		add = judge.AddTimed
	}
	for _, e := range exchanges {
		add(e)
	}
	return modelJudgement{findings: judge.Findings(), reached: judge.Reached}
}

// overlapping reports whether several exchanges were under way at once.
func overlapping(exchanges []*vault.Exchange) bool {
	for i := 1; i < len(exchanges); i++ {
		before := exchanges[i-1]
		if exchanges[i].Started.Before(before.Ended()) {
			return true
		}
	}
	return false
}

// HistoryStatements lists the statements of the contract that a rule of histories is about, sorted.
func HistoryStatements(rule string) []string {
	var ids []string
	for _, statement := range model.Statements() {
		if historyRules()[rule] == (matter{statement.Topic, statement.Level}) {
			ids = append(ids, statement.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return ids
}
