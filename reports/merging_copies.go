package reports

import "strings"

// copies merges what is wrong with a response that is an earlier one once more, down to its x-ms-request-id: whatever it says
// is of another request. The rule about that header names the operation.
func (g *grouping) copies() {
	const root = "response/identity/x-ms-request-id"
	if g.byKey[root] == nil || len(g.byKey[root].evidence) == 0 || g.find(root) != root {
		return
	}
	copied := g.copied()
	for _, key := range g.order {
		if key != root {
			g.shareWhole(key, func(e *evidence) string {
				if !copied[e.at] {
					return ""
				}
				return root
			})
		}
	}
}

// copied are the responses that an earlier request to the same path got. A vault that gives every response one
// x-ms-request-id copies none of them, unless the bodies are the same as well.
func (g *grouping) copied() map[Place]bool {
	seen, copied := map[string]bool{}, map[Place]bool{}
	for i := range g.report.Plays {
		play := &g.report.Plays[i]
		for j := range play.Steps {
			step := &play.Steps[j]
			id := step.ResponseHeader.Get("X-Ms-Request-Id")
			if id == "" || step.ResponseBody == "" {
				continue
			}
			response := strings.Join([]string{step.Operation, id, step.ResponseBody}, " ")
			if seen[response] {
				copied[Place{play.Name, step.Name, step.Index}] = true
			}
			seen[response] = true
		}
	}
	return copied
}
