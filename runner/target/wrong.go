package target

import (
	"errors"
	"fmt"

	"github.com/kvconform/kvconform/internal/input"
)

// wrongValue is what is wrong with one value of a target, wherever it came from.
type wrongValue struct {
	pointer string
	// what names the value where there is no place to name; it may be "".
	what, message string
}

// Error is the message with what it is about.
func (w *wrongValue) Error() string {
	if w.what == "" {
		return w.message
	}
	return w.what + ": " + w.message
}

func wrong(pointer, format string, values ...any) error {
	return &wrongValue{pointer: pointer, message: fmt.Sprintf(format, values...)}
}

func wrongAbout(pointer, what, format string, values ...any) error {
	return &wrongValue{pointer: pointer, what: what, message: fmt.Sprintf(format, values...)}
}

// Located makes a mistake in usage of a wrong value, with its place where it came from a file.
func (t Target) Located(err error) error {
	var value *wrongValue
	if !errors.As(err, &value) {
		return err
	}
	if t.places.Know(value.pointer) {
		return input.Usagef("%s: %s", t.places.At(value.pointer), value.message)
	}
	return input.Usagef("%s", value)
}
