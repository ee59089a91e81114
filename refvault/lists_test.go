package refvault_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// pages follows a list to its end and returns the ids on each page.
func (b *bench) pages(path string) [][]string {
	b.t.Helper()
	var pages [][]string
	for r := b.send(http.MethodGet, path, nil); ; {
		r.must(http.StatusOK).hasExactly("value", "nextLink")
		ids := []string{}
		for _, item := range r.at("value").([]any) {
			ids = append(ids, item.(map[string]any)["id"].(string))
		}
		pages = append(pages, ids)
		next, more := r.at("nextLink").(string)
		if !more {
			return pages
		}
		if len(pages) > 100 {
			b.t.Fatal("the list has no end")
		}
		r = b.sendRaw(http.MethodGet, next, nil, nil)
	}
}

func TestListsComeInPages(t *testing.T) {
	b := newBench(t, nil)
	for i := range 30 {
		b.create(fmt.Sprintf("c%02d", i), "Self")
	}
	for i := range 30 {
		b.send(http.MethodPut, fmt.Sprintf("/certificates/issuers/i%02d", i), `{"provider":"Test"}`).must(http.StatusOK)
	}
	b.clock.Advance(time.Second)
	for range 3 {
		b.create("c00", "Self")
		b.clock.Advance(time.Second)
	}
	for _, test := range []struct {
		path string
		want []int // items on each page
	}{
		{"/certificates", []int{25, 5}},
		{"/certificates?maxresults=10", []int{10, 10, 10}},
		{"/certificates?maxresults=25", []int{25, 5}},
		{"/certificates/issuers?maxresults=20", []int{20, 14}},
		{"/certificates/c00/versions", []int{4}},
		{"/certificates/c00/versions/?maxresults=3", []int{3, 1}},
		{"/certificates/none/versions", []int{0}},
		{"/deletedcertificates", []int{0}},
	} {
		t.Run(test.path, func(t *testing.T) {
			var sizes []int
			seen := map[string]bool{}
			for _, page := range b.pages(test.path) {
				sizes = append(sizes, len(page))
				for _, id := range page {
					if seen[id] {
						t.Errorf("%s comes twice", id)
					}
					seen[id] = true
				}
			}
			if !slices.Equal(sizes, test.want) {
				t.Errorf("pages of %v, want %v", sizes, test.want)
			}
		})
	}
}

func TestNextLinkCarriesPortVersionAndSize(t *testing.T) {
	b := newBench(t, nil)
	b.completed("a")
	b.completed("b")
	b.create("c", "stays")
	for _, host := range []string{"", "myvault.example"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			b.server.URL+"/certificates?api-version=7.3&maxresults=1&includePending=true", nil)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimPrefix(b.server.URL, "https://")
		if host != "" {
			request.Host, want = host, host+":443"
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := b.server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		link, _ := decodeObject(t, response.Body)["nextLink"].(string)
		_ = response.Body.Close()
		next, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		query := next.Query()
		if next.Host != want || next.Path != "/certificates" || query.Get("api-version") != "7.3" ||
			query.Get("maxresults") != "1" || query.Get("$skiptoken") == "" {
			t.Errorf("nextLink %q", link)
		}
	}
	if got := len(b.pages("/certificates?maxresults=1&includePending=true")); got != 3 {
		t.Errorf("includePending is lost on the way: %d pages, want 3", got)
	}
}

func TestListParametersThatMakeNoSense(t *testing.T) {
	b := newBench(t, nil)
	for _, query := range []string{
		"maxresults=0", "maxresults=26", "maxresults=-1", "maxresults=ten", "includePending=perhaps", "$skiptoken=x", "$skiptoken=AAAA",
	} {
		for _, path := range []string{"/certificates", "/certificates/issuers", "/certificates/a/versions", "/deletedcertificates"} {
			b.send(http.MethodGet, path+"?"+query, nil).refused(http.StatusBadRequest, "BadParameter")
		}
	}
}

func TestWhatIsListedOfACertificate(t *testing.T) {
	b := newBench(t, nil)
	b.send(http.MethodPost, "/certificates/done/create", map[string]any{
		"policy": createBody("Self")["policy"], "tags": map[string]string{"k": "v"},
	}).must(http.StatusAccepted)
	b.clock.Advance(time.Second)
	b.create("waits", "stays")

	item := func(path string) *reply {
		r := b.send(http.MethodGet, path, nil).must(http.StatusOK)
		values := r.at("value").([]any)
		return &reply{t: t, Text: r.Text, Body: values[len(values)-1].(map[string]any)}
	}
	done := item("/certificates")
	done.hasExactly("id", "x5t", "attributes", "tags", "subject")
	if done.text("id") != b.server.URL+"/certificates/done" || done.at("subject") != "" ||
		done.at("attributes", "recoveryLevel") != nil || done.at("attributes", "recoverableDays") != nil {
		t.Errorf("item: %s", done.Text)
	}
	waits := item("/certificates?includePending=true")
	waits.hasExactly("id", "attributes", "subject")
	if waits.text("id") != b.server.URL+"/certificates/waits" || waits.at("attributes", "enabled") != false {
		t.Errorf("item: %s", waits.Text)
	}
	version := item("/certificates/done/versions")
	version.hasExactly("id", "x5t", "attributes", "tags", "subject")
	if want := b.send(http.MethodGet, "/certificates/done", nil).text("id"); version.text("id") != want {
		t.Errorf("id %q, want %q", version.text("id"), want)
	}
	b.send(http.MethodDelete, "/certificates/done", nil).must(http.StatusOK)
	deleted := item("/deletedcertificates")
	deleted.hasExactly("id", "recoveryId", "deletedDate", "scheduledPurgeDate", "x5t", "attributes", "tags")
	if deleted.number("attributes", "recoverableDays") != 7 {
		t.Errorf("item: %s", deleted.Text)
	}
	if issuer := item("/certificates/issuers"); issuer.text("provider") == "" {
		t.Errorf("issuer: %s", issuer.Text)
	} else {
		issuer.hasExactly("id", "provider")
	}
}
