package vault

import (
	"encoding/json"
	"fmt"
	"strings"
)

// setting is a member of a body that a call sets after the body is written.
type setting struct {
	path  []string
	value any
}

// Set sets a member of the request's body, whatever the type of the body knows: the table of members has paths and values,
// and members that a later api-version adds. Objects on the way are made where they are missing.
func Set(path string, value any) Option {
	return func(c *call) { c.set = append(c.set, setting{strings.Split(path, "."), value}) }
}

// withSettings is a body in JSON with some members set.
func withSettings(body []byte, settings []setting) ([]byte, error) {
	if len(settings) == 0 {
		return body, nil
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, fmt.Errorf("setting members of a body: %w", err)
	}
	for _, s := range settings {
		in := object
		for _, name := range s.path[:len(s.path)-1] {
			inner, ok := in[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				in[name] = inner
			}
			in = inner
		}
		in[s.path[len(s.path)-1]] = s.value
	}
	written, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("setting members of a body: %w", err)
	}
	return written, nil
}
