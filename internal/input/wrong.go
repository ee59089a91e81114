package input

import "fmt"

// WrongValue is what is wrong with one value, wherever it came from. Whoever knows the file makes a *Usage of it.
type WrongValue struct {
	// Pointer is the JSON pointer of the value in its file.
	Pointer string
	// What names the value where there is no place to name; it may be "".
	What, Message string
}

// Error is the message with what it is about.
func (w *WrongValue) Error() string {
	if w.What == "" {
		return w.Message
	}
	return w.What + ": " + w.Message
}

// Wrong returns a *WrongValue whose message says by itself what it is about.
func Wrong(pointer, format string, values ...any) error {
	return &WrongValue{Pointer: pointer, Message: fmt.Sprintf(format, values...)}
}

// WrongAbout returns a *WrongValue that is named where there is no place to name.
func WrongAbout(pointer, what, format string, values ...any) error {
	return &WrongValue{Pointer: pointer, What: what, Message: fmt.Sprintf(format, values...)}
}
