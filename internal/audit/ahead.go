package audit

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/kvconform/kvconform/internal/recorded"
)

// ahead is how many entries are read before they are judged. Reading a recording takes about as long as judging it, so both
// are done at once.
const ahead = 32

// readAhead gives take the entries of a recording in their order while the next ones are read.
func readAhead(ctx context.Context, text io.Reader, take func(recorded.Entry)) error {
	entries := make(chan recorded.Entry, ahead)
	var reading errgroup.Group
	reading.Go(func() error {
		defer close(entries)
		_, err := recorded.Read(ctx, text, func(entry recorded.Entry) { entries <- entry })
		return err //nolint:wrapcheck // the caller knows the file
	})
	for entry := range entries {
		take(entry)
	}
	return reading.Wait() //nolint:wrapcheck // the same
}
