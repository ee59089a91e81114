package vault

import "slices"

// PolicyMembers are the members of a group of a policy, such as key_props, that the specification has.
func PolicyMembers(group string) []string {
	switch group {
	case "key_props":
		return []string{"crv", "exportable", "key_size", "kty", "reuse_key"}
	case "secret_props":
		return []string{"contentType"}
	case "x509_props":
		return []string{"basic_constraints", "ekus", "key_usage", "sans", "subject", "validity_months"}
	case "issuer":
		return []string{"cert_transparency", "cty", "name"}
	}
	return nil
}

// DocumentedOf is a group of a policy without the members that no document has: a vault may show them in one response and
// not in another. What is no object stays.
func DocumentedOf(group string, value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	documented := map[string]any{}
	for name, member := range object {
		if slices.Contains(PolicyMembers(group), name) {
			documented[name] = member
		}
	}
	return documented
}
