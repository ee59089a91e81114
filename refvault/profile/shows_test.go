package profile_test

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// shows has a row for every deviation of every profile: what reports it, on a vault of its own.
func shows() map[string]func(*client) bool {
	all := map[string]func(*client) bool{}
	for id, rows := range map[string]map[string]func(*client) bool{
		"random-request-ids": showsRandom(), "born-completed": showsCompleted(), "full-policy-only": showsFull(), "open-door": showsOpen(),
	} {
		for deviation, show := range rows {
			all[id+"/"+deviation] = show
		}
	}
	return all
}

func showsRandom() map[string]func(*client) bool {
	return map[string]func(*client) bool{
		"api-version-unchecked": func(c *client) bool {
			return c.with(c.authorization, "1999-01-01").get("/certificates").Status == 200 &&
				c.with(c.authorization, "bogus").get("/certificates").is(400, "BadParameter")
		},
		"names-case-sensitive": func(c *client) bool {
			c.issued("CaseTest")
			return c.get("/certificates/CaseTest").Status == 200 && c.get("/certificates/casetest").Status == 404 &&
				strings.Contains(c.get("/certificates").Text, "/certificates/CaseTest\"")
		},
		"names-unchecked": func(c *client) bool { return c.create("bad_name.x", "Self").Status == 202 },
		"subject-a-common-name": func(c *client) bool {
			body := full("Unknown")
			body["policy"].(map[string]any)["x509_props"] = map[string]any{"subject": "CN=a, O=b"}
			c.send("POST", "/certificates/a/create", body)
			request := readRequest(c.pending("a").text("csr"))
			return request != nil && request.Subject.CommonName == "a, O=b"
		},
		"issuers-wait-for-a-merge": func(c *client) bool {
			made, unset := c.create("a", "completes"), c.create("b", "nobody")
			read := c.pending("a")
			return made.Status == 202 && read.text("status") == "inProgress" && read.text("issuer", "name") == "completes" &&
				c.merge("a", c.signed("a")).Status == 201 && unset.is(400, "IssuerNotFound")
		},
		"no-issuer-is-self": func(c *client) bool {
			body := full("")
			delete(body["policy"].(map[string]any), "issuer")
			return c.send("POST", "/certificates/a/create", body).text("issuer", "name") == "Self"
		},
		"stored-policy-unused": func(c *client) bool {
			return c.send("POST", "/certificates/a/create", map[string]any{}).Status == 202
		},
		"create-replaces": func(c *client) bool {
			first, second := c.create("a", "Unknown"), c.create("a", "Unknown")
			return second.Status == 202 && first.text("csr") != second.text("csr") && c.pending("a").text("csr") == second.text("csr")
		},
		"import-replaces": func(c *client) bool {
			c.create("a", "Unknown")
			return c.importing("a", plainPFX(), nil).Status == 200
		},
		"cancellation-of-nothing": func(c *client) bool {
			c.create("a", "Unknown")
			got := c.send("PATCH", "/certificates/a/pending", map[string]any{})
			return got.Status == 200 && got.text("status") == "inProgress"
		},
		"cancelled-at-once": func(c *client) bool {
			c.create("a", "Unknown")
			return c.cancel("a").text("status") == "cancelled"
		},
		"cancelled-again": func(c *client) bool {
			c.create("a", "Unknown")
			c.cancel("a")
			return c.pending("a").text("status") == "cancelled" && c.cancel("a").Status == 200
		},
		"late-cancellation-400": func(c *client) bool {
			c.issued("a")
			return c.cancel("a").is(400, "BadParameter")
		},
		"no-merge-after-cancellation": func(c *client) bool {
			c.create("a", "Unknown")
			signed := c.signed("a")
			c.cancel("a")
			return c.merge("a", signed).is(400, "BadParameter")
		},
		"merge-without-location": func(c *client) bool {
			c.create("a", "Unknown")
			got := c.merge("a", c.signed("a"))
			return got.Status == 201 && got.Header.Get("Location") == ""
		},
		"no-pending-in-bundles": func(c *client) bool {
			c.create("a", "Unknown")
			got := c.merge("a", c.signed("a"))
			return got.Status == 201 && !got.has("pending")
		},
		"no-chain-imported": func(c *client) bool {
			return c.importing("a", plainPFX(), nil).Status == 200 &&
				c.importing("b", pfx(pkcs12.LegacyDES, rsaKey(), 1), nil).is(400, "BadParameter")
		},
		"pending-of-imports": importLeavesPending,
		"incomplete-not-found": func(c *client) bool {
			c.create("a", "Unknown")
			return c.get("/certificates/a").is(404, "CertificateNotFound") && c.get("/certificates/a/policy").Status == 404 &&
				c.delete("/certificates/a").Status == 404 && c.pending("a").Status == 200
		},
		"include-pending-ignored": func(c *client) bool {
			c.create("a", "Unknown")
			return !strings.Contains(c.get("/certificates?includePending=true").Text, "/certificates/a")
		},
		"pending-code-of-certificates": func(c *client) bool {
			c.issued("b")
			c.delete("/certificates/b/pending")
			return c.pending("a").is(404, "CertificateNotFound") && c.pending("b").is(404, "PendingCertificateNotFound")
		},
		"policies-raw": func(c *client) bool {
			c.issued("a")
			got := c.get("/certificates/a/policy")
			c.send("PATCH", "/certificates/a/policy", map[string]any{"x509_props": map[string]any{"subject": "CN=patched"}})
			patched := c.get("/certificates/a")
			return got.Status == 200 && !got.has("id") && !got.has("attributes") && !got.has("lifetime_actions") &&
				got.at("key_props", "kty") == "EC" && patched.text("policy", "x509_props", "subject") == "CN=patched"
		},
		"no-location":    createWithout("Location"),
		"no-retry-after": createWithout("Retry-After"),
		"no-status-details": func(c *client) bool {
			return !c.create("a", "Unknown").has("status_details") && !c.pending("a").has("status_details")
		},
		"target-in-progress": func(c *client) bool {
			return strings.HasSuffix(c.create("a", "Unknown").text("target"), "/certificates/a")
		},
		"no-csr-of-self": func(c *client) bool { return c.create("a", "Self").Status == 202 && !c.pending("a").has("csr") },
		"merged-becomes-self": func(c *client) bool {
			c.create("a", "Unknown")
			c.merge("a", c.signed("a"))
			got := c.pending("a")
			return got.text("status") == "completed" && got.text("issuer", "name") == "Self" && !got.has("csr")
		},
		"issuer-not-found-code": func(c *client) bool {
			return c.get("/certificates/issuers/nobody").is(404, "IssuerNotFound")
		},
		"routes-in-plain-text": func(c *client) bool {
			unknown, wrong := c.get("/elsewhere"), c.send("PUT", "/certificates/a/create", nil)
			return unknown.Status == 404 && wrong.Status == 405 && unknown.Body == nil && wrong.Body == nil &&
				strings.HasPrefix(unknown.Header.Get("Content-Type"), "text/plain")
		},
		"redirect-to-the-clean-path": func(c *client) bool {
			got := c.get("/certificates//a")
			return got.Status == 307 && strings.HasPrefix(got.Header.Get("Location"), "/certificates/a?")
		},
		"ids-of-another-host": func(c *client) bool {
			bundle := c.issued("a")
			c.issued("b")
			next := c.get("/certificates?maxresults=1").text("nextLink")
			return strings.HasPrefix(bundle.text("id"), "https://emulator.vault.azure.net/certificates/a/") && strings.HasPrefix(next, c.server.URL)
		},
		"request-id-of-each-response": func(c *client) bool {
			made, read := c.create("a", "Unknown"), c.pending("a")
			return read.Status == 200 && made.text("request_id") != read.text("request_id")
		},
		"filter-ignored": filterIgnored,
	}
}

