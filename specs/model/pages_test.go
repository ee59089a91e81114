package model_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/specs/model"
)

// page is one page of a list of certificates with some names on it; from is the token that it was asked for with, to the one of its
// link, "" for none.
func page(from, to string, names ...string) func(t *testing.T, at int) *vault.Exchange {
	items := []any{}
	for _, name := range names {
		items = append(items, map[string]any{"id": base + "/certificates/" + name})
	}
	body := map[string]any{"value": items, "nextLink": nil}
	if to != "" {
		body["nextLink"] = base + "/certificates?$skiptoken=" + to
	}
	text, _ := json.Marshal(body)
	return func(_ *testing.T, at int) *vault.Exchange {
		query := "?api-version=7.4"
		if from != "" {
			query += "&$skiptoken=" + from
		}
		return &vault.Exchange{
			Operation: vault.GetCertificates, Started: time.Unix(int64(1000+at), 0), Attempts: 1,
			Request:  vault.Request{Method: http.MethodGet, URL: base + "/certificates" + query, Followed: from != ""},
			Response: &vault.Response{Status: http.StatusOK, Header: http.Header{}, Body: vault.Body(text)},
		}
	}
}

// rejected is a page that the vault rejects.
func rejected(from string) func(t *testing.T, at int) *vault.Exchange {
	return func(t *testing.T, at int) *vault.Exchange {
		e := page(from, "")(t, at)
		e.Response.Status = http.StatusBadRequest
		return e
	}
}

// about is an exchange about another name than n.
func about(name string, d did) func(t *testing.T, at int) *vault.Exchange {
	return func(t *testing.T, at int) *vault.Exchange {
		e := d.exchange(t, at)
		e.Request.URL = strings.Replace(e.Request.URL, "/n", "/"+name, 1)
		e.Response.Body = vault.Body(strings.ReplaceAll(string(e.Response.Body), "certificates/n/", "certificates/"+name+"/"))
		return e
	}
}

// The pages of a list are read one after another, and names come and go meanwhile. What is there throughout is on one of them.
func TestPagesOfAListAreJudgedTogether(t *testing.T) {
	names := []func(*testing.T, int) *vault.Exchange{about("n", imported("1")), about("m", imported("1"))}
	removal := []func(*testing.T, int) *vault.Exchange{about("m", deletion("1")), about("m", shownGone("1"))}
	type exchanges = []func(*testing.T, int) *vault.Exchange
	for name, test := range map[string]struct {
		history exchanges
		want    string
	}{
		"each name is on one page":                       {exchanges{page("", "a", "m"), page("a", "", "n")}, ""},
		"a name is on no page":                           {exchanges{page("", "a", "m"), page("a", "")}, "B-6-19"},
		"a name is on two pages":                         {exchanges{page("", "a", "m"), page("a", "", "n", "m")}, "B-6-19"},
		"a name is twice on one page":                    {exchanges{page("", "", "m", "n", "m")}, "B-6-09"},
		"a name is lost as another one is deleted":       {append(append(exchanges{page("", "a", "m")}, removal...), page("a", "")), "B-6-19"},
		"a name that is deleted meanwhile is on no page": {append(append(exchanges{page("", "a", "n")}, removal...), page("a", "")), ""},
		"a link ends with the name before it":            {append(append(exchanges{page("", "a", "m")}, removal...), rejected("a")), "B-6-19"},
		"the last page was not read":                     {exchanges{page("", "a", "m")}, ""},
		"the first page was not read":                    {exchanges{page("a", "", "m")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }, Legal: true})
			for i, exchange := range append(append(exchanges{}, names...), test.history...) {
				judge.AddTimed(exchange(t, i))
			}
			findings := judge.Findings()
			if test.want == "" && len(findings) > 0 || test.want != "" && (len(findings) != 1 || findings[0].Statement.ID != test.want) {
				t.Errorf("got %v, want %q", findings, test.want)
			}
		})
	}
}

// What a former life of a name has left shows in the next one.
func TestFormerLivesOfANameAreOver(t *testing.T) {
	dated := func(d did, date string) did {
		d.body = strings.Replace(d.body, `"cer"`, `"deletedDate":`+date+`,"cer"`, 1)
		return d
	}
	made := func(d did, created string) did {
		d.body = strings.Replace(d.body, `"enabled"`, `"created":`+created+`,"enabled"`, 1)
		return d
	}
	back := []did{deletion("1"), shownGone("1"), recovered("1"), read("1")}
	for name, test := range map[string]struct {
		history []did
		want    string
	}{
		"a deletion after the creation":            {[]did{made(imported("1"), "5"), dated(deletion("1"), "5")}, ""},
		"a deletion before the creation":           {[]did{made(imported("1"), "5"), dated(deletion("1"), "4")}, "B-7-14"},
		"a cancelled request that stays cancelled": {append(append([]did{imported("1"), create(202, "a"), cancel("a"), poll("a", "cancelled")}, back...), poll("a", "cancelled")), ""},
		"a cancelled request that is resumed":      {append(append([]did{imported("1"), create(202, "a"), cancel("a"), poll("a", "cancelled")}, back...), poll("a", "inProgress")), "SC-04-13"},
		"a merged version that nobody disabled":    {[]did{create(202, "a"), merged("1").sends(`{"x5c":[]}`)}, ""},
		"a merged version that is disabled":        {[]did{create(202, "a"), bundle(vault.MergeCertificate, "", "1", "", false).sends(`{"x5c":[]}`)}, "SC-11-08"},
		"a conflict beside a change of tags": {[]did{
			imported("1"), create(409, "").at(1100, 1104), bundle(vault.UpdateCertificate, "/1", "1", "", true).at(1101, 1103),
		}, "SC-06-09"},
		"a conflict beside a deletion of the request": {[]did{
			imported("1"), create(202, "a").at(1050, 1051), create(409, "").at(1100, 1104), drop("a", "inProgress").at(1101, 1103),
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			judge := model.New(model.Options{Fresh: func(string) bool { return true }, Legal: true})
			for i, d := range test.history {
				judge.AddTimed(d.exchange(t, i))
			}
			findings := judge.Findings()
			if test.want == "" && len(findings) > 0 || test.want != "" && (len(findings) != 1 || findings[0].Statement.ID != test.want) {
				t.Errorf("got %v, want %q", findings, test.want)
			}
		})
	}
}
