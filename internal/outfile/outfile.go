// Package outfile writes the files that a command line asks for without ever costing the file that is there. A file is
// first prepared, which shows whether it can be written and changes nothing, and is written when its text is complete:
//
//	file, err := outfile.Prepare("report.json") // before the run: a path that cannot be written ends it here
//	...
//	err = file.Write(func(w io.Writer) error { return json.NewEncoder(w).Encode(report) })
//
// A regular file is written beside and renamed, so that a reader finds the old text or the new one, never half of it. A
// symbolic link stays and the file that it leads to is replaced. Devices and FIFOs are written as they are.
package outfile

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Error reports a file, or a stream, that could not be written.
type Error struct {
	Name string
	Err  error
}

// Error is one line.
func (e *Error) Error() string { return fmt.Sprintf("%s cannot be written: %v", e.Name, reason(e.Err)) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// reason leaves out the path of a temporary file, which says nothing to a reader.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// File is a file that can be written.
type File struct {
	path    string // as the user named it
	real    string // with links resolved
	inPlace bool   // not replaced: a device, a FIFO, an open stream, or a file in a folder that takes no new ones
	perm    fs.FileMode
}

// Prepare returns the file at path if it can be written. Folders that are missing are made when the file is written.
func Prepare(path string) (*File, error) {
	f := &File{path: path, real: path, perm: 0o666}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil, &Error{path, errors.New("it is a folder")}
	case err == nil && info.Mode().IsRegular() && !isStream(path):
		f.perm = info.Mode().Perm()
		if f.real, err = filepath.EvalSymlinks(path); err != nil {
			return nil, &Error{path, err}
		}
	case err == nil:
		f.inPlace = true
		if info.Mode()&fs.ModeNamedPipe != 0 {
			return f, nil // opening it waits for its reader
		}
		return f, f.probe()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, &Error{path, err}
	case isLink(path): // to a file that is not there yet
		f.inPlace = true
		return f, nil
	}
	return f, f.probe()
}

// PrepareSecret is like Prepare for a file that only its owner may read, whatever it was before.
func PrepareSecret(path string) (*File, error) {
	f, err := Prepare(path)
	if err == nil {
		f.perm = 0o600
	}
	return f, err
}

// Path is the path as it was given.
func (f *File) Path() string { return f.path }

// Replaces reports whether Write replaces the file, so that it may be written again; a pipe, a device or a stream gets its
// text once.
func (f *File) Replaces() bool { return !f.inPlace }

// isStream reports whether a path names a stream that is open already: to rename over its file would part the two.
func isStream(path string) bool {
	absolute, err := filepath.Abs(path)
	return err == nil && (strings.HasPrefix(absolute, "/dev/") || strings.HasPrefix(absolute, "/proc/"))
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// probe tries what Write will do, and leaves no trace of it.
func (f *File) probe() error {
	if !f.inPlace {
		made, err := makeFolders(filepath.Dir(f.real))
		if err == nil {
			err = f.createBeside(nil, os.Remove)
		}
		for _, folder := range made {
			_ = os.Remove(folder) // empty, and made a moment ago
		}
		if err == nil {
			return nil
		}
		if _, missing := os.Stat(f.real); missing != nil {
			return &Error{f.path, err}
		}
		f.inPlace = true
	}
	file, err := os.OpenFile(f.real, os.O_WRONLY, 0)
	if err != nil {
		return &Error{f.path, err}
	}
	_ = file.Close() // nothing was written
	return nil
}

// makeFolders makes a folder and those above it, and returns those that were missing, the innermost first.
func makeFolders(folder string) ([]string, error) {
	var missing []string
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	return missing, os.MkdirAll(folder, 0o755)
}

// Write writes the file: an error of write changes nothing. It may call write again.
func (f *File) Write(write func(io.Writer) error) error {
	if !f.inPlace {
		if _, err := makeFolders(filepath.Dir(f.real)); err != nil {
			return &Error{f.path, err}
		}
		var refused *os.LinkError
		err := f.createBeside(write, func(name string) error { return os.Rename(name, f.real) })
		if err == nil {
			return nil
		}
		if !errors.As(err, &refused) {
			return &Error{f.path, err}
		}
		// A file that is a mount of its own cannot be replaced, only written.
	}
	var text bytes.Buffer // complete before the file is touched
	if err := write(&text); err != nil {
		return &Error{f.path, err}
	}
	if err := f.overwrite(text.Bytes()); err != nil {
		return &Error{f.path, err}
	}
	return nil
}

// createBeside has write write a temporary file beside the file, if there is a write, and hands its name to finish. It is
// gone in any case.
func (f *File) createBeside(write func(io.Writer) error, finish func(name string) error) error {
	name := filepath.Join(filepath.Dir(f.real), "."+filepath.Base(f.real)+"."+rand.Text()[:8]+".tmp")
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.perm)
	if err != nil {
		return err
	}
	if write != nil {
		buffered := bufio.NewWriterSize(file, 1<<16)
		if err = write(buffered); err == nil {
			err = buffered.Flush()
		}
	}
	if err == nil && f.perm != 0o666 {
		err = file.Chmod(f.perm) // whatever the umask takes from new files
	}
	if err == nil && write != nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = finish(name)
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}

func (f *File) overwrite(text []byte) error {
	file, err := os.OpenFile(f.real, os.O_WRONLY|os.O_CREATE, f.perm)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() && !isStream(f.path) {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.Write(text)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// Same reports whether two paths name one file, so that what is written to one overwrites the other. Terminals and other
// character devices take any number of writers.
func Same(one, other string) bool {
	if info, err := os.Stat(one); err == nil {
		if info.Mode()&fs.ModeCharDevice != 0 {
			return false
		}
		second, err := os.Stat(other)
		return err == nil && os.SameFile(info, second)
	}
	return place(one) == place(other)
}

// place is the absolute path of a file that is not there yet, with the links of its folders resolved as far as they are.
func place(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	folder, name := filepath.Split(absolute)
	if resolved, err := filepath.EvalSymlinks(filepath.Clean(folder)); err == nil {
		folder = resolved
	}
	return filepath.Join(folder, name)
}
