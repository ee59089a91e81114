package model

import "strings"

// update is UpdateCertificate, with and without a version.
func (t *step) update() {
	switch {
	case t.o.accepted():
		if t.unreadable() {
			return
		}
		t.updates()
	case t.missing() && t.life == live:
		if v := t.version(t.o.version); v != nil && v.cer != "" || t.o.version == "" && t.finished() {
			t.breaks("B-4-01", "", "the version that was updated", t.returned(), t.set)
		}
	}
}

func (t *step) updates() {
	b, ok := t.body()
	if !ok {
		return
	}
	if t.o.version != "" && !strings.EqualFold(b.id, t.o.version) {
		t.breaks("B-4-01", "/id", "the version "+t.o.version, "the version "+b.id)
		return
	}
	if t.version(b.id) == nil {
		t.pending.makes = nil // the response shows what the update asked for, not what the create did
		t.sees(b, false)
	}
	v := t.version(b.id)
	if tags, sent := t.o.sent["tags"]; sent && tags != nil {
		v.tags, v.tagged, v.changed = texts(tags), yes, t.o.Exchange
	}
	if enabled, sent := dig(t.o.sent, "attributes", "enabled").(bool); sent {
		v.enabled, v.changed = no, t.o.Exchange
		if enabled {
			v.enabled = yes
		}
		if !b.finished() {
			v.enabled = unknown
		}
	}
	if t.o.sent["policy"] != nil {
		t.policies = nil // the effect is not documented
	}
	for name, known := range map[string]*string{"nbf": &v.times.nbf, "exp": &v.times.exp} {
		if _, sent := t.o.object("attributes")[name]; sent {
			*known = "" // a vault that takes it breaks a should of its own
		}
	}
	t.sees(b, false)
	if t.o.version == "" {
		t.isCurrent(b)
		t.showsPolicy(t.o.Member("policy"))
	}
}
