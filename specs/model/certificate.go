package model

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// bundle is what a response shows of one version: a certificate, or an item of a list.
type bundle struct {
	id      string
	cer     string // "" in a list
	x5t     string
	tags    map[string]string
	enabled answer
	times   times
	fixed   map[string]string
	// item says that it is one of a list, which shows less.
	item bool
}

// bundleOf reads the bundle in a response or in an item of a list.
func bundleOf(value any) (bundle, bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return bundle{}, false
	}
	b := bundle{tags: texts(dig(object, "tags"))}
	id, _ := object["id"].(string)
	id = strings.TrimSuffix(id, "/")
	_, kind, rest := places(id)
	if kind == "" || len(rest) < 2 {
		return b, false
	}
	b.id = strings.ToLower(rest[1])
	b.cer, _ = object["cer"].(string)
	b.x5t, _ = object["x5t"].(string)
	if enabled, there := dig(object, "attributes", "enabled").(bool); there {
		b.enabled = no
		if enabled {
			b.enabled = yes
		}
	}
	b.times = timesOf(object)
	b.fixed = map[string]string{}
	for _, name := range []string{"kid", "sid", "contentType"} {
		if text, _ := object[name].(string); text != "" {
			b.fixed[name] = text
		}
	}
	return b, true
}

// timesOf are the times of a version in a response or an item of a list.
func timesOf(object map[string]any) times {
	at := func(name string) string {
		number, _ := dig(object, "attributes", name).(json.Number)
		return number.String()
	}
	return times{created: at("created"), updated: at("updated"), nbf: at("nbf"), exp: at("exp")}
}

// finished reports whether the version has a certificate.
func (b bundle) finished() bool { return b.cer != "" || b.x5t != "" }

// body is the bundle that the response is.
func (t *step) body() (bundle, bool) {
	value, err := t.o.Response.Read()
	if err != nil {
		return bundle{}, false
	}
	return bundleOf(value)
}

// read is GetCertificate, with and without a version.
func (t *step) read() {
	switch {
	case t.o.accepted():
		if t.unreadable() {
			return
		}
		b, ok := t.body()
		if !ok {
			return
		}
		if t.o.version != "" && !strings.EqualFold(b.id, t.o.version) {
			t.breaks("B-3-02", "/id", "the version "+t.o.version, "the version "+b.id)
			return
		}
		t.sees(b, false)
		if t.o.version == "" {
			t.isCurrent(b)
		}
		t.showsPolicy(t.o.Member("policy"))
	case t.missing() && t.life == live:
		t.unread()
	}
}

// unread notes a 404 for a certificate that is there.
func (t *step) unread() {
	if t.o.version == "" {
		if t.finished() {
			t.breaks("B-3-01", "", "the certificate, which has versions", t.returned(), t.set)
		}
		return
	}
	if v := t.version(t.o.version); v != nil && v.cer != "" {
		t.breaks("B-3-02", "", "the version "+v.id, t.returned(), v.last)
	}
}

// unreadable notes a success for a name that has nothing to be read. It reports whether nothing is to be learnt of it.
func (t *step) unreadable() bool {
	switch t.life {
	case deleted:
		t.breaks("B-3-06", "", "404, because the certificate is deleted", t.returned(), t.lifeSet)
		return true
	case purging:
		t.breaks("B-7-10", "", "404, because the certificate was purged", t.returned(), t.lifeSet)
		return true
	case deleting:
		return true // it may still show
	case absent:
		if len(t.purged) > 0 {
			t.breaks("B-7-10", "", "404, because the certificate was purged", t.returned(), t.lifeSet)
		}
	case lifeOpen, live, recovering:
	}
	t.live()
	return false
}

// sees compares a version in a response with what is known of it, and learns from it. Made says that the request made it.
func (t *step) sees(b bundle, made bool) {
	v := t.version(b.id)
	switch {
	case v == nil, v.cer == "" && v.x5t == "" && b.finished():
		if !made && b.finished() {
			t.explains(b)
		}
		if v == nil {
			v = &version{id: b.id}
			t.versions = append(t.versions, v)
		} else {
			v.tagged, v.enabled, v.times = unknown, unknown, times{} // what stood for it before had attributes of its own
		}
	default:
		t.unchanged(b, v)
	}
	t.learn(b, v)
}

