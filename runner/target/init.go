package target

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kvconform/kvconform/internal/input"
)

//go:embed init.yaml
var commentedTarget []byte

// WriteFile writes a commented target file for its reader to fill in. A file that is there is kept unless told
// otherwise.
func WriteFile(path string, overwrite bool) error { return WriteText(path, commentedTarget, overwrite) }

// WriteCommented writes the same text to a writer.
func WriteCommented(w io.Writer) error {
	if _, err := w.Write(commentedTarget); err != nil {
		return fmt.Errorf("writing the commented target file: %w", err)
	}
	return nil
}

// WriteText writes a target file that somebody else has composed, likewise.
func WriteText(path string, text []byte, overwrite bool) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // #nosec G301 -- holds no secret
		return input.Usagef("%s cannot be written: %v", path, input.WithoutPath(err))
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if overwrite {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o644) // #nosec G302 G304 -- the user names it, and it holds no secret
	if errors.Is(err, fs.ErrExist) {
		return input.Usagef("%s is there already; name another with --out, or give --force to replace it", path)
	}
	if err == nil {
		_, err = file.Write(text)
		if closed := file.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return input.Usagef("%s cannot be written: %v", path, input.WithoutPath(err))
	}
	return nil
}
