package reports

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pageStory is one certificate's pending object as states over time: a row for each state, a dot for each response that
// shows it, and a line that moves to another row where a request, or the issuer, moved the object.
type pageStory struct {
	Name   string
	Label  string // for readers who do not see the picture
	Height int
	States []storyState
	Lines  []storyLine
	Dots   []storyDot
	Moves  []storyMove
}

type storyState struct {
	Name string
	Y    int
}

// storyLine is horizontal while a state lasts, and vertical where it changes. X is in percent, Y in pixels.
type storyLine struct {
	X1, X2 string
	Y1, Y2 int
}

type storyDot struct {
	X      string
	Y      int
	Anchor string
	Title  string
	Class  string // get, change or refused
}

// storyMove tells in words how the object came to a state.
type storyMove struct {
	Anchor, Text string
}

const (
	storyRow    = 24
	mostStories = 4 // of one play
	// absent is the state of an object that is not there.
	absent = "none"
)

// sight is one response that shows in which state an object is, or that refuses to change it.
type sight struct {
	step    *Step
	at      float64 // seconds since the first request of the play
	state   string  // "" if the response does not show it
	refused bool
}

// stories draws the pending objects of a play whose state changed.
func (r *Report) stories(p *Play, anchors map[*Step]string) []pageStory {
	byName := map[string][]sight{}
	var names []string
	scale := timeline(p)
	for i := range p.Steps {
		s := &p.Steps[i]
		name := pendingName(s)
		if name == "" || s.Started.IsZero() {
			continue
		}
		if _, seen := byName[name]; !seen {
			names = append(names, name)
		}
		byName[name] = append(byName[name], sighting(s, scale.start))
	}
	var stories []pageStory
	for _, name := range names {
		if story, moved := newStory(name, byName[name], scale.span, anchors); moved && len(stories) < mostStories {
			stories = append(stories, story)
		}
	}
	return stories
}

// pendingName is the certificate whose pending object an exchange creates, reads, changes or deletes; "" for others.
func pendingName(s *Step) string {
	if !slices.Contains([]string{
		"CreateCertificate", "GetCertificateOperation", "UpdateCertificateOperation", "DeleteCertificateOperation", "MergeCertificate", "ImportCertificate",
	}, s.Operation) {
		return ""
	}
	_, rest, found := strings.Cut(s.URL, "/certificates/")
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, "?")
	return strings.ToLower(name)
}

func sighting(s *Step, start time.Time) sight {
	seen := sight{step: s, at: s.Started.Add(time.Duration(s.Took)).Sub(start).Seconds()}
	state := pendingOf(s).State
	switch {
	case s.Status == http.StatusNotFound && s.Operation == "GetCertificateOperation" && !strings.Contains(s.URL, "request_id="):
		seen.state = absent // one that asks for another request_id says nothing of the object
	case s.Status == 0 || s.Status >= http.StatusBadRequest:
		seen.refused = true
	case s.Operation == "DeleteCertificateOperation":
		seen.state = absent // the body shows the state before
	case s.Operation == "MergeCertificate", s.Operation == "ImportCertificate":
		seen.state = "completed"
	default:
		seen.state = state
	}
	return seen
}

func newStory(name string, sights []sight, span float64, anchors map[*Step]string) (story pageStory, moved bool) {
	slices.SortStableFunc(sights, func(a, b sight) int { return cmp.Compare(a.at, b.at) })
	rows := storyRows(sights)
	story = pageStory{Name: visible(name), Height: len(rows) * storyRow}
	y := func(state string) int { return slices.Index(rows, state)*storyRow + storyRow/2 }
	for _, state := range rows {
		story.States = append(story.States, storyState{clip(visible(state), 24), y(state)})
	}
	current, since := "", 0.0
	place := func(at float64) string { return percent(2 + 96*min(max(at/max(span, 0.001), 0), 1)) }
	for _, seen := range sights {
		if seen.state != "" && seen.state != current {
			if current != "" {
				story.Lines = append(story.Lines,
					storyLine{place(since), place(seen.at), y(current), y(current)}, storyLine{place(seen.at), place(seen.at), y(current), y(seen.state)})
			}
			story.Moves = append(story.Moves, storyMove{anchors[seen.step], seen.move(current)})
			current, since = seen.state, seen.at
		}
		if current != "" {
			story.Dots = append(story.Dots, storyDot{place(seen.at), y(current), anchors[seen.step], seen.title(current), seen.class()})
		}
	}
	if current != "" {
		story.Lines = append(story.Lines, storyLine{place(since), place(span), y(current), y(current)})
	}
	var told []string
	for _, move := range story.Moves {
		told = append(told, move.Text)
	}
	story.Label = strings.Join(told, "; ")
	return story, len(rows) > 1
}

// storyRows are the states that occur, in the order of a request's life.
func storyRows(sights []sight) []string {
	var rows []string
	for _, seen := range sights {
		rows = addOnce(rows, seen.state)
	}
	life := []string{absent, "inProgress", "completed", "cancelled", "failed"}
	slices.SortStableFunc(rows, func(a, b string) int {
		rank := func(state string) int {
			if at := slices.Index(life, state); at >= 0 {
				return at
			}
			return len(life)
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return rows
}

// move says how the object came from a state to the one that is seen: by the request, or unseen before a read.
func (s sight) move(from string) string {
	how := "by " + s.step.Operation + " (" + s.step.label() + ")"
	if s.step.Method == http.MethodGet && from != "" {
		how = "between two requests, shown by " + s.step.label()
	}
	if from == "" {
		from = "start"
	}
	return visible(fmt.Sprintf("%s → %s %s, after %s", from, s.state, how, Duration(s.at*float64(time.Second))))
}

func (s sight) title(state string) string {
	return visible(fmt.Sprintf("%s: %s %s → %d, %s, after %s", s.step.label(), s.step.Method, s.step.Operation, s.step.Status, state, Duration(s.at*float64(time.Second))))
}

func (s sight) class() string {
	switch {
	case s.refused:
		return "refused"
	case s.step.Method == http.MethodGet:
		return "get"
	}
	return "change"
}
