package profile_test

import (
	"bytes"
	"encoding/asn1"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

func showsFull() map[string]func(*client) bool {
	return map[string]func(*client) bool{
		"csr-extensions-wrapped": func(c *client) bool {
			c.create("a", "Self")
			request := readRequest(c.pending("a").text("csr"))
			if request == nil || request.CheckSignature() != nil {
				return false
			}
			wrapped, authority := false, false
			for _, extension := range request.Extensions {
				switch extension.Id.String() {
				case "2.5.29.15": // key usage, which is a BIT STRING and no OCTET STRING
					wrapped = extension.Value[0] == asn1.TagOctetString
				case "2.5.29.19": // basic constraints: a SEQUENCE of TRUE
					authority = bytes.Equal(extension.Value, []byte{0x30, 3, asn1.TagBoolean, 1, 0xff})
				}
			}
			return wrapped && authority
		},
		"completed-at-once": bornCompleted,
		"issuer-always-self": func(c *client) bool {
			made := c.create("a", "nobody")
			return made.text("issuer", "name") == "nobody" && c.pending("a").text("issuer", "name") == "Self"
		},
		"no-location":    createWithout("Location"),
		"no-retry-after": createWithout("Retry-After"),
		"request-id-of-the-version": func(c *client) bool {
			id := c.issued("a").text("id")
			return strings.HasSuffix(id, "/"+c.pending("a").text("request_id"))
		},
		"pending-deleted-with-the-certificate": func(c *client) bool {
			c.issued("a")
			live := c.delete("/certificates/a/pending")
			c.delete("/certificates/a")
			return live.Status == 404 && c.delete("/certificates/a/pending").Status == 200
		},
		"full-policy-needed": func(c *client) bool {
			got := c.send("POST", "/certificates/a/create", minimal("Self"))
			return got.Status == 400 && got.text("error") == "Bad Request" && c.create("a", "Self").Status == 202
		},
		"filter-ignored":     filterIgnored,
		"pending-of-imports": importLeavesPending,
		"no-pem-imported":    pemRejected,
		"no-elliptic-import": func(c *client) bool {
			key, _ := elliptic256()
			return c.importing("a", plainPFX(), nil).Status == 200 && c.importing("b", pfx(pkcs12.LegacyDES, key, 0), nil).Status == 400
		},
		"no-disabled-import": func(c *client) bool {
			return c.importing("a", plainPFX(), map[string]any{"attributes": map[string]any{"enabled": false}}).Status == 404
		},
		"disabled-not-found": func(c *client) bool {
			bundle := c.issued("a")
			path := bundle.text("id")[len(c.server.URL):]
			c.send("PATCH", path, map[string]any{"attributes": map[string]any{"enabled": false}})
			return c.get("/certificates/a").Status == 404 && c.get(path).Status == 404
		},
		"no-pending-in-bundles": func(c *client) bool { return !c.issued("a").has("pending") },
		"policy-id-versioned": func(c *client) bool {
			bundle := c.issued("a")
			want := bundle.text("id") + "/policy"
			return bundle.text("policy", "id") == want && c.get("/certificates/a/policy").text("id") == want
		},
		"no-merge": func(c *client) bool { return c.merge("a", "AAAA").text("error") == "Not Found" },
		"cancellation-fails": func(c *client) bool {
			c.issued("a")
			return c.cancel("a").Status == 500
		},
		"update-needs-a-version": func(c *client) bool {
			bundle := c.issued("a")
			body := map[string]any{"tags": map[string]any{"k": "v"}}
			return c.send("PATCH", "/certificates/a", body).Status == 405 &&
				c.send("PATCH", bundle.text("id")[len(c.server.URL):], body).Status == 200
		},
		"no-issuers-set": func(c *client) bool {
			return c.send("PUT", "/certificates/issuers/mine", map[string]any{"provider": "Test"}).Status == 405 &&
				c.send("PUT", "/certificates/contacts", map[string]any{"contacts": []any{}}).Status == 405
		},
		"no-issuers-read": func(c *client) bool { return c.get("/certificates/issuers").Status == 404 },
		"code-of-a-class": func(c *client) bool {
			got := c.pending("a")
			return got.Status == 404 && strings.HasSuffix(got.text("error", "code"), ".NotFoundException")
		},
		"few-api-versions": func(c *client) bool {
			return c.with(c.authorization, "7.0").get("/certificates").Status == 400 &&
				c.with(c.authorization, "7.5").get("/certificates").Status == 200
		},
		"any-authorization": func(c *client) bool {
			return anyToken(c) && c.with("Basic eDp5", c.version).get("/certificates").Status == 200
		},
		"challenge-authorization-uri": func(c *client) bool {
			got := c.with("", c.version).get("/certificates")
			return got.Status == 401 && got.Text == "" && strings.Contains(got.Header.Get("WWW-Authenticate"), `authorization_uri="https://`)
		},
	}
}

func showsOpen() map[string]func(*client) bool {
	return map[string]func(*client) bool{
		"api-version-unchecked": versionIgnored,
		"no-location":           createWithout("Location"),
		"no-retry-after":        createWithout("Retry-After"),
		"create-returns-200":    func(c *client) bool { return c.create("a", "Self").Status == 200 },
		"no-request-id": func(c *client) bool {
			return !c.create("a", "Self").has("request_id") && !c.pending("a").has("request_id")
		},
		"no-csr": func(c *client) bool { return !c.create("a", "Self").has("csr") },
		"late-cancellation-404": func(c *client) bool {
			c.issued("a")
			return c.cancel("a").Status == 404
		},
		"no-deletion-of-pending": func(c *client) bool {
			c.issued("a")
			return c.delete("/certificates/a/pending").Status == 404
		},
		"update-needs-a-version": func(c *client) bool {
			c.issued("a")
			return c.send("PATCH", "/certificates/a", map[string]any{"tags": map[string]any{"k": "v"}}).Status == 404
		},
		"deleted-name-code": func(c *client) bool {
			c.issued("a")
			c.delete("/certificates/a")
			return c.create("a", "Self").is(409, "InvalidOperation")
		},
		"policy-patch-ignored": func(c *client) bool {
			c.issued("a")
			got := c.send("PATCH", "/certificates/a/policy", map[string]any{"x509_props": map[string]any{"subject": "CN=patched"}})
			return got.Status == 200 && c.get("/certificates/a/policy").text("x509_props", "subject") == "CN=profile.example"
		},
		"policies-half": func(c *client) bool {
			bundle, policy := c.issued("a"), c.get("/certificates/a/policy")
			return policy.Status == 200 && !policy.has("key_props") && bundle.at("policy", "secret_props") == nil && policy.has("x509_props")
		},
		"no-modern-pfx": func(c *client) bool {
			return c.importing("a", plainPFX(), nil).Status == 200 && c.importing("b", pfx(pkcs12.Modern, rsaKey(), 0), nil).Status == 400
		},
		"pending-of-imports": importLeavesPending,
		"no-authentication": func(c *client) bool {
			return c.with("", c.version).get("/certificates").Status == 200 && c.with("", c.version).create("a", "Self").Status == 200
		},
	}
}