func (t *step) learn(b bundle, v *version) {
	if b.cer != "" {
		v.cer = b.cer
	} else if b.x5t != "" && v.cer == "" {
		v.cer = "x5t " + b.x5t // known to be there
	}
	if b.x5t != "" {
		v.x5t = b.x5t
	}
	if b.finished() { // what stands for a version in progress is overwritten with the request
		v.tags, v.tagged = b.tags, yes
		if b.enabled != unknown {
			v.enabled = b.enabled
		}
		v.times = v.times.with(b.times)
		fixed := maps.Clone(b.fixed)
		for name, value := range v.fixed {
			if fixed[name] == "" {
				fixed[name] = value
			}
		}
		v.fixed = fixed
	}
	v.last = t.o.Exchange
}

// unchanged compares a version with how it was.
func (t *step) unchanged(b bundle, v *version) {
	switch {
	case b.x5t != "" && v.x5t != "" && b.x5t != v.x5t:
		t.breaks("B-3-02", "/x5t", "the version "+v.id+" with x5t "+v.x5t, b.x5t, v.last)
	case b.cer != "" && v.cer != "" && !strings.HasPrefix(v.cer, "x5t ") && b.cer != v.cer:
		t.breaks("B-3-02", "/cer", "the certificate that the version had", "another certificate", v.last)
	}
	if b.finished() {
		t.sameFixed(b, v)
		t.sameTimes(b, v)
	}
	if v.tagged == yes && b.finished() && !maps.Equal(v.tags, b.tags) {
		t.breaks("B-4-03", "/tags", written(v.tags), written(b.tags), v.last, v.changed)
	}
	if v.enabled != unknown && b.enabled != unknown && v.enabled != b.enabled && b.finished() {
		t.breaks("B-4-02", "/attributes/enabled", v.enabled.word(), b.enabled.word(), v.last, v.changed)
	}
}

// sameFixed compares the members of a version that no request changes.
func (t *step) sameFixed(b bundle, v *version) {
	for _, name := range slices.Sorted(maps.Keys(v.fixed)) {
		if got := b.fixed[name]; got != "" && !strings.EqualFold(got, v.fixed[name]) && !t.broken() {
			t.breaks("B-3-02", "/"+name, v.fixed[name]+", as the version had it", got, v.last)
		}
	}
}

// sameTimes compares the times of a version with those that it had: only updated changes, and never to an earlier time.
func (t *step) sameTimes(b bundle, v *version) {
	for _, same := range []struct{ name, had, got string }{
		{"created", v.times.created, b.times.created}, {"nbf", v.times.nbf, b.times.nbf}, {"exp", v.times.exp, b.times.exp},
	} {
		if same.had != "" && same.got != "" && same.had != same.got {
			t.breaks("B-3-02", "/attributes/"+same.name, same.had+", as the version had it", same.got, v.last)
			return
		}
	}
	had, err := strconv.ParseInt(v.times.updated, 10, 64)
	got, unread := strconv.ParseInt(b.times.updated, 10, 64)
	if err == nil && unread == nil && got < had {
		t.breaks("B-4-02", "/attributes/updated", v.times.updated+" or later, as the version had it", b.times.updated, v.last)
	}
}

// with are the times that a response shows, and those known before for what it does not show.
func (known times) with(shown times) times {
	return times{
		created: cmp.Or(shown.created, known.created), updated: cmp.Or(shown.updated, known.updated),
		nbf: cmp.Or(shown.nbf, known.nbf), exp: cmp.Or(shown.exp, known.exp),
	}
}

func (a answer) word() string {
	if a == yes {
		return "true"
	}
	return "false"
}

func written(tags map[string]string) string {
	text, err := json.Marshal(tags)
	if err != nil {
		return "tags"
	}
	return string(text)
}

// explains finds the request that made a version which no response has shown before.
func (t *step) explains(b bundle) {
	p := &t.pending
	switch {
	case slices.Contains(t.purged, b.id):
		t.breaks("B-7-10", "/id", "no version that was purged", "the version "+b.id, t.lifeSet)
	case p.mayMake() && (t.hidden > 0 || p.blurred || !t.complete):
		t.hidden = max(t.hidden-1, 0)
		p.blurred = true
		t.current, t.newer = "", false
	case p.mayMake():
		t.makes(b)
	case t.hidden > 0:
		t.hidden--
		t.newer = false // it may be the one that was to come
	case !t.complete:
		t.newer = false
	case p.there == yes && p.status == inProgress:
		t.breaks("SC-12-08", "/id", "no new version, because the request is in progress", "the version "+b.id, p.made, p.last)
	case p.there == no && p.because == "SC-09-05":
		t.breaks("SC-09-12", "/id", "no new version, because the request was deleted", "the version "+b.id, p.last)
	default:
		t.breaks("SC-03-09", "/id", "a version that a request made", "the version "+b.id, p.made, p.last, t.set)
	}
}

