package refvault

// apiVersions lists the api-versions of the certificates API, oldest first. Neither text nor semantic order sorts them.
var apiVersions = [...]string{
	"2015-06-01", "2016-10-01",
	"7.0", "7.1-preview", "7.1", "7.2-preview", "7.2", "7.3-preview", "7.3", "7.4-preview.1", "7.4",
	"7.5-preview.1", "7.5", "7.6-preview.1", "7.6-preview.2", "7.6",
	"2025-06-01-preview", "2025-07-01",
	"2026-01-01-preview", "2026-03-01-preview", "2026-04-01", "2026-05-01-preview", "2026-07-01-preview",
}

// apiVersion is an api-version that the vault knows.
type apiVersion struct {
	text string
	rank int // place in apiVersions
}

// parseAPIVersion refuses a version that is missing or unknown.
func (v *Vault) parseAPIVersion(text string) (apiVersion, error) {
	if text == "" {
		return apiVersion{}, badParameter("The query parameter api-version is required.")
	}
	rank := rankOf(text)
	if like, ok := v.otherVersions[text]; ok {
		rank = rankOf(like)
	}
	if rank < 0 {
		return apiVersion{}, badParameter("The api-version %q is not known; the newest one is %s.",
			text, apiVersions[len(apiVersions)-1])
	}
	return apiVersion{text: text, rank: rank}, nil
}

// has reports whether v is the version since which something exists, or a newer one.
func (v apiVersion) has(since string) bool { return v.rank >= rankOf(since) }

func rankOf(text string) int {
	for i, known := range apiVersions {
		if known == text {
			return i
		}
	}
	return -1
}

// order is preserveCertOrder as responses of this api-version show it: as it was sent, and only if it was.
func (c *call) order(sent *bool) *bool {
	if !c.apiVersion.has("7.6-preview.2") {
		return nil
	}
	return sent
}
