package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

func TestSamplesCoverEverySchemaAndMember(t *testing.T) {
	set, _ := load(t)
	bodies, musts := samples(t), required()
	for _, name := range set.Names() {
		kind := Kind(name)
		body, ok := bodies[kind]
		if !ok {
			t.Errorf("schema %s has no sample", name)
			continue
		}
		if _, ok := musts[kind]; !ok {
			t.Errorf("schema %s has no list of required members", name)
		}
		for _, missing := range absentMembers([]*member{set.history[name]}, body, name, 0) {
			t.Errorf("the sample of %s lacks %s", name, missing)
		}
	}
}

// absentMembers lists the members that the schemas have and value has not. Inner errors nest without end, hence the depth.
func absentMembers(members []*member, value any, at string, depth int) []string {
	var absent []string
	if depth > 8 {
		return nil
	}
	for _, m := range flatten(members) {
		for _, name := range sortedKeys(m.named) {
			child, ok := lookup(value, []string{name})
			switch {
			case ok:
				absent = append(absent, absentMembers([]*member{m.named[name]}, child, at+"."+name, depth+1)...)
			case !strings.Contains(at, "innererror") && !strings.HasPrefix(at, "inner-error."):
				absent = append(absent, at+"."+name)
			}
		}
		if child, ok := lookup(value, []string{"0"}); ok && m.items != nil {
			absent = append(absent, absentMembers([]*member{m.items}, child, at+"[0]", depth+1)...)
		}
	}
	return absent
}

func TestSamplesAreAccepted(t *testing.T) {
	set, _ := load(t)
	for kind, body := range samples(t) {
		for _, p := range set.Check(kind, body) {
			t.Errorf("%s: %s (%s)", kind, p, p.Got)
		}
	}
}

func TestBareSamplesAreAccepted(t *testing.T) {
	set, _ := load(t)
	for kind, body := range samples(t) {
		musts := required()[kind]
		bare := body
		for _, tokens := range paths(body) {
			optional := !slices.Contains(musts, pointer(tokens))
			if _, inArray := parentOf(body, tokens).([]any); optional && !inArray {
				bare = without(bare, tokens)
			}
		}
		for _, p := range set.Check(kind, bare) {
			t.Errorf("%s with no more than it must have: %s", kind, p)
		}
	}
}

func TestADroppedMemberIsMissedIfItIsRequired(t *testing.T) {
	eachMember(t, func(t *testing.T, set *Set, kind Kind, body any, tokens []string, must bool) {
		for name, changed := range map[string]any{"missing": without(body, tokens), "null": replaced(body, tokens, nil)} {
			problems := set.Check(kind, changed)
			if !must && len(problems) > 0 {
				t.Errorf("%s is optional, yet %s: %v", pointer(tokens), name, problems)
			}
			if must && !slices.ContainsFunc(problems, func(p Problem) bool {
				return p.Pointer == pointer(tokens) && strings.Contains(p.Message, "is "+name)
			}) {
				t.Errorf("%s is required, yet %s is told as %v", pointer(tokens), name, problems)
			}
		}
	})
}

func TestARetypedMemberIsRefusedByItsName(t *testing.T) {
	eachMember(t, func(t *testing.T, set *Set, kind Kind, body any, tokens []string, _ bool) {
		value, _ := lookup(body, tokens)
		for _, wrong := range othersThan(value) {
			problems := set.Check(kind, replaced(body, tokens, wrong))
			if !slices.ContainsFunc(problems, func(p Problem) bool {
				return p.Pointer == pointer(tokens) && strings.Contains(p.Message, " is "+typeOf(wrong)+", must be ")
			}) {
				t.Errorf("%s as %v (%T) is told as %v", pointer(tokens), wrong, wrong, problems)
			}
		}
	})
}

