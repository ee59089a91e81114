package variant

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// operations are other ways to write a certificate operation.
func operations() []Variant {
	manual := func(edits ...tamper.Edit) tamper.Edit {
		return tamper.Where(func(a *tamper.Response) bool {
			issuer, _ := a.Object()["issuer"].(map[string]any)
			return a.OK() && issuer["name"] == "Unknown"
		}, edits...)
	}
	details := func(value string) tamper.Edit {
		return tamper.InState([]string{"completed", "failed", "cancelled"}, tamper.Set("status_details", value))
	}
	spelled := []string{"read-in-progress/state-spelling", "request-from-issuer/state-spelling"}
	return []Variant{
		edits("in-progress-with-a-capital", "a create returns InProgress, as the page's first example does", tamper.Create(),
			tamper.InProgress(tamper.Set("status", "InProgress")), "F-1"),
		edits("states-with-capitals", "every status begins with a capital",
			tamper.Pending(), tamper.OnSuccess(tamper.MapText("status", func(status string) string {
				return strings.ToUpper(status[:1]) + status[1:]
			})), "F-1").warns(append(spelled, "read-completed/state-spelling", "read-cancelled-or-failed/failed-state-spelling",
			"read-cancelled-or-failed/cancelled-state-spelling")...),
		edits("states-in-lower-case", "every status is in lower case",
			tamper.Pending(), tamper.OnSuccess(tamper.MapText("status", strings.ToLower)),
			"F-1").warns(spelled...),
		edits("canceled-with-one-l", "a cancelled request is canceled",
			tamper.Pending(), tamper.Cancelled(tamper.Set("status", "canceled")), "F-2"),
		edits("conflict-forbidden", "a create or import that meets a request in progress has the code Forbidden",
			tamper.Create().Or(tamper.Import()),
			tamper.OnStatus(http.StatusConflict, tamper.Where(func(a *tamper.Response) bool {
				problem, _ := a.Object()["error"].(map[string]any)
				return problem["innererror"] == nil
			}, tamper.Set("error.code", "Forbidden"))), "F-3"),
		edits("late-cancellation-400", "a cancellation that is too late returns 400", tamper.PatchPending(),
			tamper.OnStatus(http.StatusForbidden, tamper.Status(http.StatusBadRequest),
				tamper.Set("error.code", "BadParameter")), "F-4"),
		edits("target-with-a-query", "the target of a completed request has the api-version",
			tamper.Pending(), tamper.Completed(func(a *tamper.Response) {
				tamper.EditURL("target",
					func(u *url.URL) { u.RawQuery = "api-version=" + a.Request.URL.Query().Get("api-version") })(a)
			}), "F-5"),
		edits("target-without-a-query", "the target of a completed request has no query", tamper.Pending(), tamper.Completed(
			tamper.EditURL("target", func(u *url.URL) { u.RawQuery = "" })), "F-5"),
		{
			ID: "request-id-in-any-case", Title: "a request_id in a query matches whatever its case",
			Ambiguities: []string{"F-6"},
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if id := r.URL.Query().Get("request_id"); id != "" {
						r = tamper.WithQuery(r, "request_id", strings.ToLower(id))
					}
					next.ServeHTTP(w, r)
				})
			},
		},
		unfiltered("cancellation-without-filter", "a cancellation ignores the request_id of its query",
			tamper.PatchPending()).
			warns("cancel-in-progress/request-id-mismatch", "cancel-in-progress/request-id-mismatch-unchanged", "history/gone"),
		unfiltered("deletion-without-filter", "a deletion ignores the request_id of its query",
			tamper.DeletePending()).
			warns("delete-pending/request-id-mismatch", "delete-pending/request-id-mismatch-keeps", "history/gone"),
		edits("details-empty-at-the-end", "the status_details of a request that has ended are empty",
			tamper.Pending(), details(""), "F-7").
			warns("read-completed/status-details"),
		edits("details-at-the-end", "the status_details of a request that has ended say something",
			tamper.Pending(), details("It is over."), "F-7").
			warns("read-completed/status-details"),
		edits("details-in-other-words", "the status_details of a request in progress are in other words", tamper.Pending(),
			tamper.InProgress(tamper.Replace("status_details", "処理中です。")), "F-7"),
		edits("details-missing", "a request in progress has no status_details",
			tamper.Pending(), tamper.Drop("status_details"), "F-7").
			warns("request-from-issuer/status-details", "create-manually/status-details", "read-in-progress/status-details"),
		edits("manual-without-cancellation-flag", "a manual request does not say whether its cancellation was requested",
			tamper.Pending(),
			manual(tamper.InProgress(tamper.Where(func(a *tamper.Response) bool {
				return a.Object()["cancellation_requested"] == false
			}, tamper.Drop("cancellation_requested")))), "F-8"),
		edits("deletion-without-details", "a deletion returns without status_details",
			tamper.DeletePending(), tamper.Drop("status_details"), "F-9"),
		edits("members-null", "what does not apply to an operation is null rather than left out",
			tamper.Pending(), tamper.OnSuccess(func(a *tamper.Response) {
				for _, member := range []string{"target", "error", "status_details"} {
					if _, there := a.Object()[member]; !there {
						tamper.Set(member, nil)(a)
					}
				}
			}), "F-11"),
		{
			ID: "cancellation-false-refused", Title: "a patch with cancellation_requested false is refused",
			Ambiguities: []string{"F-19"},
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(next, tamper.PatchPending(), tamper.OnSuccess(tamper.Where(func(a *tamper.Response) bool {
					return bytes.Contains(a.Sent, []byte("false"))
				}, func(a *tamper.Response) {
					a.Status = http.StatusBadRequest
					a.SetObject(problem("BadParameter"))
				})))
			},
		},
	}
}

