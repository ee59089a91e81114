package model

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// setIssuer is SetCertificateIssuer.
func (t *step) setIssuer() {
	if !t.o.accepted() {
		return
	}
	had := t.issuer
	if had.there != yes {
		had.times.created, had.times.updated = "", ""
	}
	sent := known(t.o.sent)
	t.issuer = issuer{there: yes, members: sent, whole: t.o.sent != nil, usual: had.usual, times: had.times, last: t.o.Exchange}
	t.showsIssuer("B-10-01")
	if t.issuer.whole && dig(sent, "attributes", "enabled") == nil {
		t.enabledAsUsual(had)
	}
}

// enabledAsUsual compares an issuer that was set without enabled with how it was when it was set so anew.
func (t *step) enabledAsUsual(had issuer) {
	shown := dig(t.issuer.members, "attributes", "enabled")
	switch {
	case shown == nil:
	case had.there != yes:
		t.issuer.usual = shown
	case had.usual != nil && had.usual != shown && !t.broken():
		t.breaks("B-10-11", "/attributes/enabled", text(had.usual)+", as of an issuer that is set without it", text(shown), had.last)
	}
}

// patchIssuer is UpdateCertificateIssuer.
func (t *step) patchIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		merged := map[string]any{}
		for name, value := range t.issuer.members {
			merged[name] = value
		}
		for name, value := range known(t.o.sent) {
			merged[name] = value
		}
		t.issuer = issuer{there: yes, members: merged, whole: t.issuer.whole && t.o.sent != nil, usual: t.issuer.usual, times: t.issuer.times, last: t.o.Exchange}
		t.showsIssuer("B-10-03")
	case t.missing():
		t.absentIssuer()
	}
}

// readIssuer is GetCertificateIssuer.
func (t *step) readIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		t.showsIssuer("B-10-01")
	case t.missing():
		t.absentIssuer()
	}
}

// deleteIssuer is DeleteCertificateIssuer.
func (t *step) deleteIssuer() {
	switch {
	case t.o.accepted():
		t.present()
		t.mayLackCredentials()
		t.showsIssuer("B-10-05")
		t.issuer = issuer{there: no, usual: t.issuer.usual, last: t.o.Exchange}
	case t.missing():
		t.absentIssuer()
	}
}

// mayLackCredentials lets the response to a deletion go without the credentials of an issuer that is no more.
func (t *step) mayLackCredentials() {
	value, _ := t.o.Response.Read()
	if object, ok := value.(map[string]any); ok && object["credentials"] == nil {
		t.issuer.members = maps.Clone(t.issuer.members)
		delete(t.issuer.members, "credentials")
	}
}

// present notes a success for an issuer that was deleted.
func (t *step) present() {
	if t.issuer.there == no && t.issuer.last != nil {
		t.breaks("B-10-05", "", "404, because the issuer was deleted", t.returned(), t.issuer.last)
	}
	t.issuer.there = yes
}

// absentIssuer notes a 404 for an issuer that was set.
func (t *step) absentIssuer() {
	if t.issuer.there == yes {
		t.breaks("B-10-04", "", "the issuer, which was set", t.returned(), t.issuer.last)
	}
	t.issuer = issuer{there: no, usual: t.issuer.usual}
}

// showsIssuer compares the issuer in a response with how it was last set.
func (t *step) showsIssuer(id string) {
	value, err := t.o.Response.Read()
	object, ok := value.(map[string]any)
	if err != nil || !ok || t.o.status == http.StatusNoContent {
		return
	}
	if at, differs := difference(t.issuer.members, object, ""); differs != "" && !t.broken() {
		t.breaks(id, at, "the issuer as it was set", strings.TrimSpace(differs), t.issuer.last)
	}
	shown := known(object)
	if at := beyond(t.issuer.members, shown); at != "" && t.issuer.whole && !t.broken() {
		t.breaks("B-10-11", at, "nothing, because it was not set", "a value", t.issuer.last)
	}
	t.issuerTimes(timesOf(object))
	t.issuer.members, t.issuer.whole = shown, true
	t.issuer.last = t.o.Exchange
}

// beyond is the first member that an issuer shows without having it.
func beyond(had, shown map[string]any) string {
	for _, path := range [][]string{{"credentials", "account_id"}, {"org_details", "id"}, {"org_details", "admin_details"}} {
		if dig(shown, path...) != nil && dig(had, path...) == nil {
			return "/" + strings.Join(path, "/")
		}
	}
	return ""
}

// issuerTimes compares the times of an issuer with those that it had.
func (t *step) issuerTimes(shown times) {
	had := t.issuer.times
	was, err := strconv.ParseInt(had.updated, 10, 64)
	is, unread := strconv.ParseInt(shown.updated, 10, 64)
	switch {
	case t.broken():
	case had.created != "" && shown.created != "" && had.created != shown.created:
		t.breaks("B-10-12", "/attributes/created", had.created+", as the issuer had it", shown.created, t.issuer.last)
	case err == nil && unread == nil && is < was:
		t.breaks("B-10-12", "/attributes/updated", had.updated+" or later", shown.updated, t.issuer.last)
	}
	t.issuer.times = had.with(shown)
}

// known are the members of an issuer that every response has to show as they were sent.
func known(object map[string]any) map[string]any {
	members := map[string]any{}
	if provider := object["provider"]; provider != nil {
		members["provider"] = provider
	}
	if account := dig(object, "credentials", "account_id"); account != nil {
		members["credentials"] = map[string]any{"account_id": account}
	}
	organization := map[string]any{}
	for _, name := range []string{"id", "admin_details"} {
		if value := plain(dig(object, "org_details", name)); value != nil && value != "" {
			organization[name] = value
		}
	}
	if list, _ := organization["admin_details"].([]any); len(list) == 0 {
		delete(organization, "admin_details")
	}
	if len(organization) > 0 {
		members["org_details"] = organization
	}
	if enabled := dig(object, "attributes", "enabled"); enabled != nil {
		members["attributes"] = map[string]any{"enabled": enabled}
	}
	return members
}

// listedIssuers is GetCertificateIssuers, as it is about one issuer.
func (t *step) listedIssuers() {
	i := &t.issuer
	switch {
	case t.o.item == nil:
		if i.there == yes {
			t.breaks("B-10-10", "/value", "the issuer among the others", "a list without it", i.last)
		}
	case i.there == no && i.last != nil:
		t.breaks("B-10-05", "/value", "a list without the issuer, because it was deleted", "the issuer in the list", i.last)
	case i.there == yes:
		known, shown := map[string]any{"provider": i.members["provider"]}, map[string]any{"provider": t.o.item["provider"]}
		if at, differs := difference(known, shown, "/value"); differs != "" {
			t.breaks("B-10-01", at, "the issuer as it was set", differs, i.last)
		}
	}
}
