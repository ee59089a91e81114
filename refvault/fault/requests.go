package fault

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// requestsNamed picks the requests that a table names: those of any of the names.
func requestsNamed(names []string) (tamper.On, error) {
	known := map[string]tamper.On{
		"any": tamper.Anything(), "create": tamper.Create(), "import": tamper.Import(), "merge": tamper.Merge(),
		"operation": tamper.Pending(), "read operation": tamper.ReadPending(), "cancel": tamper.PatchPending(),
		"delete operation":                  tamper.DeletePending(),
		"read operation with request_id":    tamper.ReadPending().And(tamper.Filtered()),
		"read operation without request_id": tamper.ReadPending().But(tamper.Filtered()),
		"cancel with request_id":            tamper.PatchPending().And(tamper.Filtered()),
		"delete operation with request_id":  tamper.DeletePending().And(tamper.Filtered()),
		"bundle":                            tamper.Bundle(),
		"read bundle":                       tamper.ReadBundle(),
		"read certificate":                  tamper.ReadCertificate(),
		"read version":                      tamper.ReadVersion(),
		"update certificate":                tamper.UpdateCertificate(),
		"deleted bundle":                    tamper.DeletedBundle(),
		"policy":                            tamper.Policy(),
		"read policy":                       tamper.ReadPolicy(),
		"patch policy":                      tamper.PatchPolicy(),
		"list versions":                     tamper.ListVersions(),
		"list certificates":                 tamper.ListCertificates(),
		"list deleted":                      tamper.ListDeleted(),
		"delete certificate":                tamper.DeleteCertificate(),
		"read deleted":                      tamper.ReadDeleted(),
		"recover":                           tamper.Recover(),
		"purge":                             tamper.Purge(),
		"backup":                            tamper.Backup(),
		"restore":                           tamper.Restore(),
		"issuer":                            tamper.Issuer(),
		"set issuer":                        tamper.SetIssuer(),
		"read issuer":                       tamper.ReadIssuer(),
		"contacts":                          tamper.Operation("", "/certificates/contacts"),
		"read contacts":                     tamper.Operation(http.MethodGet, "/certificates/contacts"),
		"delete contacts":                   tamper.Operation(http.MethodDelete, "/certificates/contacts"),
		"change issuer":                     tamper.Operation(http.MethodPatch, "/certificates/issuers/[^/]+"),
		"delete issuer":                     tamper.Operation(http.MethodDelete, "/certificates/issuers/[^/]+"),
		"read key":                          tamper.ReadKey(),
		"read secret":                       tamper.ReadSecret(),
		"change key or secret":              tamper.ChangeCompanion(),
		"list issuers":                      tamper.Operation(http.MethodGet, "/certificates/issuers"),
	}
	var picked tamper.On
	for _, name := range names {
		on, ok := known[name]
		switch {
		case !ok:
			return nil, fmt.Errorf("there are no requests called %q", name)
		case picked == nil:
			picked = on
		default:
			picked = picked.Or(on)
		}
	}
	if picked == nil {
		return nil, errors.New("a group names no requests")
	}
	return picked, nil
}

// conditionNamed picks the responses that a table names: those that every name fits. A number is a status.
func conditionNamed(names []string) (func(*tamper.Response) bool, error) {
	known := map[string]func(*tamper.Response) bool{
		"success":     (*tamper.Response).OK,
		"refusal":     func(a *tamper.Response) bool { return a.Status >= 400 },
		"body":        func(a *tamper.Response) bool { return len(a.Body) > 0 },
		"certificate": func(a *tamper.Response) bool { return a.OK() && a.Text("cer") != "" },
		"disabled": func(a *tamper.Response) bool {
			in, _ := a.Object()["attributes"].(map[string]any)
			return a.OK() && in["enabled"] == false && a.Text("cer") != ""
		},
		"in progress":                            is("inProgress"),
		"completed":                              is("completed"),
		"failed":                                 is("failed"),
		"cancelled":                              is("cancelled", "canceled"),
		"ended":                                  ends,
		"manual":                                 isManual,
		"PEM was sent":                           isPEM,
		"PFX was sent":                           func(a *tamper.Response) bool { return a.OK() && !isPEM(a) },
		"PFX with several certificates was sent": func(a *tamper.Response) bool { return a.OK() && sentPFX(a).certificates > 1 },
		"EC key was sent":                        func(a *tamper.Response) bool { return a.OK() && sentPFX(a).elliptic },
		"PFX of PBES2 was sent":                  func(a *tamper.Response) bool { return a.OK() && sentPFX(a).modern },
		"lifetime action was sent":               sentMember("policy", "lifetime_actions"),
		"an id was sent":                         sentMember("id"),
		"no policy was sent":                     func(a *tamper.Response) bool { return a.SentObject()["policy"] == nil },
		"no organization was sent":               func(a *tamper.Response) bool { return a.SentObject()["org_details"] == nil },
		"name in upper case":                     inUpperCase,
		"many members were changed": func(a *tamper.Response) bool {
			changed, _ := a.SentObject()["x509_props"].(map[string]any)
			return a.OK() && len(changed) > 3
		},
		"many members were sent":       sentMany,
		"key_usage was sent":           sentMember("policy", "x509_props", "key_usage"),
		"emails were sent":             sentMember("policy", "x509_props", "sans", "emails"),
		"upns were sent":               sentMember("policy", "x509_props", "sans", "upns"),
		"dns_names were sent":          sentMember("policy", "x509_props", "sans", "dns_names"),
		"validity_months were sent":    sentMember("policy", "x509_props", "validity_months"),
		"an EC key was asked for":      sentMember("policy", "key_props", "crv"),
		"a content type was asked for": sentMember("policy", "secret_props", "contentType"),
	}
	var all []func(*tamper.Response) bool
	for _, name := range names {
		condition, ok := known[name]
		switch {
		case isStatus(name):
			condition = func(a *tamper.Response) bool { return strconv.Itoa(a.Status) == name }
		case !ok:
			return nil, fmt.Errorf("there are no responses called %q", name)
		}
		all = append(all, condition)
	}
	return func(a *tamper.Response) bool {
		return !slices.ContainsFunc(all, func(condition func(*tamper.Response) bool) bool { return !condition(a) })
	}, nil
}

// isStatus reports whether the name of a condition is an HTTP status.
func isStatus(name string) bool {
	status, err := strconv.Atoi(name)
	return err == nil && status >= 100 && status < 600
}

// sentMember picks the successes of requests whose body has a member at a path.
func sentMember(path ...string) func(*tamper.Response) bool {
	return func(a *tamper.Response) bool {
		var value any = a.SentObject()
		for _, name := range path {
			object, _ := value.(map[string]any)
			value = object[name]
		}
		return a.OK() && value != nil
	}
}

// sentMany picks the responses to requests whose policy has more than a few members of the certificate.
func sentMany(a *tamper.Response) bool {
	policy, _ := a.SentObject()["policy"].(map[string]any)
	asked, _ := policy["x509_props"].(map[string]any)
	return a.OK() && len(asked) > 3
}

// inUpperCase picks requests whose path ends with a name in upper case.
func inUpperCase(a *tamper.Response) bool {
	path := a.Request.URL.Path
	name := path[strings.LastIndex(path, "/")+1:]
	return name == strings.ToUpper(name) && name != strings.ToLower(name)
}
