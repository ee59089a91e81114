package scenarios

import "strings"

// documentation is where the pages of the vendor's documentation are read.
const documentation = "https://learn.microsoft.com/azure/key-vault/"

// documents gives the path of each page that a source may name.
func documents() map[string]string {
	return map[string]string{
		"create-certificate-scenarios":          "certificates/create-certificate-scenarios",
		"create-certificate":                    "certificates/create-certificate",
		"certificate-scenarios":                 "certificates/certificate-scenarios",
		"about-certificates":                    "certificates/about-certificates",
		"certificate-access-control":            "certificates/certificate-access-control",
		"overview-renew-certificate":            "certificates/overview-renew-certificate",
		"tutorial-import-certificate":           "certificates/tutorial-import-certificate",
		"create-certificate-signing-request":    "certificates/create-certificate-signing-request",
		"how-to-export-certificate":             "certificates/how-to-export-certificate",
		"faq":                                   "certificates/faq",
		"authentication-requests-and-responses": "general/authentication-requests-and-responses",
		"rest-error-codes":                      "general/rest-error-codes",
		"common-error-codes":                    "general/common-error-codes",
		"about-keys-secrets-certificates":       "general/about-keys-secrets-certificates",
		"soft-delete-overview":                  "general/soft-delete-overview",
		"overview-throttling":                   "general/overview-throttling",
		"common-parameters-and-headers":         "general/common-parameters-and-headers",
		"whats-new":                             "general/whats-new",
	}
}

// URL is where the source can be read; "" where it has no address of its own.
func (s Source) URL() string {
	if path, ok := documents()[s.Document]; ok {
		return documentation + path
	}
	if repository, number, ok := strings.Cut(s.Issue, "#"); ok {
		return "https://github.com/" + repository + "/issues/" + number
	}
	return ""
}

// Text is the source in one line.
func (s Source) Text() string {
	var text string
	switch {
	case s.Document != "":
		text = s.Document
	case s.Specification != "":
		text = "REST specification, " + s.Specification
	case s.Recording != "":
		text = "recording " + s.Recording
	case s.Issue != "":
		text = "issue " + s.Issue
	case s.Reasoning != "":
		return "follows: " + s.Reasoning
	default:
		return ""
	}
	if s.Section != "" {
		text += `, "` + s.Section + `"`
	}
	if s.Revision != "" {
		text += " (" + s.Revision + ")"
	}
	if s.APIVersion != "" {
		text += " (api-version " + s.APIVersion + ")"
	}
	return text
}

// PageURL is where the scenario's section of the documentation can be read.
func (s *Scenario) PageURL() string {
	page := documents()["create-certificate-scenarios"]
	for _, rule := range s.Rules {
		for _, source := range rule.Sources {
			if s.Anchor == "" && source.Document != "" {
				page = documents()[source.Document]
				return documentation + page
			}
		}
	}
	if s.Anchor == "" {
		return documentation + page
	}
	return documentation + page + "#" + s.Anchor
}
