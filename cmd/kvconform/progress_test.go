package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestALogShowsWhatALongRunWaitsFor(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*progress, time.Time)
		want string
	}{
		{"nothing is under way", func(*progress, time.Time) {}, ""},
		{
			"a wait, the longest of two",
			func(p *progress, now time.Time) {
				p.Playing("Reading", "read-completed", "the certificate", now.Add(20*time.Second))
				p.Playing("NextVersion", "issue-next-version", "the certificate", now.Add(71*time.Second))
			},
			"waiting for issue-next-version (NextVersion), 1m at most; 1 other play under way\n",
		},
		{
			"a response that does not come",
			func(p *progress, _ time.Time) { p.Playing("Reading", "read-completed", "", time.Time{}) },
			"waiting for read-completed (Reading), for a response\n",
		},
		{
			"a play that is over",
			func(p *progress, now time.Time) {
				p.Playing("Reading", "read-completed", "x", now.Add(time.Minute))
				p.Played("Reading", "read-completed", time.Second, nil)
			},
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			p := newProgress(&out, false)
			defer p.end()
			p.Planned("issue-next-version", 2)
			p.Planned("read-completed", 2)
			now := time.Now()
			c.tell(p, now)
			p.beat(now.Add(silence / 2)) // too early to say anything
			p.beat(now.Add(silence + time.Second))
			p.beat(now.Add(silence + time.Second + beatEvery)) // and not again so soon
			if got := out.String(); got != c.want {
				t.Errorf("printed %q, want %q", got, c.want)
			}
		})
	}
}

func TestALogHasALineASecondAndTheLast(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false)
	defer p.end()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	p.now, p.spoke = func() time.Time { return now }, now
	scenarios := []string{"one", "two", "three", "four"}
	for _, name := range scenarios {
		p.Planned(name, 1)
	}
	for i, name := range scenarios {
		if i == 1 {
			now = now.Add(pace)
		}
		p.Playing(name, name, "", time.Time{})
		p.Played(name, name, time.Second, nil)
	}
	for _, want := range []string{"[2/4] played two in ", "[4/4] played four in "} {
		if got := out.String(); strings.Count(got, want) != 1 || strings.Count(got, "\n") != 2 {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
}

func TestAQuietRunHasNoProgress(t *testing.T) {
	if newProgress(&bytes.Buffer{}, true) != nil {
		t.Error("a quiet run draws progress")
	}
}
