package profile

import (
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// namesAsTheyAre keeps names as a map of a program does: any text is a name, and another case is another name. The
// vault within accepts fewer, so it gets a name that spells the original in hexadecimal digits.
func namesAsTheyAre() []Deviation {
	any := tamper.Operation("", "/certificates/[^/]+(/.*)?").Or(tamper.Operation("", "/deletedcertificates/[^/]+(/.*)?")).
		Or(tamper.ListCertificates()).Or(tamper.Operation(http.MethodGet, "/deletedcertificates"))
	spelt := acts("names-case-sensitive", "names that differ in case only are two names", any,
		func(next http.Handler, r *http.Request) *tamper.Response {
			a := tamper.Pass(next, withName(r, spell(tamper.Name(r))))
			a.Request = r
			a.Body = spelling.ReplaceAllFunc(a.Body, func(found []byte) []byte {
				name, err := hex.DecodeString(string(found[len(spellingBegins) : len(found)-len(spellingEnds)]))
				if err != nil {
					return found
				}
				return name
			})
			return a
		}).because("C-9-1 E-7-01 E-7-04")
	// The layer before has let them in already; this entry says so.
	free := Deviation{ID: "names-unchecked", Text: "a name may have any characters"}.because("B-0-5 B-1-05 C-9-1")
	return []Deviation{spelt, free}
}

const spellingBegins, spellingEnds = "zz", "zz"

var (
	spelling    = regexp.MustCompile(spellingBegins + `(?:[0-9a-f]{2})+` + spellingEnds)
	commonNames = regexp.MustCompile(`^[0-9a-z-]{1,127}$`)
)

// spell is the name that the vault within gets.
func spell(name string) string {
	const longest = 127
	spelt := spellingBegins + hex.EncodeToString([]byte(name)) + spellingEnds
	if commonNames.MatchString(name) || len(spelt) > longest {
		return name
	}
	return spelt
}

// withName is the request for another name.
func withName(r *http.Request, name string) *http.Request {
	was := tamper.Name(r)
	switch was {
	case "", name, "issuers", "contacts", "restore":
		return r
	}
	renamed := r.Clone(r.Context())
	renamed.Body = r.Body
	renamed.URL.Path = strings.Replace(r.URL.Path, "certificates/"+was, "certificates/"+name, 1)
	renamed.URL.RawPath = ""
	renamed.RequestURI = renamed.URL.RequestURI()
	return renamed
}
