// Package input reads what people hand over: files, names, settings, and the commands that they name. Whatever is wrong
// with them is one kind of error, a *Usage of one line that names the thing and what to do about it, and no input makes
// the program read without bound.
package input

import "fmt"

// Usage is an error in what the user asked for: flags, files, names. Nothing was sent.
type Usage struct{ Message string }

// Error is one clear line.
func (u *Usage) Error() string { return u.Message }

// Usagef returns a *Usage with a formatted message.
func Usagef(format string, values ...any) error {
	return &Usage{Message: fmt.Sprintf(format, values...)}
}