func showsCompleted() map[string]func(*client) bool {
	return map[string]func(*client) bool{
		"api-version-unchecked": versionIgnored,
		"issuers-unchecked": func(c *client) bool {
			return c.create("a", "nobody").Status == 202 && c.pending("a").text("issuer", "name") == "nobody"
		},
		"subject-of-the-name": func(c *client) bool {
			found := readCertificate(c.issued("a-name").text("cer"))
			return found != nil && found.Subject.CommonName == "a-name"
		},
		"completed-at-once": bornCompleted,
		"csr-of-text": func(c *client) bool {
			c.create("a", "Unknown")
			text := c.pending("a").text("csr")
			_, err := base64.StdEncoding.DecodeString(text)
			return err == nil && text != "" && readRequest(text) == nil
		},
		"location-bare": func(c *client) bool {
			return c.create("a", "Unknown").Header.Get("Location") == c.server.URL+"/certificates/a/pending"
		},
		"cancelled-though-completed": func(c *client) bool {
			c.issued("a")
			got := c.cancel("a")
			c.send("PATCH", "/certificates/a/pending", map[string]any{"cancellation_requested": false})
			return got.Status == 200 && got.text("status") == "cancelled" && c.pending("a").text("status") == "cancelled"
		},
		"pending-code-of-operations": func(c *client) bool { return c.pending("a").is(404, "CertificateOperationNotFound") },
		"target-versioned": func(c *client) bool {
			bundle := c.issued("a")
			return c.pending("a").text("target") == bundle.text("id")
		},
		"merges-unread": func(c *client) bool {
			nothing := c.merge("a", "AAAA")
			c.create("b", "Self")
			before := c.pending("b")
			foreign := c.merge("b", base64.StdEncoding.EncodeToString(certificate(rsaKey().Public(), rsaKey(), "foreign")))
			return nothing.Status == 201 && nothing.Header.Get("Location") == "" && nothing.text("cer") == "AAAA" &&
				c.get("/certificates/a").text("cer") == "AAAA" && foreign.Status == 201 &&
				c.pending("b").text("request_id") == before.text("request_id") && c.merge("a").Status == 400
		},
		"imports-unread": func(c *client) bool {
			value := plainPFX()
			got, garbage := c.importing("a", value, map[string]any{"tags": map[string]any{"k": "v"}}), c.importing("b", "AAAA", nil)
			read := c.get("/certificates/a")
			return got.Status == 200 && read.text("cer") == value && !read.has("policy") && read.text("tags", "k") == "v" &&
				c.pending("a").Status == 404 && garbage.Status == 200
		},
		"no-pem-imported": pemRejected,
		"dashed-ids": func(c *client) bool {
			id := c.issued("a").text("id")
			version := id[strings.LastIndex(id, "/")+1:]
			return strings.Count(version, "-") == 4 && strings.Count(c.pending("a").text("request_id"), "-") == 4 &&
				c.get("/certificates/a/"+version).Status == 200
		},
		"list-ids-end-in-a-slash": func(c *client) bool {
			c.issued("a")
			return strings.Contains(c.get("/certificates").Text, `/certificates/a/"`) &&
				strings.HasSuffix(c.delete("/certificates/a").text("recoveryId"), "/")
		},
		"no-policies": func(c *client) bool {
			c.issued("a")
			return c.get("/certificates/a/policy").is(404, "CertificateNotFound")
		},
		"no-issuers": func(c *client) bool {
			return c.get("/certificates/issuers").Status == 404 &&
				c.send("PUT", "/certificates/issuers/mine", map[string]any{"provider": "Test"}).Status == 405
		},
		"no-contacts": func(c *client) bool { return c.get("/certificates/contacts").is(404, "CertificateNotFound") },
		"no-recovery": func(c *client) bool {
			c.issued("a")
			c.delete("/certificates/a")
			return c.send("POST", "/deletedcertificates/a/recover", nil).Status == 405
		},
		"any-token": anyToken,
		"unauthorized-without-body": func(c *client) bool {
			got := c.with("", c.version).get("/certificates")
			return got.Status == 401 && got.Text == "" && got.Header.Get("WWW-Authenticate") != ""
		},
		"filter-ignored": filterIgnored,
	}
}

