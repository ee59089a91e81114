package schemas

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Difference is one thing that two OpenAPI documents say differently of the certificates API.
type Difference struct {
	Change string   `json:"change"`        // added, removed or changed
	What   string   `json:"what"`          // operation, parameter, status, header or member
	Name   string   `json:"name"`          // of the operation, parameter or header; the place of the member, as policy.issuer.name
	In     []string `json:"in,omitempty"`  // as "CreateCertificate request" and "GetCertificate 200"
	Old    string   `json:"old,omitempty"` // what the first document says, as "integer, 1 to 25"
	New    string   `json:"new,omitempty"` // what the second document says
}

// The changes and the things that can change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"

	whatOperation = "operation"
	whatParameter = "parameter"
	whatStatus    = "status"
	whatHeader    = "header"
	whatMember    = "member"
)

// Given is the document as one that [Differences] compares.
func (d *VersionDocument) Given() *Given {
	return &Given{Title: d.doc.Info.Title, Version: d.doc.Info.Version, doc: d.doc}
}

// Differences lists what differs in the certificates API of two documents. Of a thing that is added or removed whole, its
// parts are not listed. A difference in several operations is one, which lists them.
func Differences(before, after *Given) ([]Difference, error) {
	own, err := LoadDocument()
	if err != nil {
		return nil, err
	}
	var old, now facts
	if old, err = factsOf(before, own); err != nil {
		return nil, err
	}
	if now, err = factsOf(after, own); err != nil {
		return nil, err
	}
	var single []factChange
	for at, says := range old {
		switch other, kept := now[at]; {
		case !kept:
			single = append(single, factChange{Removed, at, says, ""})
		case other != says:
			single = append(single, factChange{Changed, at, says, other})
		}
	}
	for at, says := range now {
		if _, had := old[at]; !had {
			single = append(single, factChange{Added, at, "", says})
		}
	}
	return grouped(topmost(single)), nil
}

// place is where a document says something: of an operation, in its request or a response, of a thing with a name.
type place struct{ operation, part, what, name string }

// facts are all that a document says of the API, in words.
type facts map[place]string

type factChange struct {
	change   string
	at       place
	old, new string
}

// factsOf collects what a document says. A thing of several routes, such as the two of GetCertificate, is one.
func factsOf(given *Given, own *Document) (facts, error) {
	document, err := given.Document(own)
	if err != nil {
		return nil, err
	}
	all := facts{}
	for i := range document.routes {
		r := &document.routes[i]
		if _, known := own.nameOf(r); !known && !strings.Contains("/"+strings.Join(r.segments, "/")+"/", "certificates/") {
			continue // of another API that the document describes
		}
		all.operation(r)
	}
	return all, nil
}

func (f facts) operation(r *route) {
	f[place{operation: r.id, what: whatOperation, name: r.id}] = r.method
	for _, parameter := range r.parameters {
		p := parameter.Value
		says := p.In + ", " + signature(p.Schema, p.Required)
		f[place{r.id, "request", whatParameter, p.Name}] = says
	}
	if body := r.operation.RequestBody; body != nil && body.Value != nil {
		f.content(r.id, "request", body.Value.Content)
	}
	for status, response := range r.operation.Responses.Map() {
		if status == "default" || strings.HasSuffix(status, "XX") {
			status = "error"
		}
		if response.Value == nil {
			continue
		}
		f[place{r.id, status, whatStatus, status}] = "declared"
		for name, header := range response.Value.Headers {
			if header.Value != nil {
				f[place{r.id, status, whatHeader, name}] = signature(header.Value.Schema, header.Value.Required)
			}
		}
		f.content(r.id, status, response.Value.Content)
	}
}

func (f facts) content(operation, part string, content openapi3.Content) {
	for _, media := range sortedKeys(content) {
		if schema := content[media].Schema; schema != nil && strings.Contains(media, "json") {
			f.members(operation, part, "", schema, nil)
		}
	}
}

// members adds the members of a schema; above are the schemas around it, which end a schema that holds itself.
func (f facts) members(operation, part, path string, ref *openapi3.SchemaRef, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return
	}
	above = append(above[:len(above):len(above)], ref.Value)
	schemas := allOf(ref.Value, nil)
	required := map[string]bool{}
	for _, schema := range schemas {
		for _, name := range schema.Required {
			required[name] = true
		}
	}
	for _, schema := range schemas {
		for name, property := range schema.Properties {
			member := strings.TrimPrefix(path+"."+name, ".")
			at := place{operation, part, whatMember, member}
			f[at] = fuller(f[at], signature(property, required[name]))
			f.members(operation, part, member, property, above)
		}
		if schema.Items != nil {
			f.members(operation, part, path+"[]", schema.Items, above)
		}
	}
}