func problem(code string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": "No."}}
}

func unfiltered(id, title string, on tamper.On) Variant {
	return Variant{ID: id, Title: title, Ambiguities: []string{"F-6"}, Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if on(r) {
				r = tamper.WithQuery(r, "request_id", "")
			}
			next.ServeHTTP(w, r)
		})
	}}
}

// bodies are other ways to write JSON, more members, and optional members that are missing.
func bodies() []Variant {
	object := func(id, title string, change func(any) any, ambiguities ...string) Variant {
		return edits(id, title, tamper.Anything(), func(a *tamper.Response) {
			if body := a.Object(); body != nil {
				a.SetObject(change(body))
			}
		}, ambiguities...)
	}
	bytesOf := func(id, title string, change func([]byte) []byte, ambiguities ...string) Variant {
		return edits(id, title, tamper.Anything(), tamper.MapBody(change), ambiguities...)
	}
	return []Variant{
		object("members-besides", "every object has members that nobody knows",
			func(v any) any { return everywhere(v, addUnknown) }, "F-10", "F-29"),
		object("members-in-another-order", "the members of objects are in another order", func(v any) any { return v }),
		object("nulls-left-out", "what is null is left out", func(v any) any { return everywhere(v, dropNulls) }, "F-11"),
		object("certificate-order-told", "bundles and operations say preserveCertOrder false where it was not sent", func(v any) any {
			if body, ok := v.(map[string]any); ok && (body["cer"] != nil || body["csr"] != nil) && body["preserveCertOrder"] == nil {
				body["preserveCertOrder"] = false
			}
			return v
		}, "F-10", "F-31"),
		bytesOf("body-indented", "JSON is indented", func(body []byte) []byte {
			var out bytes.Buffer
			if json.Indent(&out, body, "", "  ") != nil {
				return body
			}
			return append(out.Bytes(), '\n')
		}),
		bytesOf("slashes-escaped", "slashes in JSON are escaped",
			func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("/"), []byte(`\/`)) }),
		hidesStubs(),
		edits("certificate-without-basic-constraints", "a policy has no basic_constraints",
			tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle()).Or(tamper.Recover()).Or(tamper.Restore()),
			tamper.All(tamper.Drop("x509_props.basic_constraints"), tamper.Drop("policy.x509_props.basic_constraints")), "F-10"),
		edits("bundle-without-pending", "a bundle does not name its pending object",
			tamper.Bundle(), tamper.Drop("pending"), "F-10").
			warns("merge-manual-request/pending", "read-certificate/pending"),
		{
			ID: "version-with-policy", Title: "a version is read with its policy", Ambiguities: []string{"F-17"},
			Wrap: func(next http.Handler) http.Handler {
				return tamper.Handler(next, tamper.ReadVersion(), tamper.OnSuccess(func(a *tamper.Response) {
					if policy := tamper.Ask(next, a.Request, http.MethodGet, "/policy", nil); policy.OK() {
						tamper.Set("policy", policy.Object())(a)
					}
				}))
			},
		},
		edits("times-standing-still", "updated is always created",
			tamper.Anything(), tamper.All(still("attributes"), still("policy.attributes")), "F-34"),
		{
			ID: "old-request-after-import", Title: "the request that an import followed can still be read",
			Ambiguities: []string{"F-36"}, Wrap: keepsOldRequest,
		},
		{
			ID: "without-soft-delete", Title: "deletes certificates for good", Ambiguities: []string{"F-37"}, Wrap: forGood,
		},
		edits("host-in-capitals", "ids and links have the host in capitals", tamper.Anything(), tamper.All(
			tamper.MapHeader("Location", tamper.OnURL(shout)), func(a *tamper.Response) {
				if body := a.Object(); body != nil && a.OK() {
					a.SetObject(everywhere(body, func(in map[string]any) {
						for name, value := range in {
							if text, ok := value.(string); ok && strings.HasPrefix(text, "https://") {
								in[name] = tamper.OnURL(shout)(text)
							}
						}
					}))
				}
			}), "F-41"),
	}
}

func shout(u *url.URL) { u.Host = strings.ToUpper(u.Host) }

// everywhere changes every object of a JSON value, the inner ones first.
func everywhere(value any, change func(map[string]any)) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if name != "tags" { // where any name is a tag
				everywhere(inner, change)
			}
		}
		change(value)
	case []any:
		for _, inner := range value {
			everywhere(inner, change)
		}
	}
	return value
}

