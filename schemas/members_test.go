package schemas

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/scenarios/members"
)

// A member that a client can set is sent once with a value that is not its default, or the table says why not. The schemas
// are the list of what can be set: a member that a later api-version adds to them fails this test until it has a row.
func TestEveryMemberThatCanBeSentHasARowOrAReason(t *testing.T) {
	sub, err := fs.Sub(files, "json")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := readSources(sub)
	if err != nil {
		t.Fatal(err)
	}
	history, err := sources.members()
	if err != nil {
		t.Fatal(err)
	}
	table, err := members.Table()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, request := range table {
		listed[request.Schema] = true
		root, ok := history[request.Schema]
		if !ok {
			t.Errorf("%s is about %s, which is no schema", request.File, request.Schema)
			continue
		}
		leaves := map[string]int{}
		collect(root, "", 0, leaves)
		for leaf, since := range leaves {
			if why := missing(request, leaf, since); why != "" {
				t.Errorf("%s: %s %s", request.File, leaf, why)
			}
		}
		for _, path := range named(request) {
			if _, ok := leaves[path]; !ok && !slices.ContainsFunc(keys(leaves), func(leaf string) bool { return within(path, leaf) || leaf == "tags" && within(leaf, path) }) {
				t.Errorf("%s: %s is no member of %s", request.File, path, request.Schema)
			}
		}
	}
	for name := range history {
		if strings.HasSuffix(name, "-request") && !listed[name] {
			t.Errorf("no table lists the members of %s", name)
		}
	}
}

// collect lists the members that have no members of their own, with the api-version that brought them.
func collect(m *member, path string, since int, leaves map[string]int) {
	parts := flatten([]*member{m})
	inner := false
	for _, part := range parts {
		since = max(since, part.since)
	}
	for _, part := range parts {
		for name, sub := range part.named {
			inner = true
			collect(sub, strings.TrimPrefix(path+"."+name, "."), since, leaves)
		}
		if part.items != nil && path != "" {
			if items := flatten([]*member{part.items}); slices.ContainsFunc(items, func(i *member) bool { return i.named != nil }) {
				inner = true
				collect(part.items, path+".*", since, leaves)
			}
		}
	}
	if !inner && path != "" {
		leaves[path] = since
	}
}

// missing says what the table lacks of a member; "" if it lacks nothing.
func missing(request members.Request, leaf string, since int) string {
	for _, omission := range request.NotSent {
		if within(omission.Path, leaf) {
			return ""
		}
	}
	wanted := ""
	if since > 0 {
		wanted = string(Versions()[since])
	}
	for _, row := range request.Members {
		if !sends(row, leaf) {
			continue
		}
		if row.Since != wanted {
			return fmt.Sprintf("came with the api-version %q, and its row says %q", wanted, row.Since)
		}
		if len(row.Shows) == 0 {
			return "has a row without a place where it shows"
		}
		return ""
	}
	return "has neither a row nor a reason why it is not sent"
}

// sends reports whether a row sends a member: as its own, or in its value.
func sends(row members.Member, leaf string) bool {
	if row.Path == leaf {
		return true
	}
	rest, inside := strings.CutPrefix(leaf, row.Path+".")
	return inside && has(row.Value, strings.Split(rest, "."))
}

func has(value any, path []string) bool {
	if len(path) == 0 {
		return value != nil
	}
	if list, ok := value.([]any); ok && path[0] == "*" {
		return slices.ContainsFunc(list, func(item any) bool { return has(item, path[1:]) })
	}
	object, _ := value.(map[string]any)
	return has(object[path[0]], path[1:])
}

func named(request members.Request) []string {
	var paths []string
	for _, row := range request.Members {
		paths = append(paths, row.Path)
	}
	for _, omission := range request.NotSent {
		paths = append(paths, omission.Path)
	}
	return paths
}

// within reports whether a member is another one or in it.
func within(outer, leaf string) bool { return leaf == outer || strings.HasPrefix(leaf, outer+".") }

func keys(leaves map[string]int) []string {
	var all []string
	for leaf := range leaves {
		all = append(all, leaf)
	}
	return all
}
