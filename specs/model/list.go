package model

import "slices"

// list is GetCertificateVersions.
func (t *step) list() {
	if !t.o.accepted() {
		return
	}
	items, ok := t.o.Member("value").([]any)
	if !ok || t.life == deleting || t.life == recovering {
		return
	}
	if (t.life == deleted || t.life == purging) && len(items) > 0 {
		t.breaks("B-7-05", "/value", "404 or an empty list, because the name is deleted", "versions", t.lifeSet)
		return
	}
	listed := t.seesItems(items)
	if len(items) > 0 && t.life != live {
		t.live()
	}
	if link, _ := t.o.Member("nextLink").(string); link != "" || partial(t.o.Exchange) || t.life != live {
		return
	}
	t.listsAll(listed)
	t.complete, t.hidden = true, 0
}

// seesItems learns from the items of a list, and returns the ids of the versions among them.
func (t *step) seesItems(items []any) []string {
	var listed []string
	for _, value := range items {
		if b, ok := bundleOf(value); ok {
			b.item = true
			t.sees(b, false)
			listed = append(listed, b.id)
		}
	}
	return listed
}

// listsAll notes the versions that a whole list lacks. One without a certificate may be missing, because it is not finished.
func (t *step) listsAll(listed []string) {
	for _, v := range t.versions {
		if v.cer != "" && !slices.Contains(listed, v.id) {
			t.breaks("B-1-14", "/value", "the version "+v.id+" among the others", "a list without it", v.last)
		}
	}
}
