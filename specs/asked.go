package specs

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// askedNumber is a whole number that the body of a request has at a path of members, 0 where there is none.
func askedNumber(e *vault.Exchange, path ...string) int {
	number, _ := asked(e, path...).(json.Number)
	whole, err := strconv.Atoi(number.String())
	if err != nil {
		return 0
	}
	return whole
}

// mergedLeaf is the first certificate that a merge sent.
func mergedLeaf(merge *vault.Exchange) []byte {
	x5c := askedTexts(merge, "x5c")
	if len(x5c) == 0 {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(x5c[0])
	if err != nil {
		return nil
	}
	return der
}

// importedLeaf is the first certificate that an import sent.
func importedLeaf(e *vault.Exchange) []byte {
	if len(e.Request.Certificates) == 0 {
		return nil
	}
	return e.Request.Certificates[0]
}

// apiVersionOf is the api-version that a request carried.
func apiVersionOf(e *vault.Exchange) string {
	version, _ := e.Request.Query("api-version")
	return version
}

// askedTags are the tags in the body of a request.
func askedTags(e *vault.Exchange) map[string]string {
	object, _ := asked(e, "tags").(map[string]any)
	tags := map[string]string{}
	for name, value := range object {
		tags[name], _ = value.(string)
	}
	return tags
}
