package schemas

import (
	"slices"
	"testing"
)

func TestTheSchemasOfFilesStandApartFromTheBodies(t *testing.T) {
	files, err := CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files.Names() {
		if slices.Contains(bodies.Names(), name) {
			t.Errorf("%s is the name of a body too", name)
		}
	}
	value, err := Decode([]byte(`{"endpoint": "https://vault.example", "auth": {"token": {"env": "T"}}, "plays": 3}`))
	if err != nil {
		t.Fatal(err)
	}
	if problems := files.CheckNamed("target", value); len(problems) > 0 {
		t.Errorf("a target file is refused: %v", problems)
	}
}

func TestAHintIsWhatTheSchemaSaysOfAPlace(t *testing.T) {
	files, err := CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		schema  string
		tokens  []string
		keys    []string
		example string
	}{
		{"target", []string{"plays"}, nil, "8"},
		{"target", []string{"polling"}, []string{"max", "min", "timeout"}, `{"timeout":"2m"}`},
		{"target", []string{"polling", "min"}, nil, `"1s"`},
		{"target", []string{"auth", "token"}, []string{"env", "file", "value"}, `{"env":"VAULT_TOKEN"}`},
		{"target", []string{"auth", "token", "file"}, nil, `"token.txt"`},
		{"target", []string{"headers", "X-Any"}, []string{"env", "file", "value"}, ""},
		{"target", []string{"without", "0"}, nil, ""},
		{"target", []string{"nothing", "of", "it"}, nil, ""},
		{"nothing", nil, nil, ""},
	} {
		hint := files.Hint(test.schema, test.tokens)
		if !slices.Equal(hint.Keys, test.keys) || hint.Example != test.example {
			t.Errorf("%s %v: %+v, want the keys %v and the example %s", test.schema, test.tokens, hint, test.keys, test.example)
		}
	}
}

func TestAProblemNamesTheKeywordThatIsBroken(t *testing.T) {
	files, err := CompileFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ member, keyword, limit, kind string }{
		{`"colour": "red"`, "additionalProperties", "", "string"},
		{`"plays": "many"`, "type", "integer", "string"},
		{`"auth": {"token": 7}`, "type", "string,object", "integer"},
		{`"tls": null`, "type", "object", "null"},
		{`"plays": 65`, "maximum", "64", "integer"},
		{`"maxAnswer": 1`, "minimum", "1024", "integer"},
		{`"cleanup": "burn"`, "enum", `"leave", "delete", "purge"`, "string"},
		{`"proxy": ""`, "minLength", "1", "string"},
		{`"ready": {"status": 200}`, "required", "", ""},
		{`"ready": {"path": "ping"}`, "pattern", "a path that begins with /", "string"},
		{`"auth": {}`, "minProperties", "1", "object"},
		{`"auth": {"azure": {}, "token": "t"}`, "maxProperties", "1", "object"},
	} {
		value, err := Decode([]byte(`{"endpoint": "https://vault.example", ` + test.member + `}`))
		if err != nil {
			t.Fatal(err)
		}
		problems := files.CheckNamed("target", value)
		if len(problems) != 1 {
			t.Errorf("%s: got %v, want one problem", test.member, problems)
			continue
		}
		got := problems[0]
		if got.Keyword != test.keyword || got.Limit != test.limit || got.Type != test.kind {
			t.Errorf("%s: got %+v, want %s %s of a %s", test.member, got, test.keyword, test.limit, test.kind)
		}
	}
}