// addUnknown adds a member that no api-version has.
func addUnknown(in map[string]any) {
	in["x-unknown"] = map[string]any{"since": "tomorrow"}
}

func dropNulls(in map[string]any) {
	for name, value := range in {
		if value == nil {
			delete(in, name)
		}
	}
}

func still(path string) tamper.Edit {
	return tamper.Map(path, func(v any) any {
		if in, ok := v.(map[string]any); ok && in["created"] != nil {
			in["updated"] = in["created"]
		}
		return v
	})
}

// policies are other ways to write what a policy says.
func policies() []Variant {
	on := tamper.Policy().Or(tamper.Bundle()).Or(tamper.DeletedBundle())
	both := func(path string, change func(any) any) tamper.Edit {
		return tamper.OnSuccess(tamper.Map(path, change), tamper.Map("policy."+path, change))
	}
	reversed := func(v any) any {
		if list, ok := v.([]any); ok {
			slices.Reverse(list)
		}
		return v
	}
	return []Variant{
		edits("sets-in-another-order", "usages and names of a policy are in another order", on, tamper.All(
			both("x509_props.ekus", reversed), both("x509_props.key_usage", reversed), both("x509_props.sans.dns_names",
				reversed)), "F-33"),
		edits("subject-in-other-words", "the subject of a policy is in another order and without blanks",
			on, both("x509_props.subject", func(v any) any {
				text, _ := v.(string)
				names := strings.Split(text, ",")
				slices.Reverse(names)
				for i, name := range names {
					names[i] = strings.TrimSpace(name)
				}
				return strings.Join(names, ",")
			}), "F-32"),
		edits("transparency-told", "the issuer of a policy says cert_transparency", on, tamper.OnSuccess(
			tamper.Map("issuer", withTransparency), tamper.Map("policy.issuer", withTransparency)), "F-28"),
		{
			ID: "key-not-exportable", Title: "the key of a certificate is not exportable where nothing was asked for",
			Ambiguities: []string{"F-13"}, Wrap: notExportable,
		},
	}
}

func withTransparency(v any) any {
	if in, ok := v.(map[string]any); ok {
		in["cert_transparency"] = false
	}
	return v
}

// headers are other ways to send the same response.
func headers() []Variant {
	return []Variant{
		edits("without-tracking-headers", "no response has an x-ms header", tamper.Anything(), func(a *tamper.Response) {
			for name := range a.Header {
				if strings.HasPrefix(strings.ToLower(name), "x-ms-") {
					a.Header.Del(name)
				}
			}
		}).warns("every-answer/x-ms-request-id", "every-answer/x-ms-request-id-unique"),
		edits("content-type-in-capitals", "the character set is called UTF-8",
			tamper.Anything(), tamper.MapHeader("Content-Type", func(text string) string {
				return strings.Replace(text, "; charset=utf-8", ";charset=UTF-8", 1)
			})),
		edits("content-type-quoted", "the character set is in quotes",
			tamper.Anything(), tamper.MapHeader("Content-Type", func(text string) string {
				return strings.Replace(text, "utf-8", `"utf-8"`, 1)
			})),
		edits("caching-forbidden-otherwise", "responses are not to be stored",
			tamper.Anything(), tamper.SetHeader("Cache-Control", "no-cache, no-store, must-revalidate")),
		edits("headers-besides", "responses have headers that nobody asked for", tamper.Anything(), tamper.All(
			tamper.SetHeader("Server", "another"), tamper.SetHeader("X-Powered-By", "something"), tamper.SetHeader("Set-Cookie",
				"a=b"))),
		edits("challenge-with-scope", "the challenge has a scope instead of a resource, and more",
			tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized,
				tamper.SetHeader("WWW-Authenticate",
					`Bearer realm="vault", authorization_uri="https://login.example/tenant", authorization="https://login.example/tenant", scope="https://vault.example/.default"`))),
		edits("challenge-without-commas", "the challenge has blanks between its parameters",
			tamper.Anything(), tamper.OnStatus(http.StatusUnauthorized,
				tamper.MapHeader("WWW-Authenticate", func(text string) string { return strings.Replace(text, ", ", " ", 1) }))),
		{ID: "body-in-chunks", Title: "bodies come without their length", Wrap: inChunks},
		{ID: "body-compressed", Title: "bodies are compressed where the client takes that", Wrap: compressed},
	}
}

func inChunks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := tamper.Pass(next, r)
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Status)
		half := len(answer.Body) / 2
		_, _ = w.Write(answer.Body[:half]) // a client that has gone is told nothing
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		_, _ = w.Write(answer.Body[half:])
	})
}

func compressed(next http.Handler) http.Handler {
	return tamper.Handler(next, tamper.Anything(), func(a *tamper.Response) {
		if len(a.Body) == 0 || !strings.Contains(a.Request.Header.Get("Accept-Encoding"), "gzip") {
			return
		}
		var out bytes.Buffer
		writer := gzip.NewWriter(&out)
		_, err := writer.Write(a.Body)
		if closed := writer.Close(); err != nil || closed != nil {
			return // a buffer takes everything
		}
		a.Body = out.Bytes()
		a.Header.Set("Content-Encoding", "gzip")
	})
}
