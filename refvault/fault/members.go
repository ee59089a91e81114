package fault

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
	"github.com/kvconform/kvconform/scenarios/members"
)

// The kinds of faults that each member of the table has.
const (
	kindLost     = "lost"     // the vault acts as if the member had not been sent
	kindOther    = "other"    // the vault acts as if another value had been sent
	kindHidden   = "hidden"   // the vault keeps the member, and a response leaves it out
	kindShown    = "shown"    // the vault keeps the member, and a response shows another value
	kindRejected = "rejected" // the vault rejects the request
	kindAccepted = "accepted" // the vault accepts a request with an illegal value
	kindCode     = "code"     // the vault rejects such a request with another code
)

// membersSent are the faults of every member that a client can send: all that the table of members says of one is what it
// is called, its value and another one. A fault acts only where the value of the table was sent or is shown, so that the
// requests of other scripts stay as they are.
func membersSent() []Fault {
	table, err := members.Table()
	if err != nil {
		panic("reading the table of members: " + err.Error()) // it is part of the program, and a test reads it
	}
	var faults []Fault
	for _, request := range table {
		for _, member := range request.Rows() {
			faults = append(faults, faultsOf(request, member)...)
		}
	}
	return faults
}

func faultsOf(request members.Request, member members.Member) []Fault {
	rules := func(places ...string) []string {
		var ids []string
		for _, place := range member.Shows {
			if !place.Elsewhere && slices.Contains(places, place.At) {
				ids = append(ids, place.Rule)
			}
		}
		return ids
	}
	shown := []string{
		members.AtOperation, members.AtPolicy, members.AtCSR, members.AtCertificate, members.AtBundle, members.AtResponse,
	}
	responses := []string{members.AtOperation, members.AtPolicy, members.AtBundle, members.AtResponse}
	on := requestsOf(request.Operation)
	m := wrongMember{member: member, value: asJSON(member.Value), on: on, id: request.Short() + "-" + member.Name, schema: request.Schema}
	all := []struct {
		kind   string
		breaks []string
		make   func(id string, breaks ...string) Fault
	}{
		{kindLost, rules(shown...), m.lost},
		{kindOther, rules(shown...), m.other},
		{kindHidden, rules(responses...), m.hidden},
		{kindShown, rules(responses...), m.shown},
		{kindRejected, rules(members.AtAccepted), m.rejected},
		{kindAccepted, rules(members.AtRejected), m.accepted},
		{kindCode, rules(members.AtCode), m.code},
	}
	var faults []Fault
	for _, f := range all {
		if len(f.breaks) > 0 && (len(member.Faults) == 0 || slices.Contains(member.Faults, f.kind)) {
			faults = append(faults, f.make(m.id+"-"+f.kind, f.breaks...))
		}
	}
	return faults
}

// wrongMember makes the faults of a member.
type wrongMember struct {
	id     string
	schema string
	member members.Member
	value  any
	on     tamper.On
}

func (m wrongMember) lost(id string, breaks ...string) Fault {
	return asks(id, "a vault forgets "+m.member.Called+" that was sent", m.on, func(r *http.Request) *http.Request {
		return m.change(r, func(in map[string]any, name string) { delete(in, name) })
	}, breaks...)
}

func (m wrongMember) other(id string, breaks ...string) Fault {
	other := asJSON(m.member.Other)
	return asks(id, "a vault takes another value than "+m.member.Called, m.on, func(r *http.Request) *http.Request {
		return m.change(r, func(in map[string]any, name string) { in[name] = other })
	}, breaks...)
}

func (m wrongMember) rejected(id string, breaks ...string) Fault {
	return edits(id, "a request with "+m.member.Called+" is rejected", m.on, tamper.Where(func(a *tamper.Response) bool {
		return a.OK() && reflect.DeepEqual(member(asJSON(a.SentObject()).(map[string]any), m.member.Path), m.value)
	}, func(a *tamper.Response) {
		a.Status = http.StatusBadRequest
		a.Header.Del("Location")
		a.SetObject(failure("BadParameter"))
	}), breaks...)
}

// refusedFor picks the rejections of requests with the value of the table.
func (m wrongMember) refusedFor(a *tamper.Response) bool {
	sent, _ := asJSON(a.SentObject()).(map[string]any)
	return a.Status >= http.StatusBadRequest && reflect.DeepEqual(member(sent, m.member.Path), m.value)
}

