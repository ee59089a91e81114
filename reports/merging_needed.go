package reports

import (
	"net/http"
	"strings"
)

// needed merges causes that break no rule and only keep rules from being judged: a deleted certificate that is not found goes
// with the deletion that did not keep it, and operations of one feature that are not there are one feature that is not.
func (g *grouping) needed() {
	deletion := join("DeleteCertificate", "status", "200", "needed", takenBack)
	first := map[string]string{}
	for _, key := range g.order {
		of := g.byKey[key]
		switch {
		case len(of.evidence) > 0 || of.blocker == nil:
		case g.byKey[deletion] != nil && strings.HasPrefix(key, "GetDeletedCertificate/status/404"):
			g.into(key, deletion)
		case of.feature == "" || !wantsStatus(of.want) || of.blocker.Status != http.StatusNotFound && !of.blocker.missing():
		case first[of.feature] != "":
			g.into(key, first[of.feature])
		default:
			first[of.feature] = key
		}
	}
}