// othersThan returns a value of every other type.
func othersThan(value any) []any {
	var others []any
	for _, other := range []any{"text", json.Number("1"), json.Number("1.5"), true, []any{}, map[string]any{}} {
		_, isNumber := value.(json.Number)
		if fmt.Sprintf("%T", other) != fmt.Sprintf("%T", value) || isNumber && other == json.Number("1.5") {
			others = append(others, other)
		}
	}
	return others
}

// eachMember calls test for every member of every sample, but for those within free objects.
func eachMember(t *testing.T, test func(t *testing.T, set *Set, kind Kind, body any, tokens []string, must bool)) {
	t.Helper()
	set, _ := load(t)
	for kind, body := range samples(t) {
		t.Run(string(kind), func(t *testing.T) {
			for _, tokens := range paths(body) {
				if _, inArray := parentOf(body, tokens).([]any); inArray || slices.Contains(tokens[:len(tokens)-1], "metadata") {
					continue
				}
				test(t, set, kind, body, tokens, slices.Contains(required()[kind], pointer(tokens)))
			}
		})
	}
}

func TestValuesOfTheWrongFormAreRefused(t *testing.T) {
	tests := []struct {
		kind    Kind
		pointer string
		values  []any
		message string
	}{
		{Bundle, "/x5t", []any{"", "lLYPxMp4X9lB4ONBI6qIyCbyB1", "lLYPxMp4X9lB4ONBI6qIyCbyB1A=", "94B60FC4CA785FD941E0E34123AA88C826F20750", "lLYP+Mp4X9lB4ONBI6qIyCbyB1A"},
			"x5t is not the base64url of 20 bytes, 27 characters without padding"},
		{Bundle, "/cer", []any{"", "TWFu-_==", "TWF", "TWFuIA=", "TW Fu", "TWFu\n", "-----BEGIN CERTIFICATE-----"}, "cer is not standard base64 with padding"},
		{OperationInProgress, "/csr", []any{"", "TWFuIGlzIGRpcw"}, "csr is not standard base64 with padding"},
		{Bundle, "/kid", []any{"", "/keys/web/1", "vault.example/keys/web/1", "https:///keys", "https://a b"}, "kid is not an absolute http or https URL"},
		{OperationFailed, "/status", []any{"inProgress"}, "status is not failed, in any case"},
		{Operation, "/status", []any{"", "deleted", "cancel", "completed "}, "status is not inProgress, completed, cancelled (canceled) or failed, in any case"},
		{Operation, "/request_id", []any{""}, "request_id is empty"},
		{Policy, "/lifetime_actions/0/action/action_type", []any{"emailContacts", ""}, `lifetime_actions[0].action.action_type is none of "EmailContacts", "AutoRenew"`},
		{Policy, "/lifetime_actions/0/trigger/lifetime_percentage", []any{json.Number("0")}, "lifetime_actions[0].trigger.lifetime_percentage is less than 1"},
		{Policy, "/lifetime_actions/0/trigger/lifetime_percentage", []any{json.Number("100")}, "lifetime_actions[0].trigger.lifetime_percentage is more than 99"},
		{Attributes, "/recoverableDays", []any{json.Number("91")}, "recoverableDays is more than 90"},
		{MergeRequest, "/x5c", []any{[]any{}}, "x5c is empty"},
		{MergeRequest, "/x5c/1", []any{nil}, "x5c[1] is null, must be a string"},
		{List, "/value/0", []any{"x"}, "value[0] is a string, must be an object"},
		{List, "/nextLink", []any{"x"}, "nextLink is not an absolute http or https URL"},
		{Bundle, "/tags/team", []any{json.Number("1")}, "tags.team is an integer, must be a string"},
		{ErrorBody, "/error/code", []any{""}, "error.code is empty"},
		{Bundle, "", []any{[]any{}, "x"}, ""},
	}
	set, document := load(t)
	bodies := samples(t)
	for _, test := range tests {
		for _, value := range test.values {
			t.Run(fmt.Sprintf("%s%s=%v", test.kind, test.pointer, value), func(t *testing.T) {
				var tokens []string
				if test.pointer != "" {
					tokens = strings.Split(test.pointer[1:], "/")
				}
				body := replaced(bodies[test.kind], tokens, value)
				problems := set.Check(test.kind, body)
				if len(problems) != 1 || problems[0].Pointer != test.pointer || test.message != "" && problems[0].Message != test.message {
					t.Errorf("got %+v, want %q at %q", problems, test.message, test.pointer)
				}
				if got := componentProblems(document, test.kind, body); !slices.Equal(got, problems) {
					t.Errorf("by OpenAPI %+v, by JSON Schema %+v", got, problems)
				}
			})
		}
	}
}