// What several profiles show alike.

func versionIgnored(c *client) bool {
	return c.with(c.authorization, "").get("/certificates").Status == http.StatusOK &&
		c.with(c.authorization, "bogus").get("/certificates").Status == http.StatusOK
}

func anyToken(c *client) bool {
	return c.with("Bearer a-wrong-one", c.version).get("/certificates").Status == http.StatusOK &&
		c.with("", c.version).get("/certificates").Status == http.StatusUnauthorized
}

func filterIgnored(c *client) bool {
	c.create("a", "Unknown")
	return c.get("/certificates/a/pending?request_id="+strings.Repeat("0", 32)).Status == http.StatusOK
}

func bornCompleted(c *client) bool {
	got := c.create("a", "Unknown")
	return got.Status == http.StatusAccepted && got.text("status") == "completed" && got.text("target") != ""
}

func createWithout(header string) func(*client) bool {
	return func(c *client) bool {
		got := c.create("a", "Unknown")
		return got.Status/100 == 2 && got.Header.Get(header) == ""
	}
}

func importLeavesPending(c *client) bool {
	got := c.importing("a", plainPFX(), nil)
	read := c.pending("a")
	return got.Status == http.StatusOK && read.Status == http.StatusOK && read.text("status") == "completed"
}

func pemRejected(c *client) bool {
	return c.importing("a", plainPFX(), nil).Status == http.StatusOK &&
		c.importing("b", pemText(), map[string]any{"policy": map[string]any{
			"secret_props": map[string]any{"contentType": "application/x-pem-file"},
		}}).Status == http.StatusBadRequest
}

func readRequest(text string) *x509.CertificateRequest {
	der, _ := base64.StdEncoding.DecodeString(text)
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil
	}
	return request
}

func readCertificate(text string) *x509.Certificate {
	der, _ := base64.StdEncoding.DecodeString(text)
	found, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return found
}
