package reports

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// lasting makes two texts about one target equal that differ in what belongs to one run alone: the host, the run's names,
// the ids, versions and times that the target gave, the places of bytes, and how many responses were seen.
func lasting(text, host string) string {
	if host != "" {
		text = strings.ReplaceAll(text, host, "HOST")
	}
	for _, pattern := range passing() {
		text = pattern.of.ReplaceAllString(text, pattern.by)
	}
	return text
}

// racedSteps are the steps of plays, by their keys, that depend on which of several requests at once the target took first.
// In a play that is the first request that another overlaps, and whatever follows.
func racedSteps(both ...*Report) map[string]bool {
	raced := map[string]bool{}
	for _, r := range both {
		for i := range r.Plays {
			p := &r.Plays[i]
			at := p.firstOverlap()
			for j := at; j >= 0 && j < len(p.Steps); j++ {
				raced[playedStep{Step: &p.Steps[j], play: p.Name}.key()] = true
			}
		}
	}
	return raced
}

// rounding is what the times in a report may be off.
const rounding = 10 * time.Microsecond

// firstOverlap is the first step of a play during which another was sent, -1 if each was sent after the response before.
func (p *Play) firstOverlap() int {
	for j := 1; j < len(p.Steps); j++ {
		before, s := &p.Steps[j-1], &p.Steps[j]
		if before.Started.IsZero() || s.Started.IsZero() {
			continue
		}
		if s.Started.Add(rounding).Before(before.Started.Add(time.Duration(before.Took))) && before.Started.Add(rounding).Before(s.Started.Add(time.Duration(s.Took))) {
			return j - 1
		}
	}
	return -1
}

// showsOthers reports whether a response shows what other plays made meanwhile: a list of the vault, or its contacts in a play
// that sets none.
func (p *Play) showsOthers(step int) bool {
	switch p.Steps[step].Operation {
	case "GetCertificates", "GetDeletedCertificates", "GetCertificateIssuers":
		return true
	case "GetCertificateContacts":
		return !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Operation == "SetCertificateContacts" })
	}
	return false
}

// pass is a text of one run alone, and what stands for it.
type pass struct {
	of *regexp.Regexp
	by string
}

// passing are the texts of one run alone; a longer one stands before what it may hold.
var passing = sync.OnceValue(func() []pass {
	var list []pass
	for _, pair := range [][2]string{
		{`[0-9a-fA-F][0-9a-fA-F-]*…`, "ID…"}, // one that is cut short
		{`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`, "ID"},
		{`-[0-9a-f]{12}-`, "-RUN-"},
		{`\b[0-9a-fA-F]{32,}\b`, "ID"},
		{`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:?\d\d| ?UTC|Z)*`, "TIME"},
		{`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`, "TIME"},
		{`[A-Za-z0-9+/]{60,}={0,2}`, "DATA"}, // a certificate or a CSR
		{`\b[A-Za-z0-9_-]{27}\b`, "DATA"},    // a thumbprint
		{`\b\d{9,}\b`, "NUMBER"},             // a time
		{`\b(byte|bytes|offset|position|line|column) \d+`, "$1 N"},
		{`\b\d+ bytes\b`, "N bytes"},
		{`and \d+ more \w+ of \d+`, "and more"},
		{`\b\d+(\.\d+)?(ns|µs|us|ms|s)\b`, "DURATION"},
	} {
		list = append(list, pass{regexp.MustCompile(pair[0]), pair[1]})
	}
	return list
})
