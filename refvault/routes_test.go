package refvault_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault"
)

func TestPathsAndMethodsThatTheVaultDoesNotHave(t *testing.T) {
	b := newBench(t, nil)
	for _, test := range []struct{ method, path string }{
		{http.MethodPost, "/certificates//create"},
		{http.MethodPut, "/certificates/issuers/"},
		{http.MethodGet, "/nowhere"},
		{http.MethodGet, "/"},
		{http.MethodGet, "/certificates/a/create"},
		{http.MethodPost, "/certificates/a/pending"},
		{http.MethodPut, "/certificates/a"},
		{http.MethodOptions, "/certificates"},
		{http.MethodDelete, "/certificates/a/00000000000000000000000000000000"},
		{http.MethodGet, "/certificates/a/pending/merge"},
		{http.MethodGet, "/certificates/a/b/c/d"},
	} {
		t.Run(test.method+" "+test.path, func(*testing.T) {
			b.send(test.method, test.path, nil).refused(http.StatusMethodNotAllowed, "MethodNotAllowed")
		})
	}
	b.send(http.MethodHead, "/certificates", nil).must(http.StatusMethodNotAllowed)
}

func TestFormsOfAPathThatClientsSend(t *testing.T) {
	b := newBench(t, nil)
	want := b.completed("Some-Name").text("id")
	for _, path := range []string{
		"/certificates/Some-Name", "/certificates/Some-Name/", "/certificates//Some-Name", "//certificates/Some-Name",
		"/certificates/some-name", "/certificates/SOME-NAME/", "/certificates/%53ome-Name",
	} {
		if got := b.send(http.MethodGet, path, nil).must(http.StatusOK).text("id"); got != want {
			t.Errorf("%s: id %q, want %q", path, got, want)
		}
	}
}

func TestNamesAndVersionsThatAreNotWellFormed(t *testing.T) {
	b := newBench(t, nil)
	long := strings.Repeat("a", 128)
	for _, path := range []string{"/certificates/a_b", "/certificates/a.b", "/certificates/%C3%A4", "/certificates/" + long,
		"/certificates/a%2Fb", "/certificates/a/1234", "/deletedcertificates/a_b"} {
		b.send(http.MethodGet, path, nil).refused(http.StatusBadRequest, "BadParameter")
	}
	b.send(http.MethodPost, "/certificates/"+long+"/create", createBody("Self")).refused(http.StatusBadRequest, "BadParameter")
	b.send(http.MethodPost, "/certificates/"+long[1:]+"/create", createBody("Self")).must(http.StatusAccepted)
}

func TestAPIVersionIsRequiredAndKnown(t *testing.T) {
	b := newBench(t, nil)
	b.api = ""
	for _, query := range []string{"", "?api-version=", "?api-version=7.9", "?api-version=1970-01-01", "?API-VERSION=7.4"} {
		b.send(http.MethodGet, "/certificates"+query, nil).refused(http.StatusBadRequest, "BadParameter")
		b.send(http.MethodPost, "/certificates/a/create"+query, createBody("Self")).refused(http.StatusBadRequest, "BadParameter")
	}
	for _, known := range []string{"2015-06-01", "2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4-preview.1", "7.4", "7.5", "7.6",
		"2025-07-01", "2026-04-01", "2026-07-01-preview"} {
		b.send(http.MethodGet, "/certificates?api-version="+known, nil).must(http.StatusOK)
	}
}

