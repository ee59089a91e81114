package input

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsReadUpToItsLimit(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("12345678"), 0o600); err != nil {
		t.Fatal(err)
	}
	endless := filepath.Join(folder, "endless")
	if err := os.Symlink("/dev/zero", endless); err != nil {
		t.Skip(err)
	}
	for _, test := range []struct {
		name, path string
		most       int64
		want       string // the error, "" for none
	}{
		{"as long as it may be", file, 8, ""},
		{"too long", file, 7, "it has 8 bytes, more than the 7 that such a file may have"},
		{"a device without an end", endless, 7, "it has more than the 7 bytes that such a file may have"},
		{"a folder", folder, 8, "it is a directory"},
		{"nothing", filepath.Join(folder, "gone"), 8, "no such file or directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := ReadFile(test.path, test.most)
			if test.want == "" {
				if err != nil || string(text) != "12345678" {
					t.Errorf("got %q, %v", text, err)
				}
				return
			}
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestTheNearestNameIsSuggested(t *testing.T) {
	known := []string{"import", "merge"}
	if got := Suggest("importt", known); got != "; did you mean import?" {
		t.Errorf("got %q", got)
	}
	if got := Suggest("cancel", []string{"cancel-in-progress", "import", "read-cancelled-or-failed"}); got != "; did you mean cancel-in-progress or read-cancelled-or-failed?" {
		t.Errorf("got %q", got)
	}
	if got := Suggest("zzzzzzzzzz", known); strings.Contains(got, "did you mean") {
		t.Errorf("nothing is near, got %q", got)
	}
}