func TestFormsThatTheContractLeavesOpenAreAccepted(t *testing.T) {
	set, _ := load(t)
	bodies := samples(t)
	tests := []struct {
		kind    Kind
		pointer string
		value   any
	}{
		{OperationInProgress, "/status", "inprogress"},
		{OperationCancelled, "/status", "cancelled"},
		{OperationCancelled, "/status", "Canceled"},
		{OperationCompleted, "/target", "http://[::1]:8443/prefix/certificates/web?api-version=7.4"},
		{Operation, "/request_id", "not-hex"},
		{OperationFailed, "/error/innererror", nil},
		{Operation, "/error", nil},
		{List, "/nextLink", nil},
		{List, "/nextLink", ""},
		{List, "/value", []any{}},
		{Attributes, "/recoveryLevel", "Some+New+Level"},
		{Policy, "/key_props/kty", "KTY-OF-TOMORROW"},
		{Policy, "/lifetime_actions", []any{}},
		{Bundle, "/unheard_of", map[string]any{"a": nil}},
		{Bundle, "/policy/x509_props/basic_constraints", map[string]any{"ca": false}},
		{Item, "/subject", ""},
		{Issuer, "/org_details/zip", json.Number("0")},
	}
	for _, test := range tests {
		tokens := strings.Split(test.pointer[1:], "/")
		if problems := set.Check(test.kind, replaced(bodies[test.kind], tokens, test.value)); len(problems) > 0 {
			t.Errorf("%s with %s = %v: %v", test.kind, test.pointer, test.value, problems)
		}
	}
}

// componentProblems checks a body against the component of the OpenAPI document that is made of its schema.
func componentProblems(d *Document, kind Kind, body any) []Problem {
	schema := d.doc.Components.Schemas[string(kind)].Value
	return sorted(d.problems(body, schema.VisitJSON(withoutNulls(body), openapi3.MultiErrors())))
}

func TestOpenAPIAndJSONSchemaAgreeOnEveryBody(t *testing.T) {
	set, document := load(t)
	bodies := samples(t)
	kinds := slices.Sorted(maps.Keys(bodies))
	values := []any{nil, "", "text", "TWFu", json.Number("-1"), json.Number("1700000000"), json.Number("0.5"), true, []any{}, []any{nil},
		map[string]any{}, map[string]any{"code": json.Number("1")}, "https://vault.example/x", "failed", "AutoRenew"}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		body := bodies[kind]
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			all := paths(body)
			if len(all) == 0 {
				break
			}
			tokens := rapid.SampledFrom(all).Draw(t, "path")
			if _, inArray := parentOf(body, tokens).([]any); !inArray && rapid.Bool().Draw(t, "drop") {
				body = without(body, tokens)
			} else {
				body = replaced(body, tokens, rapid.SampledFrom(values).Draw(t, "value"))
			}
		}
		bySchema, byOpenAPI := set.Check(kind, body), componentProblems(document, kind, body)
		if (len(bySchema) == 0) != (len(byOpenAPI) == 0) {
			t.Fatalf("%s: by JSON Schema %v, by OpenAPI %v", kind, bySchema, byOpenAPI)
		}
	})
}