func TestMembersFollowTheAPIVersion(t *testing.T) {
	b := newBench(t, nil)
	body := createBody("Self")
	body["preserveCertOrder"] = true
	b.send(http.MethodPost, "/certificates/a/create", body).must(http.StatusAccepted)
	for _, test := range []struct {
		api                string
		level, days, order bool
	}{
		{"2015-06-01", false, false, false},
		{"2016-10-01", true, false, false},
		{"7.0", true, true, false},
		{"7.6-preview.1", true, true, false},
		{"7.6-preview.2", true, true, true},
		{"2025-07-01", true, true, true},
	} {
		t.Run(test.api, func(t *testing.T) {
			b.api = test.api
			r := b.send(http.MethodGet, "/certificates/a", nil).must(http.StatusOK)
			if has := r.at("attributes", "recoveryLevel") != nil; has != test.level {
				t.Errorf("recoveryLevel present: %v", has)
			}
			if has := r.at("attributes", "recoverableDays") != nil; has != test.days {
				t.Errorf("recoverableDays present: %v", has)
			}
			if has := b.pending("a").at("preserveCertOrder") != nil; has != test.order {
				t.Errorf("preserveCertOrder present: %v", has)
			}
		})
	}
}

func TestEveryAnswerCarriesTheCommonHeaders(t *testing.T) {
	b := newBench(t, nil)
	guid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for _, path := range []string{"/certificates", "/certificates/none", "/nowhere"} {
		header := http.Header{"X-Ms-Client-Request-Id": {"mine"}}
		r := b.sendRaw(http.MethodGet, b.server.URL+path+"?api-version=7.4", nil, header)
		for name, want := range map[string]string{
			"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1", "X-Content-Type-Options": "nosniff",
			"Content-Type": "application/json; charset=utf-8", "X-Ms-Client-Request-Id": "mine",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", path, name, got, want)
			}
		}
		for _, name := range []string{"Strict-Transport-Security", "X-Ms-Keyvault-Region",
			"X-Ms-Keyvault-Service-Version", "X-Ms-Keyvault-Network-Info", "Date"} {
			if r.Header.Get(name) == "" {
				t.Errorf("%s: no %s", path, name)
			}
		}
		id := r.Header.Get("X-Ms-Request-Id")
		if !guid.MatchString(id) || seen[id] {
			t.Errorf("%s: request id %q", path, id)
		}
		seen[id] = true
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	b := newBench(t, nil)
	b.create("pending", "Unknown")
	for _, path := range []string{
		"POST /certificates/a/create", "POST /certificates/a/import", "POST /certificates/restore",
		"PATCH /certificates/pending", "PATCH /certificates/pending/policy", "PATCH /certificates/pending/pending",
		"POST /certificates/pending/pending/merge", "PUT /certificates/contacts", "PUT /certificates/issuers/i",
		"PATCH /certificates/issuers/stays",
	} {
		method, path, _ := strings.Cut(path, " ")
		for _, body := range []string{"", "{", "[]", `"text"`, "{} {}", "{}}", "null x", `<a/>`} {
			if r := b.send(method, path, body); r.Status != http.StatusBadRequest || r.text("error", "code") != "BadParameter" {
				t.Errorf("%s %s with %q: %d %s", method, path, body, r.Status, r.Text)
			}
		}
	}
	huge := `{"value":"` + strings.Repeat("A", 1<<20) + `"}`
	b.send(http.MethodPost, "/certificates/a/import", huge).refused(http.StatusRequestEntityTooLarge, "BadParameter")
}

func TestIdentifiersFollowTheHostThatWasAskedFor(t *testing.T) {
	b := newBench(t, nil)
	b.completed("a")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/certificates/a?api-version=7.4", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "myvault.example"
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("X-Forwarded-Host", "evil.example")
	request.Header.Set("X-Forwarded-Proto", "http")
	response, err := b.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	r := &reply{t: t, Status: response.StatusCode, Body: decodeObject(t, response.Body)}
	for _, member := range []string{"id", "kid", "sid"} {
		if got := r.must(http.StatusOK).text(member); !strings.HasPrefix(got, "https://myvault.example/") {
			t.Errorf("%s %q", member, got)
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, options := range map[string]refvault.Options{
		"manner":        {Manner: "invented", Keys: sharedKeys},
		"too few days":  {RecoverableDays: 6, Keys: sharedKeys},
		"too many days": {RecoverableDays: 91, Keys: sharedKeys},
	} {
		if _, err := refvault.New(options); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
