package reports_test

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
	"github.com/kvconform/kvconform/reports"
)

func written(t testing.TB, r *reports.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSONComesBackAsItWas(t *testing.T) {
	first := bytes.ReplaceAll(written(t, sample()), []byte(`\ufffd`), []byte("\ufffd")) // bytes that are no UTF-8 are replaced once, for good
	back, err := reports.ReadJSON(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if second := written(t, back); !bytes.Equal(first, second) {
		t.Error("read and written again it differs")
	}
	want := green()
	back, err = reports.ReadJSON(bytes.NewReader(append([]byte("\ufeff"), written(t, want)...)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, want) {
		t.Errorf("read back: %+v\nwant: %+v", back, want)
	}
}

// The tests of the page in a browser, a module of their own, read these files.
func TestJSONGolden(t *testing.T) {
	golden.Compare(t, "testdata/green.json", written(t, green()))
	golden.Compare(t, "testdata/sample.json", written(t, sample()))
}

func TestReadJSONRefusesWhatIsNoReport(t *testing.T) {
	whole := string(written(t, sample()))
	tests := []struct{ name, in, want string }{
		{"empty", " \n", "is empty"},
		{"cut short", whole[:len(whole)/2], "cut short"},
		{"not JSON", "<testsuites/>", "not a report of kvconform: invalid character"},
		{"another JSON", `{"runs":[]}`, "has no format"},
		{"a list", `[]`, "not a report of kvconform"},
		{"null", `null`, "has no format"},
		{"another format", `{"format":"sarif/2"}`, `its format is "sarif/2"`},
		{"a newer version", strings.Replace(whole, "report/1", "report/2", 1), "or a newer one"},
		{"two reports", whole + whole, "something follows"},
		{"an unknown member", strings.Replace(whole, `"tool"`, `"colour": 1, "tool"`, 1), `unknown field "colour"`},
		{"an unknown verdict", strings.Replace(whole, `"verdict": "warn"`, `"verdict": "meh"`, 1), `unknown verdict "meh"`},
		{"an unknown level", strings.Replace(whole, `"level": "should"`, `"level": "shall"`, 1), `unknown level "shall"`},
		{"a wrong type", strings.Replace(whole, `"apiVersion": "7.4"`, `"apiVersion": 7`, 1), "apiVersion"},
		{"a negative duration", strings.Replace(whole, `"took": 4200`, `"took": -1`, 1), "out of range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in == whole {
				t.Fatal("the input was not changed")
			}
			_, err := reports.ReadJSON(strings.NewReader(tt.in))
			if err == nil {
				t.Fatal("it was read")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, tt.want)
			}
		})
	}
}

func TestReadJSONIsBounded(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"format":"`), blanks{})
	if _, err := reports.ReadJSON(endless); err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") {
		t.Errorf("error %v, want a bound", err)
	}
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func FuzzReadJSON(f *testing.F) {
	whole := written(f, green())
	f.Add(whole)
	f.Add(whole[:len(whole)-20])
	f.Add([]byte(`{"format":"kvconform.report/1","scenarios":[{"rules":[{"level":"must","verdict":"known"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := reports.ReadJSON(bytes.NewReader(data))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("the error is not one clean line: %q", err)
			}
			return
		}
		drawn := writers()
		delete(drawn, "html") // parsing its template takes longer than all else; what it makes of bodies has a fuzz test of its own
		for name, write := range drawn {
			if err := write(io.Discard, r); err != nil {
				t.Errorf("%s cannot draw what ReadJSON took: %v", name, err)
			}
		}
	})
}
