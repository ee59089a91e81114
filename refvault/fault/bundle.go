package fault

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// bundle builds a fault that edits every bundle of a certificate. A bundle without cer, which stands for a request in
// progress, is left alone.
func bundle(id, title string, edit tamper.Edit, breaks ...string) Fault {
	whole := tamper.Where(func(a *tamper.Response) bool { return a.OK() && a.Text("cer") != "" }, edit)
	return edits(id, title, tamper.Bundle(), whole, breaks...)
}

// bundles are wrong members of certificate bundles.
func bundles() []Fault {
	return append(thumbprints(), identifiers()...)
}

func thumbprints() []Fault {
	const merged, imported, all = "merge-manual-request/x5t", "import-certificate/x5t", "every-answer/x5t"
	x5t := func(id, title string, write func(sum []byte) any, breaks ...string) Fault {
		return bundle(id, title, func(a *tamper.Response) { tamper.Set("x5t", write(thumbprint(a.Text("cer"))))(a) }, breaks...)
	}
	return []Fault{
		x5t("x5t-in-hex", "the x5t of a bundle is in hex",
			func(sum []byte) any { return hex.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-in-upper-hex", "the x5t of a bundle is in upper-case hex",
			func(sum []byte) any { return strings.ToUpper(hex.EncodeToString(sum)) }, merged, imported, all),
		x5t("x5t-padded", "the x5t of a bundle is padded",
			func(sum []byte) any { return base64.URLEncoding.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-in-standard-base64", "the x5t of a bundle is in standard base64",
			func(sum []byte) any { return base64.StdEncoding.EncodeToString(sum) }, merged, imported, all),
		x5t("x5t-of-another-certificate", "the x5t of a bundle is another certificate's", func(sum []byte) any {
			return base64.RawURLEncoding.EncodeToString(append([]byte{^sum[0]}, sum[1:]...))
		}, merged, imported, all),
		x5t("x5t-in-lower-case", "the x5t of a bundle is in lower case", func(sum []byte) any {
			return strings.ToLower(base64.RawURLEncoding.EncodeToString(sum))
		}, merged, imported, all),
		x5t("x5t-a-list", "the x5t of a bundle is a list of numbers",
			func([]byte) any { return []any{1, 2, 3} }, merged, imported, "every-answer/certificate-bundle"),
		bundle("x5t-of-the-text", "the x5t of a bundle is the hash of the base64 text", func(a *tamper.Response) {
			tamper.Set("x5t",
				base64.RawURLEncoding.EncodeToString(thumbprint(base64.StdEncoding.EncodeToString([]byte(a.Text("cer"))))))(a)
		}, merged, imported, all),
	}
}

func identifiers() []Fault {
	return []Fault{
		bundle("version-dashed", "versions are GUIDs with dashes in bundles",
			versionsAs(dashed), "every-answer/version-form", "merge-manual-request/version"),
		bundle("version-a-number", "versions are small numbers in bundles",
			versionsAs(func(string) string { return "1" }), "every-answer/version-form", "merge-manual-request/version"),
		bundle("version-in-upper-case", "versions are in upper case in bundles",
			versionsAs(strings.ToUpper), "merge-manual-request/version"),
		bundle("tags-in-capitals", "the names of tags are written with a capital", tamper.Map("tags", func(v any) any {
			tags, _ := v.(map[string]any)
			turned := map[string]any{}
			for name, value := range tags {
				turned[strings.ToUpper(name)] = value
			}
			return turned
		}), "import-certificate/tags", "issue-next-version/update-tags"),
	}
}

// versionsAs writes the version in the three identifiers of a bundle in another form.
func versionsAs(write func(string) string) tamper.Edit {
	turn := tamper.OnURL(func(u *url.URL) {
		i := strings.LastIndex(u.Path, "/")
		u.Path = u.Path[:i+1] + write(u.Path[i+1:])
	})
	return tamper.All(tamper.MapText("id", turn), tamper.MapText("kid", turn), tamper.MapText("sid", turn))
}
