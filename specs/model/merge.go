package model

import "maps"

// merge is MergeCertificate.
func (t *step) merge() {
	p := &t.pending
	switch {
	case t.o.accepted():
		t.mayMerge()
		t.keepsAsked()
		if p.status == completed && !p.shown {
			t.hidden++
		}
		ended := *p
		ended.there, ended.status, ended.wasMerged, ended.seen, ended.shown, ended.last = yes, completed, true, false, true, t.o.Exchange
		*p = ended
		if t.life != live {
			t.live()
		}
		t.completes()
		t.adds("SC-03-09")
	case t.missing():
		t.notFound(map[status]string{
			inProgress: "SC-11-01", cancelled: "SC-11-01", failed: "SC-11-01",
		})
	}
}

// keepsAsked compares the tags of a merged version, and whether it is enabled, with what its create asked for, if the merge does not
// say it. Whether a version is disabled by its create alone is open here: one reading of the contract has the merge decide.
func (t *step) keepsAsked() {
	p := &t.pending
	b, ok := t.body()
	if !ok || t.broken() || p.there != yes || p.makes == nil || t.o.sent == nil {
		return
	}
	if t.o.sent["tags"] == nil && !maps.Equal(b.tags, p.makes.tags) {
		t.breaks("B-11-10", "/tags", written(p.makes.tags)+", as the create sent them", written(b.tags), p.made)
		return
	}
	if t.o.sent["attributes"] == nil && p.makes.enabled && b.enabled == no {
		t.breaks("SC-11-08", "/attributes/enabled", "true, because neither the create nor the merge says otherwise", "false", p.made)
	}
}

// mayMerge notes a merge that should have been rejected.
func (t *step) mayMerge() {
	p := &t.pending
	chain, _ := t.o.sent["x5c"].([]any)
	leaf := ""
	if len(chain) > 0 {
		leaf, _ = chain[0].(string)
	}
	sent, asked := certificateKey(leaf), requestKey(p.csr)
	switch {
	case p.there == no && t.life == live:
		t.breaks("SC-11-18", "", "404, because there is no pending object", t.returned(), p.last)
	case p.surely() && p.stays && t.life == live:
		t.breaks("SC-07-01", "", "403, because the issuer "+p.issuer+" is at work", t.returned(), p.made, p.last)
	case sent != "" && asked != "" && sent != asked:
		t.breaks("SC-11-15", "", "400, because the certificate is not of the csr's key", t.returned(), p.made)
	case leaf != "" && t.o.Text("cer") != "" && t.o.Text("cer") != leaf:
		t.breaks("SC-11-05", "/cer", "the certificate that was sent", "another certificate")
	}
}
