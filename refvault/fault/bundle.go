package fault

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// bundle is a fault of the bundles of certificates that are there, wherever they come; a bundle without a certificate
// in it, which stands for a request in progress, is left alone.
func bundle(id, title string, edit tamper.Edit, breaks ...string) Fault {
	whole := tamper.Where(func(a *tamper.Answer) bool { return a.OK() && a.Text("cer") != "" }, edit)
	return edits(id, title, tamper.Bundle(), whole, breaks...)
}

// bundles are wrong members of certificate bundles.
func bundles() []Fault {
	return append(append(thumbprints(), identifiers()...), attributes()...)
}

func thumbprints() []Fault {
	const merged, imported, all = "merge-manual-request/x5t", "import-certificate/x5t", "every-answer/x5t"
	x5t := func(id, title string, write func(sum []byte) any, breaks ...string) Fault {
		return bundle(id, title, func(a *tamper.Answer) { tamper.Set("x5t", write(thumbprint(a.Text("cer"))))(a) }, breaks...)
	}
	return []Fault{
		bundle("x5t-missing", "a bundle has no x5t", tamper.Drop("x5t"), merged, imported, "import-certificate/complete"),
		bundle("x5t-null", "the x5t of a bundle is null", tamper.Set("x5t", nil), merged, imported, "import-certificate/complete"),
		bundle("x5t-in-capitals", "the member x5t is written X5T", tamper.Rename("x5t", "X5T"), merged, imported),
		x5t("x5t-in-hex", "the x5t of a bundle is in hex", func(sum []byte) any { return hex.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-in-upper-hex", "the x5t of a bundle is in upper-case hex", func(sum []byte) any { return strings.ToUpper(hex.EncodeToString(sum)) }, merged, imported, all),
		x5t("x5t-padded", "the x5t of a bundle is padded", func(sum []byte) any { return base64.URLEncoding.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-in-standard-base64", "the x5t of a bundle is in standard base64", func(sum []byte) any { return base64.StdEncoding.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-of-another-certificate", "the x5t of a bundle is another certificate's", func(sum []byte) any {
			return base64.RawURLEncoding.EncodeToString(append([]byte{^sum[0]}, sum[1:]...))
		}, merged, imported, all),
		x5t("x5t-in-lower-case", "the x5t of a bundle is in lower case", func(sum []byte) any {
			return strings.ToLower(base64.RawURLEncoding.EncodeToString(sum))
		}, merged, imported, all),
		x5t("x5t-a-list", "the x5t of a bundle is a list of numbers", func([]byte) any { return []any{1, 2, 3} }, merged, imported, "every-answer/certificate-bundle"),
		bundle("x5t-of-the-text", "the x5t of a bundle is the hash of the base64 text", func(a *tamper.Answer) {
			tamper.Set("x5t", base64.RawURLEncoding.EncodeToString(thumbprint(base64.StdEncoding.EncodeToString([]byte(a.Text("cer"))))))(a)
		}, merged, imported, all),
	}
}

func identifiers() []Fault {
	const mergedID, mergedKey, mergedSecret = "merge-manual-request/id", "merge-manual-request/kid", "merge-manual-request/sid"
	const imported, all, keys, secrets = "import-certificate/identifiers", "every-answer/certificate-id", "every-answer/key-id", "every-answer/secret-id"
	on := func(member string, change func(*url.URL)) tamper.Edit { return tamper.EditURL(member, change) }
	versioned := func(u *url.URL) { dropLastSegment(u); u.Path += "/" + strings.Repeat("9", 32) }
	list := []Fault{
		bundle("certificate-id-missing", "a bundle has no id", tamper.Drop("id"), mergedID, imported, "every-answer/certificate-bundle"),
		bundle("certificate-id-without-version", "the id of a bundle has no version", on("id", dropLastSegment), mergedID, imported, all, "read-completed/target-version"),
		bundle("certificate-id-of-another-host", "the id of a bundle is on another host", on("id", func(u *url.URL) { u.Host = "elsewhere.invalid" }), mergedID, all),
		bundle("certificate-id-of-another-name", "the id of a bundle is another certificate's", on("id", otherName), mergedID, imported, all),
		bundle("certificate-id-relative", "the id of a bundle is a path", tamper.MapText("id", pathOnly), mergedID, all),
		bundle("certificate-id-with-a-query", "the id of a bundle has a query", on("id", with("api-version", "7.4")), "every-answer/identifier-form"),
		bundle("certificate-id-http", "the id of a bundle is http, not https", on("id", func(u *url.URL) { u.Scheme = "http" }), mergedID, all),
		bundle("version-dashed", "versions are GUIDs with dashes in bundles", versionsAs(dashed), "every-answer/version-form", "merge-manual-request/version"),
		bundle("version-a-number", "versions are small numbers in bundles", versionsAs(func(string) string { return "1" }), "every-answer/version-form", "merge-manual-request/version"),
		bundle("version-in-upper-case", "versions are in upper case in bundles", versionsAs(strings.ToUpper), "merge-manual-request/version"),
		bundle("enabled-missing", "the attributes of a bundle do not say whether it is enabled", tamper.Drop("attributes.enabled"),
			"merge-manual-request/enabled", "import-certificate/enabled"),
		bundle("enabled-a-string", "enabled is a string", tamper.Map("attributes.enabled", func(v any) any { return fmt.Sprint(v) }),
			"merge-manual-request/enabled", "import-certificate/enabled", "every-answer/certificate-bundle"),
		bundle("enabled-a-number", "enabled is 1 or 0", tamper.Map("attributes.enabled", func(v any) any {
			if v == true {
				return 1
			}
			return 0
		}), "merge-manual-request/enabled", "import-certificate/enabled", "import-certificate/enabled-false"),
		bundle("never-enabled", "every certificate is disabled", tamper.Set("attributes.enabled", false),
			"merge-manual-request/enabled", "import-certificate/enabled"),
		bundle("always-enabled", "every certificate is enabled, whatever was asked for", tamper.Set("attributes.enabled", true),
			"import-certificate/enabled-false", "issue-next-version/update-enabled", "issue-next-version/update-kept",
			"merge-manual-request/enabled-false"),
		bundle("cer-missing", "a bundle has no cer", tamper.Drop("cer"), "merge-manual-request/cer", "import-certificate/complete",
			"issue-next-version/first-current", "read-completed/current-version"),
		bundle("cer-null", "the cer of a bundle is null", tamper.Set("cer", nil), "merge-manual-request/cer", "import-certificate/complete"),
		bundle("cer-empty", "the cer of a bundle is empty", tamper.Set("cer", ""), "merge-manual-request/cer", "import-certificate/cer"),
		bundle("cer-in-capitals", "the member cer is written Cer", tamper.Rename("cer", "Cer"), "merge-manual-request/cer", "import-certificate/complete"),
		bundle("cer-not-base64", "the cer of a bundle is not base64", tamper.Set("cer", "a certificate!"), "merge-manual-request/cer", "every-answer/cer"),
		bundle("cer-not-a-certificate", "the cer of a bundle is base64 of something else",
			tamper.Set("cer", base64.StdEncoding.EncodeToString([]byte("a certificate"))), "merge-manual-request/cer", "every-answer/cer"),
		bundle("cer-in-base64url", "the cer of a bundle is in base64url without padding", tamper.MapText("cer", func(text string) string {
			return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(text), "=")
		}), "merge-manual-request/cer", "every-answer/cer"),
		bundle("cer-in-lines", "the base64 of the cer is broken into lines", tamper.MapText("cer", inLines), "every-answer/cer"),
		bundle("cer-in-pem", "the cer of a bundle is PEM", tamper.MapText("cer", func(text string) string {
			return "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n"
		}), "merge-manual-request/cer", "every-answer/cer"),
		bundle("pending-link-missing", "a bundle does not name its pending object", tamper.Drop("pending"), "merge-manual-request/pending"),
		bundle("pending-link-a-string", "the pending object of a bundle is its URL", tamper.Map("pending", func(v any) any {
			in, _ := v.(map[string]any)
			return in["id"]
		}), "merge-manual-request/pending", "every-answer/certificate-bundle"),
		bundle("pending-link-of-another-name", "a bundle names another certificate's pending object", on("pending.id", otherName),
			"merge-manual-request/pending", "every-answer/pending-id"),
		bundle("tags-lost", "a bundle has no tags", tamper.Drop("tags"), "import-certificate/tags", "issue-next-version/update-tags",
			"issue-next-version/tags", "merge-manual-request/tags"),
		bundle("tags-a-list", "the tags of a bundle are a list", tamper.Map("tags", func(any) any { return []any{"purpose"} }),
			"import-certificate/tags", "every-answer/certificate-bundle"),
		bundle("tags-in-capitals", "the names of tags are written with a capital", tamper.Map("tags", func(v any) any {
			tags, _ := v.(map[string]any)
			turned := map[string]any{}
			for name, value := range tags {
				turned[strings.ToUpper(name)] = value
			}
			return turned
		}), "import-certificate/tags", "issue-next-version/update-tags"),
	}
	for _, member := range []struct{ name, merged, all string }{{"kid", mergedKey, keys}, {"sid", mergedSecret, secrets}} {
		list = append(list,
			bundle(member.name+"-missing", "a bundle has no "+member.name, tamper.Drop(member.name), member.merged, "import-certificate/complete"),
			bundle(member.name+"-null", "the "+member.name+" of a bundle is null", tamper.Set(member.name, nil), member.merged, "import-certificate/complete"),
			bundle(member.name+"-in-capitals", "the member "+member.name+" is written in capitals", tamper.Rename(member.name, strings.ToUpper(member.name)), member.merged),
			bundle(member.name+"-of-another-name", "the "+member.name+" of a bundle is another certificate's", on(member.name, otherName), member.merged, member.all, imported),
			bundle(member.name+"-of-another-version", "the "+member.name+" of a bundle has another version", on(member.name, versioned), member.merged, member.all, imported),
			bundle(member.name+"-without-version", "the "+member.name+" of a bundle has no version", on(member.name, dropLastSegment), member.merged, member.all, imported),
			bundle(member.name+"-of-another-host", "the "+member.name+" of a bundle is on another host", on(member.name, func(u *url.URL) { u.Host = "elsewhere.invalid" }),
				member.merged, member.all),
			bundle(member.name+"-of-the-certificate", "the "+member.name+" of a bundle is its id", func(a *tamper.Answer) { tamper.Set(member.name, a.Text("id"))(a) },
				member.merged, member.all),
		)
	}
	return list
}

// versionsAs writes the version in a bundle's three identifiers otherwise.
func versionsAs(write func(string) string) tamper.Edit {
	turn := tamper.OnURL(func(u *url.URL) {
		i := strings.LastIndex(u.Path, "/")
		u.Path = u.Path[:i+1] + write(u.Path[i+1:])
	})
	return tamper.All(tamper.MapText("id", turn), tamper.MapText("kid", turn), tamper.MapText("sid", turn))
}

func attributes() []Fault {
	const nbf, exp, times, valid, all = "merge-manual-request/nbf", "merge-manual-request/exp", "merge-manual-request/times", "every-answer/validity", "every-answer/times"
	each := func(change func(int64) any, members ...string) tamper.Edit {
		var list []tamper.Edit
		for _, member := range members {
			list = append(list, tamper.MapNumber("attributes."+member, change))
		}
		return tamper.All(list...)
	}
	milliseconds := func(n int64) any { return n * 1000 }
	text := func(n int64) any { return fmt.Sprint(n) }
	iso := func(int64) any { return "2026-01-31T12:00:00Z" }
	return []Fault{
		bundle("attributes-missing", "a bundle has no attributes", tamper.Drop("attributes"),
			nbf, exp, "merge-manual-request/enabled", times, "every-answer/certificate-bundle"),
		bundle("attributes-null", "the attributes of a bundle are null", tamper.Set("attributes", nil), nbf, exp, "every-answer/certificate-bundle"),
		bundle("nbf-missing", "the attributes of a bundle have no nbf", tamper.Drop("attributes.nbf"), nbf, "import-certificate/validity"),
		bundle("exp-missing", "the attributes of a bundle have no exp", tamper.Drop("attributes.exp"), exp, "import-certificate/validity"),
		bundle("validity-in-milliseconds", "nbf and exp are in milliseconds", each(milliseconds, "nbf", "exp"), nbf, exp, valid, "import-certificate/validity"),
		bundle("validity-as-text", "nbf and exp are numbers in strings", each(text, "nbf", "exp"), nbf, exp, valid, all, "import-certificate/validity"),
		bundle("validity-as-dates", "nbf and exp are dates", each(iso, "nbf", "exp"), nbf, exp, all, "every-answer/certificate-bundle"),
		bundle("validity-of-another-certificate", "nbf and exp are not those of the certificate", each(func(n int64) any { return n + 3600 }, "nbf", "exp"),
			nbf, exp, valid, "import-certificate/validity"),
		bundle("validity-off-by-a-second", "exp is a second too late", each(func(n int64) any { return n + 1 }, "exp"), exp, valid, "import-certificate/validity"),
		bundle("nbf-as-of-now", "nbf is the time of the answer's making", func(a *tamper.Answer) {
			in, _ := a.Object()["attributes"].(map[string]any)
			tamper.Set("attributes.nbf", in["created"])(a)
		}, nbf, valid, "import-certificate/validity"),
		bundle("created-missing", "the attributes of a bundle have no created", tamper.Drop("attributes.created"), times, "every-answer/certificate-bundle"),
		bundle("updated-missing", "the attributes of a bundle have no updated", tamper.Drop("attributes.updated"), times, "every-answer/certificate-bundle"),
		bundle("times-in-milliseconds", "created and updated are in milliseconds", each(milliseconds, "created", "updated"), all),
		bundle("times-as-text", "created and updated are numbers in strings", each(text, "created", "updated"), times, all),
		bundle("times-as-dates", "created and updated are dates", each(iso, "created", "updated"), times, all),
		bundle("times-with-a-fraction", "created and updated have a fraction", each(func(n int64) any { return float64(n) + 0.5 }, "created", "updated"), times, all),
		bundle("created-after-updated", "created is after updated", each(func(n int64) any { return n + 60 }, "created"), times, "every-answer/created-updated"),
		bundle("recoverable-days-few", "recoverableDays are 5", tamper.Replace("attributes.recoverableDays", 5), "every-answer/recovery-days"),
		bundle("recoverable-days-many", "recoverableDays are 365", tamper.Replace("attributes.recoverableDays", 365), "every-answer/recovery-days"),
		bundle("recovery-level-unknown", "the recoveryLevel is a number", tamper.Replace("attributes.recoveryLevel", 3), "every-answer/certificate-bundle"),
	}
}
