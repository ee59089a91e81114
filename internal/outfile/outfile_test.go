//go:build unix

package outfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/kvconform/kvconform/internal/outfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func read(t *testing.T, path string) string {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func existing(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestPreparingChangesNothing(t *testing.T) {
	folder := t.TempDir()
	old := existing(t, filepath.Join(folder, "old.json"), "old")
	for _, path := range []string{old, filepath.Join(folder, "new.json"), filepath.Join(folder, "a", "b", "new.json")} {
		if _, err := outfile.Prepare(path); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, folder); len(got) != 1 || read(t, old) != "old" {
		t.Errorf("the folder holds %v, the old file %q", got, read(t, old))
	}
}

func TestAFileIsReplacedAsAWhole(t *testing.T) {
	folder := t.TempDir()
	old := existing(t, filepath.Join(folder, "old.json"), "old and longer")
	file, err := outfile.Prepare(old)
	if err != nil {
		t.Fatal(err)
	}
	half := errors.New("half a report")
	err = file.Write(func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return half })
	if !errors.Is(err, half) || read(t, old) != "old and longer" {
		t.Errorf("got %v, and the file is %q", err, read(t, old))
	}
	if err := file.Write(text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(old)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, old) != "new" || info.Mode().Perm() != 0o640 || len(names(t, folder)) != 1 {
		t.Errorf("got %q with mode %v; the folder holds %v", read(t, old), info.Mode(), names(t, folder))
	}
}

func TestMissingFoldersAreMadeOnWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "new.json")
	file, err := outfile.Prepare(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Write(text("new")); err != nil || read(t, path) != "new" {
		t.Errorf("got %v", err)
	}
}

func TestALinkStaysAndItsFileIsReplaced(t *testing.T) {
	folder := t.TempDir()
	for name, target := range map[string]string{
		"to a file": existing(t, filepath.Join(folder, "real.json"), "old"),
		"dangling":  filepath.Join(folder, "later.json"),
	} {
		link := filepath.Join(folder, name)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		file, err := outfile.Prepare(link)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Write(text("new")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(link)
		if err != nil || info.Mode()&os.ModeSymlink == 0 || read(t, target) != "new" {
			t.Errorf("%s: the link is %v (%v), the file %q", name, info.Mode(), err, read(t, target))
		}
	}
}

func TestAFIFOIsWrittenAndStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := outfile.Prepare(path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		content, _ := os.ReadFile(path)
		got <- string(content)
	}()
	if err := file.Write(text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if content := <-got; content != "new" || err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("got %q, and the FIFO is %v (%v)", content, info.Mode(), err)
	}
}

func TestADeviceIsWrittenAndItsErrorIsReported(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	device := filepath.Join(t.TempDir(), "device") // a link, so that a defect cannot cost the device itself
	if err := os.Symlink("/dev/full", device); err != nil {
		t.Fatal(err)
	}
	file, err := outfile.Prepare(device)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Write(text("new"))
	var failed *outfile.Error
	if !errors.As(err, &failed) || !errors.Is(err, syscall.ENOSPC) ||
		err.Error() != device+" cannot be written: no space left on device" {
		t.Errorf("got %v", err)
	}
}

func TestAPathThatCannotBeWrittenIsSaidBeforeAnythingIs(t *testing.T) {
	folder := t.TempDir()
	file := existing(t, filepath.Join(folder, "file"), "")
	for path, want := range map[string]string{
		folder:                      folder + " cannot be written: it is a folder",
		filepath.Join(file, "x"):    filepath.Join(file, "x") + " cannot be written: not a directory",
		filepath.Join(file, "x/yz"): filepath.Join(file, "x/yz") + " cannot be written: not a directory",
	} {
		if _, err := outfile.Prepare(path); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestSamePathsAreSeenThroughLinksAndSpelling(t *testing.T) {
	folder := t.TempDir()
	there := existing(t, filepath.Join(folder, "there"), "")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		one, other string
		want       bool
	}{
		{there, filepath.Join(link, "there"), true},
		{filepath.Join(folder, "new"), filepath.Join(link, "new"), true},
		{filepath.Join(folder, "new"), folder + "/./new", true},
		{there, filepath.Join(folder, "new"), false},
		{filepath.Join(folder, "new"), there, false},
		{"/dev/null", "/dev/null", false},
	} {
		if got := outfile.Same(c.one, c.other); got != c.want {
			t.Errorf("Same(%s, %s) = %t", c.one, c.other, got)
		}
	}
}
