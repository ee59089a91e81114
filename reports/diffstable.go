package reports

import (
	"regexp"
	"strings"
	"sync"
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