// fuller keeps the longer of two descriptions of a member that several parts of an allOf describe.
func fuller(a, b string) string {
	if len(a) > len(b) {
		return a
	}
	return b
}

// allOf lists a schema and whatever it is made of.
func allOf(schema *openapi3.Schema, seen []*openapi3.Schema) []*openapi3.Schema {
	if slices.Contains(seen, schema) {
		return seen
	}
	seen = append(seen, schema)
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, part := range parts {
			if part.Value != nil {
				seen = allOf(part.Value, seen)
			}
		}
	}
	return seen
}

// signature describes a value in words: "integer, 1 to 25, required".
func signature(ref *openapi3.SchemaRef, required bool) string {
	var words []string
	if ref != nil && ref.Value != nil {
		for _, schema := range allOf(ref.Value, nil) {
			for _, word := range ofSchema(schema) {
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
		}
	}
	if len(words) == 0 {
		words = []string{"anything"}
	}
	if required {
		words = append(words, "required")
	}
	return strings.Join(words, ", ")
}

func ofSchema(schema *openapi3.Schema) []string {
	var words []string
	if types := schema.Type.Slice(); len(types) > 0 {
		kind := strings.Join(types, " or ")
		if items := schema.Items; items != nil && items.Value != nil && len(items.Value.Type.Slice()) > 0 {
			kind += " of " + strings.Join(items.Value.Type.Slice(), " or ")
		}
		words = append(words, kind)
	}
	low, high := "", ""
	if schema.Min != nil {
		low = strconv.FormatFloat(*schema.Min, 'f', -1, 64)
	}
	if schema.Max != nil {
		high = strconv.FormatFloat(*schema.Max, 'f', -1, 64)
	}
	switch {
	case low != "" && high != "":
		words = append(words, low+" to "+high)
	case low != "":
		words = append(words, "from "+low)
	case high != "":
		words = append(words, "up to "+high)
	}
	if schema.Pattern != "" {
		words = append(words, "pattern "+schema.Pattern)
	}
	if len(schema.Enum) > 0 {
		values := make([]string, len(schema.Enum))
		for i, value := range schema.Enum {
			values[i] = fmt.Sprint(value)
		}
		slices.Sort(values)
		words = append(words, "one of "+strings.Join(values, " "))
	}
	return words
}

// topmost drops the parts of what is added or removed whole.
func topmost(changes []factChange) []factChange {
	whole := map[factChange]bool{} // by change and place
	for _, c := range changes {
		whole[factChange{change: c.change, at: c.at}] = true
	}
	return slices.DeleteFunc(changes, func(c factChange) bool {
		if c.change == Changed || c.at.what == whatOperation {
			return false
		}
		gone := func(at place) bool { return whole[factChange{change: c.change, at: at}] }
		if gone(place{operation: c.at.operation, what: whatOperation, name: c.at.operation}) {
			return true
		}
		if c.at.what != whatStatus && gone(place{c.at.operation, c.at.part, whatStatus, c.at.part}) {
			return true
		}
		for i, r := range c.at.name {
			if (r == '.' || r == '[') && gone(place{c.at.operation, c.at.part, whatMember, c.at.name[:i]}) {
				return c.at.what == whatMember
			}
		}
		return false
	})
}

// grouped makes one difference of those that are alike in several operations.
func grouped(changes []factChange) []Difference {
	type alike struct{ change, what, name, old, new string }
	in := map[alike][]string{}
	for _, c := range changes {
		key := alike{c.change, c.at.what, c.at.name, c.old, c.new}
		if c.at.what == whatStatus {
			key.name, key.old, key.new = c.at.part, "", ""
		}
		where := strings.TrimSpace(c.at.operation + " " + c.at.part)
		if c.at.what == whatOperation {
			in[key] = nil
			continue
		}
		in[key] = append(in[key], where)
	}
	var list []Difference
	for key, where := range in {
		slices.Sort(where)
		list = append(list, Difference{key.change, key.what, key.name, where, key.old, key.new})
	}
	whats := []string{whatOperation, whatParameter, whatStatus, whatHeader, whatMember}
	slices.SortFunc(list, func(a, b Difference) int {
		return cmp.Or(
			cmp.Compare(slices.Index(whats, a.What), slices.Index(whats, b.What)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Change, b.Change),
			cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New), slices.Compare(a.In, b.In),
		)
	})
	return list
}