func (m wrongMember) accepted(id string, breaks ...string) Fault {
	return edits(id, "a request with "+m.member.Called+" is accepted", m.on, tamper.Where(m.refusedFor, func(a *tamper.Response) {
		a.Status = http.StatusOK
		a.SetObject(map[string]any{"id": a.Request.URL.Path, "attributes": map[string]any{"enabled": true}})
	}), breaks...)
}

func (m wrongMember) code(id string, breaks ...string) Fault {
	return edits(id, "a request with "+m.member.Called+" is rejected with another code", m.on,
		tamper.Where(m.refusedFor, tamper.Replace("error.code", "Invalid")), breaks...)
}

func (m wrongMember) hidden(id string, breaks ...string) Fault {
	return m.inResponses(id, "a response lacks "+m.member.Called, func(in map[string]any, name string) { delete(in, name) }, breaks...)
}

func (m wrongMember) shown(id string, breaks ...string) Fault {
	other := asJSON(m.member.Other)
	return m.inResponses(id, "a response has another value than "+m.member.Called,
		func(in map[string]any, name string) { in[name] = other }, breaks...)
}

// inResponses edits every response that shows the value of the table.
func (m wrongMember) inResponses(id, title string, apply func(in map[string]any, name string), breaks ...string) Fault {
	inside, ofPolicy := strings.CutPrefix(m.member.Path, "policy.")
	ofPolicy = ofPolicy || m.schema == "certificate-policy-request"
	on := tamper.Policy().Or(tamper.Bundle())
	if !ofPolicy {
		on = tamper.Bundle().Or(tamper.Pending()).Or(m.on).Or(tamper.Issuer()).
			Or(tamper.Operation("", "/certificates/contacts"))
	}
	f := edits(id, title, on, tamper.OnSuccess(func(a *tamper.Response) {
		body := a.Object()
		path := inside
		if ofPolicy && !tamper.Policy()(a.Request) {
			path = "policy." + inside
		}
		if body != nil && m.at(body, path, apply) {
			a.SetObject(body)
		}
	}), breaks...)
	f.Members = []string{inside}
	return f
}

// change applies a change to the member of a request that has the value of the table; any other request stays as it is.
func (m wrongMember) change(r *http.Request, apply func(in map[string]any, name string)) *http.Request {
	body := asJSON(sentObject(r))
	if object, ok := body.(map[string]any); ok && m.at(object, m.member.Path, apply) {
		return tamper.WithBody(r, object)
	}
	return r
}

// at applies a change to the member at a path if it has the value of the table, in whatever order a list of texts is.
func (m wrongMember) at(object map[string]any, path string, apply func(in map[string]any, name string)) bool {
	names := strings.Split(path, ".")
	in := object
	for _, name := range names[:len(names)-1] {
		if in, _ = in[name].(map[string]any); in == nil {
			return false
		}
	}
	last := names[len(names)-1]
	if !reflect.DeepEqual(inOrder(asJSON(in[last])), inOrder(m.value)) {
		return false
	}
	apply(in, last)
	return true
}

// inOrder sorts a list of texts.
func inOrder(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b any) int {
		first, _ := a.(string)
		second, _ := b.(string)
		return strings.Compare(first, second)
	})
	return sorted
}

// requestsOf picks the requests of an operation.
func requestsOf(operation string) tamper.On {
	known := map[string]tamper.On{
		"CreateCertificate": tamper.Create(), "ImportCertificate": tamper.Import(), "MergeCertificate": tamper.Merge(),
		"UpdateCertificatePolicy": tamper.PatchPolicy(), "UpdateCertificate": tamper.UpdateCertificate(),
		"SetCertificateIssuer":    tamper.SetIssuer(),
		"UpdateCertificateIssuer": tamper.Operation(http.MethodPatch, "/certificates/issuers/[^/]+"),
		"SetCertificateContacts":  tamper.Operation(http.MethodPut, "/certificates/contacts"),
	}
	if on, ok := known[operation]; ok {
		return on
	}
	return func(*http.Request) bool { return false }
}

// asJSON is a value as it is read from a body.
func asJSON(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic("a value is no JSON: " + err.Error()) // it comes from a table or from a body
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var read any
	_ = decoder.Decode(&read) // it was just written
	return read
}