// makes takes a new version for the one that the pending request has made.
func (t *step) makes(b bundle) {
	p := &t.pending
	sure := t.hidden == 0 && t.complete
	if p.status == inProgress {
		p.status = completed
		t.completes()
	}
	p.shown = true
	t.current, t.newer, t.set = b.id, false, t.o.Exchange
	if !sure {
		return
	}
	if key := certificateKey(b.cer); key != "" && requestKey(p.csr) != "" && key != requestKey(p.csr) {
		t.breaks("SC-03-10", "/cer", "a certificate of the csr's key", "a certificate of another key", p.made, p.last)
	}
	if p.makes == nil || p.wasMerged {
		return
	}
	if !maps.Equal(b.tags, p.makes.tags) {
		t.breaks("B-4-03", "/tags", written(p.makes.tags)+", as the create sent them", written(b.tags), p.made)
	}
	if want := p.makes.enabled; b.enabled != unknown && (b.enabled == yes) != want {
		t.breaks("B-1-10", "/attributes/enabled", map[bool]string{true: "true", false: "false"}[want]+", as the create sent it", b.enabled.word(), p.made)
	}
}

// isCurrent compares the version that a read without a version shows with the current one.
func (t *step) isCurrent(b bundle) {
	known := t.current
	if !b.finished() {
		if t.finished() && !t.broken() {
			t.breaks("SC-12-08", "/id", "the current version", "a version without a certificate", t.set)
		}
		return
	}
	if !t.broken() {
		switch {
		case t.newer && t.seenBefore(b.id):
			t.breaks("SC-03-09", "/id", "the version that the completed request made", "the earlier version "+b.id, t.set)
		case known != "" && known != b.id && t.seenBefore(b.id):
			t.breaks("B-3-01", "/id", "the current version "+known, "the earlier version "+b.id, t.set)
		}
	}
	t.current, t.newer, t.set = b.id, false, t.o.Exchange
}

// seenBefore reports whether a response before this one has shown a version with its certificate.
func (t *step) seenBefore(id string) bool {
	return slices.Contains(t.before, id)
}

// importing is ImportCertificate.
func (t *step) importing() {
	switch {
	case t.o.accepted():
		t.barred("SC-06-02")
		p := &t.pending
		if p.there != no {
			t.leave()
			p.there, p.last = unknown, t.o.Exchange // whether it is still readable is open
		} else if t.life != live {
			t.pending = pending{there: no, because: "B-11-02", last: t.o.Exchange}
		}
		if t.life != live {
			t.live()
		}
		t.policies = nil // it is made from the certificate
		t.adds("B-2-08")
		t.notOfPurged()
		if b, ok := t.body(); ok && t.legal && t.o.sent != nil && t.o.sent["attributes"] == nil && b.enabled == no && !t.broken() {
			t.breaks("B-2-07", "/attributes/enabled", "true, because the import does not say otherwise", "false", t.pending.last)
		}
	case t.o.status == http.StatusConflict:
		t.conflict()
	}
}

// notOfPurged compares the policy of an import that sent none with the one that a purge has removed: a subject that the certificate
// does not have can come from there alone.
func (t *step) notOfPurged() {
	subject := t.o.memberText("policy", "x509_props", "subject")
	leaf := parsedCertificate(t.o.Text("cer"))
	if t.purgedSubject == "" || subject != t.purgedSubject || leaf == nil || leaf.Subject.CommonName == "" || t.o.object("policy", "x509_props") != nil || t.broken() {
		return
	}
	if !strings.Contains(strings.ToLower(subject), strings.ToLower(leaf.Subject.CommonName)) {
		t.breaks("B-7-10", "/policy/x509_props/subject", "the subject of the certificate, "+leaf.Subject.String(), subject+", that of the purged policy", t.lifeSet)
	}
}

// adds takes the version that the request made from its response.
func (t *step) adds(statement string) {
	b, ok := t.body()
	if !ok {
		t.hidden++
		t.current, t.newer = "", true
		return
	}
	if t.seenBefore(b.id) {
		t.breaks(statement, "/id", "a new version", "the earlier version "+b.id, t.set)
	}
	if slices.Contains(t.purged, b.id) {
		t.breaks("B-7-10", "/id", "a new version", "the purged version "+b.id, t.lifeSet)
	}
	if v := t.version(b.id); v != nil {
		v.cer, v.x5t, v.tagged, v.enabled = "", "", unknown, unknown
	}
	t.sees(b, true)
	t.current, t.newer, t.set = b.id, false, t.o.Exchange
	t.showsPolicy(t.o.Member("policy"))
}
