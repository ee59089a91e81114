package refvault

import "net/http"

type contact struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

type contactsBody struct {
	ID       string    `json:"id,omitempty"`
	Contacts []contact `json:"contacts"`
}

// setContacts is SetCertificateContacts: the list is replaced as a whole.
func (v *Vault) setContacts(c *call) (*response, error) {
	var sent contactsBody
	if err := decodeBody(c.body, &sent); err != nil {
		return nil, err
	}
	if sent.Contacts == nil {
		return nil, badParameter("The member contacts is required.")
	}
	v.contacts = sent.Contacts
	return v.getContacts(c)
}

// getContacts is GetCertificateContacts.
func (v *Vault) getContacts(c *call) (*response, error) {
	if v.contacts == nil {
		return nil, &refusal{status: http.StatusNotFound, code: codeContactsMissing, message: "No contacts are set."}
	}
	return ok(&contactsBody{ID: c.base + "/certificates/contacts", Contacts: v.contacts}), nil
}

// deleteContacts is DeleteCertificateContacts. The response is the list that was deleted.
func (v *Vault) deleteContacts(c *call) (*response, error) {
	a, err := v.getContacts(c)
	if err != nil {
		return nil, err
	}
	v.contacts = nil
	return a, nil
}
