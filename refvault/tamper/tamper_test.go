package tamper_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/refvault/tamper"
)

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOperationsArePickedByMethodAndPath(t *testing.T) {
	for _, test := range []struct {
		method, path string
		on           tamper.On
		want         bool
	}{
		{"POST", "/certificates/a/create", tamper.Create(), true},
		{"POST", "/prefix/certificates/a/create", tamper.Create(), true},
		{"GET", "/certificates/a/create", tamper.Create(), false},
		{"GET", "/certificates/a", tamper.ReadCertificate(), true},
		{"GET", "/certificates/a/", tamper.ReadCertificate(), true},
		{"GET", "/certificates/issuers", tamper.ReadCertificate(), false},
		{"GET", "/certificates/Contacts", tamper.ReadCertificate(), false},
		{"GET", "/certificates", tamper.ReadCertificate(), false},
		{"GET", "/certificates", tamper.ListCertificates(), true},
		{"GET", "/certificates/a/0123456789abcdef0123456789ABCDEF", tamper.ReadVersion(), true},
		{"GET", "/certificates/a/versions", tamper.ReadVersion(), false},
		{"GET", "/certificates/a/versions", tamper.ListVersions(), true},
		{"DELETE", "/certificates/a/pending", tamper.DeletePending(), true},
		{"POST", "/certificates/a/pending/merge", tamper.Pending(), false},
		{"POST", "/certificates/a/pending/merge", tamper.Merge(), true},
		{"PATCH", "/certificates/a", tamper.UpdateCertificate(), true},
		{"PATCH", "/certificates/a/policy", tamper.UpdateCertificate(), false},
		{"PATCH", "/certificates/a/policy", tamper.Policy(), true},
		{"GET", "/deletedcertificates/a", tamper.DeletedBundle(), true},
		{"GET", "/deletedcertificates/a", tamper.ReadCertificate(), false},
		{"GET", "/certificates/a/pending?request_id=1", tamper.Filtered(), true},
		{"GET", "/certificates/a/pending?request_id=", tamper.Filtered(), false},
		{"GET", "/certificates/a?api-version=7.4", tamper.Versionless(), false},
		{"GET", "/certificates/a?api-version=", tamper.Versionless(), true},
	} {
		if got := test.on(request(t, test.method, "https://vault.example"+test.path, "")); got != test.want {
			t.Errorf("%s %s is picked: %t, want %t", test.method, test.path, got, test.want)
		}
	}
}

func TestEditsChangeWhatTheyNameAndNothingElse(t *testing.T) {
	const before = `{"id":"https://h/a","n":12345678901,"in":{"x":1,"list":[{"k":"a"},{"k":"b"},3]}}`
	for name, test := range map[string]struct {
		edit tamper.Edit
		want string
	}{
		"set":               {tamper.Set("in.x", "y"), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":"y"},"n":12345678901}`},
		"set anew":          {tamper.Set("more", nil), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"more":null,"n":12345678901}`},
		"set nowhere":       {tamper.Set("none.x", 1), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"n":12345678901}`},
		"replace":           {tamper.Replace("absent", 1), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"n":12345678901}`},
		"drop":              {tamper.Drop("in"), `{"id":"https://h/a","n":12345678901}`},
		"rename":            {tamper.Rename("n", "N"), `{"N":12345678901,"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1}}`},
		"every item":        {tamper.Set("in.list.*.k", "c"), `{"id":"https://h/a","in":{"list":[{"k":"c"},{"k":"c"},3],"x":1},"n":12345678901}`},
		"a number":          {tamper.MapNumber("n", func(n int64) any { return n + 1 }), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"n":12345678902}`},
		"a number, no text": {tamper.MapText("n", strings.ToUpper), `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"n":12345678901}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := &tamper.Response{Status: 200, Header: http.Header{}, Body: []byte(before)}
			alters := test.edit.Alters(a)
			if string(a.Body) != before {
				t.Fatalf("asking whether the edit alters the answer made it %s", a.Body)
			}
			test.edit(a)
			if string(a.Body) != test.want {
				t.Errorf("the body is %s, want %s", a.Body, test.want)
			}
			if changed := test.want != `{"id":"https://h/a","in":{"list":[{"k":"a"},{"k":"b"},3],"x":1},"n":12345678901}`; alters != changed {
				t.Errorf("the edit says that it alters the answer: %t, want %t", alters, changed)
			}
		})
	}
}

func TestWhatIsNoObjectIsLeftAlone(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"text"`, "{", "<html>"} {
		a := &tamper.Response{Status: 200, Header: http.Header{}, Body: []byte(body)}
		tamper.All(tamper.Set("x", 1), tamper.Drop("y"))(a)
		if string(a.Body) != body {
			t.Errorf("%q became %q", body, a.Body)
		}
	}
}

func TestAnswersAreEditedOnTheirWayAndRequestsCanBeAskedBesides(t *testing.T) {
	vault := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Length", "999") // of the body before the edit
		w.Header().Del("Content-Length")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"asked":"`+r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization")+" "+string(body)+`"}`)
	})
	handler := tamper.Handler(vault, tamper.Create(), func(a *tamper.Response) {
		besides := tamper.Ask(vault, a.Request, http.MethodDelete, "/pending", nil)
		tamper.All(tamper.Status(http.StatusTeapot), tamper.Set("besides", besides.Text("asked")), tamper.Set("sent", string(a.Sent)))(a)
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	r := request(t, http.MethodPost, server.URL+"/certificates/a/create?api-version=7.4&x=1", "body")
	r.Header.Set("Authorization", "Bearer t")
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"asked":"POST /certificates/a/create?api-version=7.4&x=1 Bearer t body","besides":"DELETE /certificates/a/pending?api-version=7.4 Bearer t ","sent":"body"}`
	if response.StatusCode != http.StatusTeapot || string(body) != want {
		t.Errorf("the answer is %d %s, want 418 %s", response.StatusCode, body, want)
	}
}
