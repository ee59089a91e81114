package schemas

import (
	"fmt"
	"slices"
	"strconv"
)

// member is what the schemas know of a value's history: when it appeared and what it is made of.
type member struct {
	since int // the place in Versions of the api-version that brought it; 0 if it has always been there
	named map[string]*member
	items *member
	all   []*member // further schemas of the same value
	last  int       // the place of the newest of all that is below this, and of this
}

// members builds the history of every schema file, by name.
func (s sourceFiles) members() (map[string]*member, error) {
	built := map[string]*member{} // by file and definition, which also ends recursion
	history := make(map[string]*member, len(s))
	for _, name := range s.names() {
		m, err := s.member(name, map[string]any{"$ref": name + ".json"}, built)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		history[name] = m.all[0]
	}
	return history, nil
}

func (s sourceFiles) member(file string, schema map[string]any, built map[string]*member) (*member, error) {
	m := &member{}
	return m, s.fill(m, file, schema, built)
}

func (s sourceFiles) fill(m *member, file string, schema map[string]any, built map[string]*member) error {
	if since, ok := schema["x-since"]; ok {
		version, _ := since.(string)
		if m.since = indexOf(version); m.since < 0 {
			return fmt.Errorf("x-since %v is no known api-version", since)
		}
	}
	if ref, ok := schema["$ref"].(string); ok {
		target, err := s.referred(file, ref, built)
		if err != nil {
			return err
		}
		m.all = append(m.all, target)
		return nil // draft-07 ignores what stands beside a $ref
	}
	if properties, ok := schema["properties"].(map[string]any); ok {
		m.named = make(map[string]*member, len(properties))
		for name, property := range properties {
			sub, err := s.sub(file, property, built)
			if err != nil {
				return err
			}
			m.named[name] = sub
		}
	}
	if items, ok := schema["items"]; ok {
		var err error
		if m.items, err = s.sub(file, items, built); err != nil {
			return err
		}
	}
	all, _ := schema["allOf"].([]any)
	for _, part := range all {
		sub, err := s.sub(file, part, built)
		if err != nil {
			return err
		}
		m.all = append(m.all, sub)
	}
	return nil
}

func (s sourceFiles) sub(file string, schema any, built map[string]*member) (*member, error) {
	object, ok := schema.(map[string]any)
	if !ok {
		return &member{}, nil // true and false say nothing of history
	}
	return s.member(file, object, built)
}

func (s sourceFiles) referred(from, ref string, built map[string]*member) (*member, error) {
	schema, file, err := s.resolve(from, ref)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%s %p", file, schema)
	if m, ok := built[key]; ok {
		return m, nil
	}
	m := &member{}
	built[key] = m
	return m, s.fill(m, file, schema, built)
}

// newest is the place in Versions of the api-version that brought the last of these members, and of those below them. It
// notes the same for each member, so that nobody looks below one that is old throughout.
func newest(members map[string]*member) int {
	seen := map[*member]bool{}
	for _, m := range members {
		m.collect(seen)
	}
	for changed := true; changed; { // schemas may hold their own kind
		changed = false
		for m := range seen {
			changed = m.learn() || changed
		}
	}
	last := 0
	for m := range seen {
		last = max(last, m.since)
	}
	return last
}

// collect adds a member and all below it.
func (m *member) collect(seen map[*member]bool) {
	if m == nil || seen[m] {
		return
	}
	seen[m] = true
	for _, below := range m.named {
		below.collect(seen)
	}
	for _, further := range m.all {
		further.collect(seen)
	}
	m.items.collect(seen)
}

// learn takes over the newest of the members right below, and reports whether it was newer.
func (m *member) learn() bool {
	last := max(m.last, m.since)
	for _, below := range m.named {
		last = max(last, below.last)
	}
	for _, further := range m.all {
		last = max(last, further.last)
	}
	if m.items != nil {
		last = max(last, m.items.last)
	}
	changed := last > m.last
	m.last = last
	return changed
}

// TooNew returns the members of a body that appeared only after apiVersion. They are information, never a failure: the real
// service does not hold its responses to the members of the api-version asked for. A null member counts as absent.
func (s *Set) TooNew(kind Kind, apiVersion string, value any) []Problem {
	root, ok := s.history[string(kind)]
	if !ok {
		return []Problem{{Message: fmt.Sprintf("there is no schema named %q", kind)}}
	}
	if !Known(apiVersion) {
		return []Problem{{Message: fmt.Sprintf("unknown api-version %q", apiVersion)}}
	}
	asked := indexOf(apiVersion)
	if asked >= s.newest {
		return nil
	}
	w := &historian{versions: Versions(), asked: asked, root: value}
	w.walk([]*member{root}, nil, value)
	return sorted(w.problems)
}

// historian collects what is newer than an api-version.
type historian struct {
	versions []APIVersion
	asked    int // the place of the api-version in versions
	root     any
	problems []Problem
}

func (h *historian) walk(members []*member, tokens []string, value any) {
	if !slices.ContainsFunc(members, func(m *member) bool { return m.last > h.asked }) {
		return
	}
	members = flatten(members)
	for _, m := range members {
		if m.since > h.asked {
			h.problems = append(h.problems, Problem{
				Pointer: pointer(tokens),
				Message: fmt.Sprintf("%s appeared with api-version %s, after %s",
					displayPath(h.root, tokens), h.versions[m.since], h.versions[h.asked]),
				Got: excerpt(tokens, value),
			})
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for name, child := range v {
			if child != nil {
				h.descend(members, tokens, name, child, func(m *member) *member { return m.named[name] })
			}
		}
	case []any:
		for i, child := range v {
			h.descend(members, tokens, strconv.Itoa(i), child, func(m *member) *member { return m.items })
		}
	}
}

func (h *historian) descend(members []*member, tokens []string, token string, value any, pick func(*member) *member) {
	var next []*member
	for _, m := range members {
		if sub := pick(m); sub != nil && sub.last > h.asked {
			next = append(next, sub)
		}
	}
	if len(next) > 0 {
		h.walk(next, append(tokens[:len(tokens):len(tokens)], token), value)
	}
}

// flatten lists members with all that apply to the same value.
func flatten(members []*member) []*member {
	flat := make([]*member, 0, len(members))
	for _, m := range members {
		flat = append(flat, m)
		flat = append(flat, flatten(m.all)...)
	}
	return flat
}
