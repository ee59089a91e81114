package model

// setContacts is SetCertificateContacts.
func (t *step) setContacts() {
	sent, isList := t.o.sent["contacts"].([]any)
	if !t.o.accepted() {
		return
	}
	t.contacts = contacts{there: yes, last: t.o.Exchange}
	if isList {
		t.contacts.list = sent
	}
	t.showsContacts("B-9-01")
}

// readContacts is GetCertificateContacts.
func (t *step) readContacts() {
	c := &t.contacts
	switch {
	case t.o.accepted():
		if c.there == no {
			t.breaks("B-9-03", "", "404, because the contacts were deleted", t.returned(), c.last)
		}
		t.showsContacts("B-9-01")
	case t.missing():
		if c.there == yes {
			t.breaks("B-9-02", "", "the contacts, which were set", t.returned(), c.last)
		}
		t.contacts = contacts{there: no, last: t.o.Exchange}
	}
}

// deleteContacts is DeleteCertificateContacts.
func (t *step) deleteContacts() {
	switch {
	case t.o.accepted():
		t.showsContacts("B-9-03")
		t.contacts = contacts{there: no, last: t.o.Exchange}
	case t.missing():
		if t.contacts.there == yes {
			t.breaks("B-9-03", "", "the contacts, which were set", t.returned(), t.contacts.last)
		}
		t.contacts = contacts{there: no, last: t.o.Exchange}
	}
}

// showsContacts compares the contacts in a response with those that were set, and learns from it.
func (t *step) showsContacts(id string) {
	c := &t.contacts
	shown, isList := t.o.Member("contacts").([]any)
	if !isList {
		return
	}
	if c.list != nil && !t.broken() {
		if at, differs := difference(plain(c.list), plain(shown), "/contacts"); differs != "" {
			t.breaks(id, at, "the contacts as they were set", differs, c.last)
		}
	}
	c.there, c.list, c.last = yes, shown, t.o.Exchange
}

// plain is a value without the members of its objects that say nothing: null, empty texts and empty lists.
func plain(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, member := range v {
			inner := plain(member)
			list, isList := inner.([]any)
			if inner != nil && inner != "" && (!isList || len(list) > 0) {
				object[name] = inner
			}
		}
		return object
	default:
		return value
	}
}
