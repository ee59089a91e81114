package reports

import (
	"strings"
	"testing"
)

func drawn(p printedBody) string {
	var b strings.Builder
	for _, line := range p.Lines {
		b.WriteString(line.Text)
		if line.Rules != nil {
			b.WriteString("  <- " + strings.Join(line.Rules, ", "))
		}
		b.WriteString("\n")
	}
	for _, line := range p.Unplaced {
		b.WriteString("unplaced " + line.Text + "\n")
	}
	return b.String()
}

func TestBodyIsPrintedWithItsMarks(t *testing.T) {
	tests := []struct {
		name, body string
		marks      map[string][]string
		want       string
	}{
		{"members keep their order", `{"b":1,"a":[true,null,{}]}`, nil, "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    {\n    }\n  ]\n}\n"},
		{"numbers keep their digits", `[12345678901234567890,1.50,1e3]`, nil, "[\n  12345678901234567890,\n  1.50,\n  1e3\n]\n"},
		{"a mark", `{"a":{"b/c":1}}`, map[string][]string{"/a/b~1c": {"r/1", "r/2"}}, "{\n  \"a\": {\n    \"b/c\": 1  <- r/1, r/2\n  }\n}\n"},
		{"the whole", `{}`, map[string][]string{"": {"r"}}, "{  <- r\n}\n"},
		{"an element", `[1,2]`, map[string][]string{"/1": {"r"}}, "[\n  1,\n  2  <- r\n]\n"},
		{"a member that is not there", `{"a":{"b":1}}`, map[string][]string{"/a/c": {"r"}}, "{\n  \"a\": {\n    \"c\" is not there  <- r\n    \"b\": 1\n  }\n}\n"},
		{"a member of what is not there", `{"a":1}`, map[string][]string{"/x/y": {"r"}}, "{\n  \"a\": 1\n}\nunplaced /x/y\n"},
		{"no JSON", "<h1>\x1b</h1>\nx", map[string][]string{"/a": {"r"}}, "<h1>\\x1b</h1>\nx\nunplaced /a\n"},
		{"two documents", `{}{}`, nil, "{}{}\n"},
		{"cut short", `{"a":`, nil, "{\"a\":\n"},
		{"right to left", `{"\u202eb":"\u0000"}`, nil, "{\n  \"\\u202eb\": \"\\u0000\"\n}\n"},
		{"nested without end", strings.Repeat("[", 5000), nil, strings.Repeat("[", 5000) + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := drawn(printBody(tt.body, tt.marks)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestLongBodyIsCutButItsMarksStay(t *testing.T) {
	body := "[" + strings.Repeat(`"xxxxxxxxxxxxxxxxxxxx",`, 1000) + `"bad"]`
	p := printBody(body, map[string][]string{"/1000": {"r"}})
	if !p.Clipped {
		t.Fatal("it was not cut")
	}
	last := p.Lines[len(p.Lines)-1]
	if last.Text != `  "bad"` || last.Rules == nil {
		t.Errorf("the last line is %+v, want the marked one", last)
	}
	if empty := printBody(strings.Repeat("\n", 1<<20), nil); len(empty.Lines) > maxBodyRunes+1 {
		t.Errorf("%d empty lines are kept", len(empty.Lines))
	}
}

func FuzzBody(f *testing.F) {
	f.Add(`{"a":[1,{"b/c":null}],"a":"twice"}`, "/a/1/b~1c")
	f.Add("<h1>\x1b\u202e</h1>", "")
	f.Add("[[[[", "/0/0")
	f.Add("0", "###")
	f.Fuzz(func(t *testing.T, body, pointer string) {
		p := printBody(body, map[string][]string{pointer: {"r"}})
		shown := 0
		for _, line := range append(p.Lines, p.Unplaced...) {
			if visible(line.Text) != line.Text {
				t.Errorf("%q passes on what can act on a terminal", line.Text)
			}
			if line.Rules != nil {
				shown++
			}
		}
		if shown == 0 {
			t.Errorf("the mark on %q is not shown", pointer)
		}
	})
}
