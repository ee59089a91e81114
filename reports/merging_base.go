package reports

import (
	"encoding/json"
	"fmt"
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
	got, count := g.report.writtenBase()
	if want == "" || count < manyLinks || strings.EqualFold(got, want) {
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
	if _, rest, _ := strings.Cut(got, "://"); strings.HasSuffix(strings.ToLower(want), "://"+strings.ToLower(rest)) {
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

// writtenBase is the base that every id and Location of the successes begins with, and of how many; "" if they have several.
func (r *Report) writtenBase() (base string, count int) {
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			step := &r.Plays[i].Steps[j]
			if step.Status < 200 || step.Status >= 300 {
				continue
			}
			for _, link := range []string{step.id(), step.ResponseHeader.Get("Location")} {
				switch of := linkBase(link); {
				case of == "":
				case base != "" && of != base:
					return "", 0
				default:
					base = of
					count++
				}
			}
		}
	}
	return base, count
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
