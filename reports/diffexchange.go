package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"
)

// ExchangeChange is what changed in one exchange. A step that only one side has is a change with OnlyIn.
type ExchangeChange struct {
	Play  string `json:"play"`
	Step  string `json:"step"`
	Index int    `json:"index,omitempty"` // in the new report

	Operation string         `json:"operation,omitempty"`
	OnlyIn    string         `json:"onlyIn,omitempty"` // old or new
	Status    *Change        `json:"status,omitempty"`
	Headers   []MemberChange `json:"headers,omitempty"`
	Body      []MemberChange `json:"body,omitempty"`
}

// Change is a value before and now.
type Change struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// MemberChange is a header, or a member of a body by its JSON pointer (a star stands for any element of an array), that came, went or changed. Of a header
// the sides are values, of a member types; an absent one is empty.
type MemberChange struct {
	Name string `json:"name"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}

func diffExchanges(before, after *Report) []ExchangeChange {
	changes := []ExchangeChange{}
	old, current := groupSteps(before), groupSteps(after)
	raced := racedSteps(before, after)
	oldHost, newHost := hostOf(before), hostOf(after)
	seen := map[string]bool{}
	for _, key := range stepOrder(after) {
		seen[key] = true
		if raced[key] {
			continue
		}
		now := current[key]
		was, had := old[key]
		if !had {
			changes = append(changes, ExchangeChange{Play: now[0].play, Step: now[0].Name, Operation: now[0].Operation, OnlyIn: "new"})
			continue
		}
		for _, pair := range pairs(was, now) {
			if c, changed := diffExchange(pair[0], pair[1], oldHost, newHost); changed {
				changes = append(changes, c)
			}
		}
	}
	for _, key := range stepOrder(before) {
		if !seen[key] && !raced[key] {
			changes = append(changes, ExchangeChange{Play: old[key][0].play, Step: old[key][0].Name, Operation: old[key][0].Operation, OnlyIn: "old"})
		}
	}
	return changes
}

type playedStep struct {
	*Step
	play  string
	apart bool // what the response shows is none of the play's making
}

func groupSteps(r *Report) map[string][]playedStep {
	groups := map[string][]playedStep{}
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			s := playedStep{&r.Plays[i].Steps[j], r.Plays[i].Name, r.Plays[i].showsOthers(j)}
			groups[s.key()] = append(groups[s.key()], s)
		}
	}
	return groups
}

func (s playedStep) key() string { return s.play + "\x00" + s.Name }

// stepOrder lists the keys of the steps, each once, in the order of the report.
func stepOrder(r *Report) []string {
	var keys []string
	seen := map[string]bool{}
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			key := playedStep{Step: &r.Plays[i].Steps[j], play: r.Plays[i].Name}.key()
			if !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// pairs sets the exchanges of a step side by side. A step may have polls among others, so those of one operation in a row are
// paired with those of the same row, if both sides have the same rows.
func pairs(was, now []playedStep) [][2]playedStep {
	before, after := rows(was), rows(now)
	if !slices.EqualFunc(before, after, func(a, b []playedStep) bool { return a[0].Operation == b[0].Operation }) {
		return pairsOfRow(was, now)
	}
	var out [][2]playedStep
	for i := range before {
		out = append(out, pairsOfRow(before[i], after[i])...)
	}
	return out
}

// rows cuts the exchanges of a step wherever the operation changes.
func rows(steps []playedStep) [][]playedStep {
	var rows [][]playedStep
	for i, s := range steps {
		if i == 0 || s.Operation != steps[i-1].Operation {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], s)
	}
	return rows
}

// pairsOfRow sets the exchanges of one operation side by side. Polls are as many as the target was slow: the first are compared
// with the first, and the last, with which the waiting ended, with the last.
func pairsOfRow(was, now []playedStep) [][2]playedStep {
	var out [][2]playedStep
	n := min(len(was), len(now))
	for i := range n - 1 {
		out = append(out, [2]playedStep{was[i], now[i]})
	}
	return append(out, [2]playedStep{was[len(was)-1], now[len(now)-1]})
}

func diffExchange(was, now playedStep, oldHost, newHost string) (ExchangeChange, bool) {
	c := ExchangeChange{Play: now.play, Step: now.Name, Index: now.Index, Operation: now.Operation}
	if now.apart && now.Operation == "GetCertificateContacts" { // a 404 if another play has deleted them
		return c, false
	}
	if was.Status != now.Status {
		c.Status = &Change{statusText(was.Step), statusText(now.Step)}
	}
	if refuses(was.Step) == refuses(now.Step) { // a refusal has other headers and another body, which says nothing new
		c.Headers = diffHeaders(was, now, oldHost, newHost)
		if !was.apart && !now.apart {
			c.Body = diffBodies(was.Step, now.Step)
		}
	}
	return c, c.Status != nil || len(c.Headers) > 0 || len(c.Body) > 0
}

// diffHeaders compares headers. The host of each side stands for the other's; a header that a proxy passes on names the same host
// on both, and is no difference either.
func diffHeaders(was, now playedStep, oldHost, newHost string) []MemberChange {
	old, current := headerValues(was.ResponseHeader, ""), headerValues(now.ResponseHeader, "")
	changes := diffMembers(headerValues(was.ResponseHeader, oldHost), headerValues(now.ResponseHeader, newHost))
	return slices.DeleteFunc(changes, func(c MemberChange) bool { return old[c.Name] == current[c.Name] })
}

func refuses(s *Step) bool { return s.Status >= 400 }

// diffBodies compares the members of two bodies, and of pending objects the states too: a state brings members of its own.
// A cancellation that was asked for may be done by now or not, which is a matter of moments and no difference.
func diffBodies(was, now *Step) []MemberChange {
	before, after := shapeOf(was.ResponseBody), shapeOf(now.ResponseBody)
	old, current := pendingOf(was), pendingOf(now)
	if old.State == current.State || old.State == "" || current.State == "" {
		return diffMembers(before, after)
	}
	for _, shape := range []map[string]string{before, after} {
		maps.DeleteFunc(shape, func(pointer, _ string) bool {
			return slices.ContainsFunc([]string{"/status_details", "/error", "/target"}, func(of string) bool {
				return pointer == of || strings.HasPrefix(pointer, of+"/")
			})
		})
	}
	changes := diffMembers(before, after)
	if old.Cancelling && current.Cancelling {
		return changes
	}
	return append(changes, MemberChange{"/status", old.State, current.State})
}

// pending is the part of a pending object that says how far it is.
type pending struct {
	State      string `json:"status"`
	Cancelling bool   `json:"cancellation_requested"`
}

// pendingOf reads a pending object; it is empty if the body is of another kind.
func pendingOf(s *Step) pending {
	var p pending
	if err := json.Unmarshal([]byte(s.ResponseBody), &p); err != nil {
		return pending{}
	}
	return p
}

func statusText(s *Step) string {
	if s.Status == 0 {
		return "no response"
	}
	return fmt.Sprint(s.Status)
}

// diffMembers lists what differs, in the order of the names. Of what came, went or changed its type as a whole the members are not listed again.
func diffMembers(was, now map[string]string) []MemberChange {
	names := slices.Concat(sortedKeys(was), sortedKeys(now))
	slices.Sort(names)
	var changes []MemberChange
	for _, name := range slices.Compact(names) {
		if was[name] == now[name] {
			continue
		}
		parent := name[:max(strings.LastIndex(name, "/"), 0)]
		if strings.HasPrefix(name, "/") && was[parent] != now[parent] {
			continue
		}
		changes = append(changes, MemberChange{name, was[name], now[name]})
	}
	return changes
}

// headerValues leaves out the headers of one message alone, and of those that name things of one run keeps only that they are there.
func headerValues(h http.Header, host string) map[string]string {
	values := map[string]string{}
	for name, all := range h {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Date", "Age", "X-Ms-Request-Id", "X-Ms-Client-Request-Id", "Traceparent", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive":
			continue
		case "Location", "Etag", "Last-Modified", "Expires", "Set-Cookie", "X-Ms-Keyvault-Network-Info":
			values[name] = "present"
		default:
			value := lasting(strings.Join(all, ", "), host)
			if value == "" {
				value = "empty"
			}
			values[name] = value
		}
	}
	return values
}

func hostOf(r *Report) string {
	u, err := url.Parse(r.Target.Endpoint)
	if err != nil {
		return ""
	}
	return u.Host
}

// shapeOf maps the JSON pointer of each member of a body to its type.
func shapeOf(body string) map[string]string {
	if strings.TrimSpace(body) == "" {
		return map[string]string{"": "no body"}
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil || dec.More() {
		return map[string]string{"": "no JSON"}
	}
	kinds := map[string][]string{}
	collectShape(kinds, "", value, 0)
	shape := map[string]string{}
	for pointer, found := range kinds {
		slices.Sort(found)
		shape[pointer] = strings.Join(slices.Compact(found), " or ")
	}
	return shape
}

func collectShape(kinds map[string][]string, pointer string, value any, depth int) {
	kind := "null"
	switch v := value.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case json.Number:
		kind = "integer"
		if strings.ContainsAny(v.String(), ".eE") {
			kind = "number"
		}
	case []any:
		kind = "array"
		if depth < maxBodyDepth {
			for _, element := range v {
				collectShape(kinds, pointer+"/*", element, depth+1)
			}
		}
	case map[string]any:
		kind = "object"
		if depth < maxBodyDepth {
			for name, member := range v {
				collectShape(kinds, pointer+"/"+jsonpointer.Escape(name), member, depth+1)
			}
		}
	}
	kinds[pointer] = append(kinds[pointer], kind)
}