func TestProblemsComeInTheSameOrder(t *testing.T) {
	set, _ := load(t)
	body := map[string]any{"policy": map[string]any{"key_props": true}, "tags": map[string]any{"b": true, "a": true}, "x5t": "", "cer": ""}
	first := set.Check(Bundle, body)
	if len(first) < 10 {
		t.Fatalf("only %d problems: %v", len(first), first)
	}
	for range 50 {
		if again := set.Check(Bundle, body); !slices.Equal(first, again) {
			t.Fatalf("first %v, then %v", first, again)
		}
	}
}

func TestChecksLeaveTheBodyAsItIs(t *testing.T) {
	set, _ := load(t)
	body := map[string]any{"value": []any{map[string]any{"id": nil}}, "nextLink": nil}
	before := fmt.Sprint(body)
	set.Check(List, body)
	set.TooNew(List, "7.4", body)
	if after := fmt.Sprint(body); after != before {
		t.Errorf("%s became %s", before, after)
	}
}

func TestManyGoroutinesMayCheckAtOnce(t *testing.T) {
	set, document := load(t)
	bodies := samples(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for kind, body := range bodies {
				broken := map[string]any{"x5t": "", "status": nil, "value": "x"}
				if problems := set.Check(kind, body); len(problems) > 0 {
					t.Errorf("%s: %v", kind, problems)
				}
				set.Check(kind, broken)
				set.TooNew(kind, "2015-06-01", body)
				componentProblems(document, kind, broken)
			}
		})
	}
	group.Wait()
}

func TestAnUnknownSchemaIsAProblem(t *testing.T) {
	set, _ := load(t)
	if problems := set.Check("no-such-kind", map[string]any{}); len(problems) != 1 {
		t.Errorf("got %v", problems)
	}
	if problems := set.Check("types", "anything"); len(problems) != 1 {
		t.Errorf("a file of definitions was taken for a schema: %v", problems)
	}
	if problems := set.TooNew("no-such-kind", "7.4", map[string]any{}); len(problems) != 1 {
		t.Errorf("got %v", problems)
	}
}

func TestABodyDecodedOtherwiseIsAProblem(t *testing.T) {
	set, _ := load(t)
	for _, number := range []any{float64(1), 1, []string{"a"}} {
		problems := set.Check(Attributes, map[string]any{"exp": number})
		if len(problems) != 1 || !strings.Contains(problems[0].Message, fmt.Sprintf("%T", number)) {
			t.Errorf("%T: %v", number, problems)
		}
	}
}

func TestDecodeKeepsNumbersAndTakesOneValue(t *testing.T) {
	value, err := Decode([]byte(` {"a": 9007199254740993} `))
	if number, _ := lookup(value, []string{"a"}); err != nil || number != json.Number("9007199254740993") {
		t.Errorf("got %v, %v", value, err)
	}
	for _, text := range []string{"", "{", "{}{}", "{} x", "[1,]"} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%q was decoded", text)
		}
	}
}

func TestNamedSchemasTakeNullAsNull(t *testing.T) {
	set, _ := load(t)
	body := map[string]any{"code": "A", "message": "b", "innererror": nil}
	if problems := set.Check("error-detail", body); len(problems) > 0 {
		t.Errorf("as a body: %v", problems)
	}
	problems := set.CheckNamed("error-detail", body)
	if len(problems) != 1 || problems[0].Message != "innererror is null, must be an object" {
		t.Errorf("by name: %v", problems)
	}
}

func TestSecretsStayOutOfProblems(t *testing.T) {
	set, _ := load(t)
	body := map[string]any{"value": "", "pwd": json.Number("123456")}
	for _, p := range set.Check(ImportRequest, body) {
		if strings.Contains(fmt.Sprintf("%+v", p), "123456") {
			t.Errorf("a password is shown: %+v", p)
		}
	}
}
