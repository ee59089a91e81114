package reports

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// manyLinks is how many ids and links have to begin with one base for it to be the one that a vault writes.
const manyLinks = 3

// bases makes one cause of every id and link that is wrong, if the vault begins all that it writes with one base that is
// not the one expected. A proxy that does not rewrite them does so, and its maintainer has one thing to decide.
func (g *grouping) bases() {
	want := strings.TrimSuffix(g.report.Target.IDBase, "/")
	if want == "" || len(g.order) == 0 {
		return
	}
	got, count := WrittenBase(g.report.links)
	if count == 0 || strings.EqualFold(got, want) {
		return
	}
	var astray []string
	for _, key := range g.order {
		if g.find(key) == key && !slices.ContainsFunc(g.byKey[key].evidence, func(e evidence) bool { return !e.ofBase(got) }) {
			astray = append(astray, key)
		}
	}
	if len(astray) == 0 {
		return
	}
	for _, key := range astray[1:] {
		g.into(key, astray[0])
	}
	root := g.byKey[astray[0]]
	root.title = fmt.Sprintf("every id and link (%d) begins with %s, want %s", count, got, want)
	root.cure = fmt.Sprintf("if it is meant, set `idBase: %s` in the target file or give `--id-base %s`; if not, have the proxy before the vault rewrite them", got, got)
	if SchemeDiffers(got, want) {
		root.cure, _, _ = strings.Cut(root.cure, "; if not")
		root.cure += "; if not, tell the vault the scheme that its clients use, for only that differs"
	}
}

// ofBase reports whether the evidence is a link that begins with a base, or one that could not be followed because of it.
func (e *evidence) ofBase(base string) bool {
	if e.step == nil {
		return false
	}
	return strings.Contains(e.got, base+"/") || e.aspect == "way" && strings.HasPrefix(e.got, "leads away from ")
}

// links are the ids and Locations of the successes.
func (r *Report) links(yield func(string) bool) {
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			step := &r.Plays[i].Steps[j]
			if step.Status < 200 || step.Status >= 300 {
				continue
			}
			if !yield(step.id()) || !yield(step.ResponseHeader.Get("Location")) {
				return
			}
		}
	}
}

// WrittenBase is the base that every absolute link to a certificate begins with, of how many links; "" if they have several, or too
// few to tell.
func WrittenBase(links iter.Seq[string]) (base string, count int) {
	for link := range links {
		switch of := linkBase(link); {
		case of == "":
		case base != "" && of != base:
			return "", 0
		default:
			base = of
			count++
		}
	}
	if count < manyLinks {
		return "", 0
	}
	return base, count
}

// SchemeDiffers reports whether two bases are alike but for their schemes.
func SchemeDiffers(base, other string) bool {
	_, rest, _ := strings.Cut(base, "://")
	return strings.HasSuffix(strings.ToLower(other), "://"+strings.ToLower(rest))
}

// id is that of the response, "" if it has none or is no object.
func (s *Step) id() string {
	var body struct {
		ID string `json:"id"`
	}
	if json.Unmarshal([]byte(s.ResponseBody), &body) != nil { // a list, a body that is cut short, or none
		return ""
	}
	return body.ID
}

// linkBase is what stands before /certificates in an absolute link.
func linkBase(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return ""
	}
	at := strings.LastIndex(u.Path, "/certificates")
	if at < 0 {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.Path[:at]
}
