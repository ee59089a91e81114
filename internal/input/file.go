package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ReadFile reads a file of at most so many bytes. The limit applies to what is read, not to the size that the file system
// reports, so that a device or a pipe is bounded too. The error is without the path, which the caller names.
func ReadFile(path string, most int64) ([]byte, error) {
	file, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, WithoutPath(err)
	case info.Mode().IsRegular() && info.Size() > most:
		return nil, fmt.Errorf("it has %d bytes, more than the %d that such a file may have", info.Size(), most)
	}
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, WithoutPath(err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("it has more than the %d bytes that such a file may have", most)
	}
	return text, nil
}

// Open opens a file for a reader that bounds by itself what it reads. The error is without the path, which the caller names.
func Open(path string) (*os.File, error) {
	file, err := os.Open(path) // #nosec G304 -- the user names the file
	if err != nil {
		return nil, WithoutPath(err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close() // nothing was read
		return nil, errors.New("it is a directory")
	}
	return file, nil
}

// WithoutPath drops the operation and the path that package os puts before its errors.
func WithoutPath(err error) error {
	var failed *os.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// WithoutMark drops the byte order mark that some editors put at the start of a text in UTF-8.
func WithoutMark(text []byte) []byte {
	return bytes.TrimPrefix(text, []byte("\uFEFF"))
}

// Within is the path of a file that is named in a folder; an absolute path, or none, stays as it is.
func Within(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
