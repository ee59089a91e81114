package main

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/kvconform/kvconform/internal/outfile"
)

// stream is the standard output of a command. A reader that has enough and goes away, as head does, is no error: the
// command goes on to its end and its exit code. Any other failure is kept, so that no command need look at each line.
type stream struct {
	io.Writer
	closed bool
	err    error
}

// Write fails with an *outfile.Error.
func (s *stream) Write(p []byte) (int, error) {
	if s.closed {
		return len(p), nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.Writer.Write(p)
	switch {
	case errors.Is(err, syscall.EPIPE):
		s.closed = true
		return len(p), nil
	case err != nil:
		s.err = &outfile.Error{Name: "the standard output", Err: err}
	}
	return n, s.err
}

// fileOf is the file behind a stream, if there is one.
func fileOf(w io.Writer) (*os.File, bool) {
	if s, ok := w.(*stream); ok {
		w = s.Writer
	}
	file, ok := w.(*os.File)
	return file, ok
}
