package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// JSONLine decodes one line that is one JSON value with known members.
func JSONLine(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return errors.New("ends in the middle")
		}
		return fmt.Errorf("cannot be read: %s", PlainJSON(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

// PlainJSON is an error of the JSON decoder in words for the reader of a file, in one line.
func PlainJSON(err error) string {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && mismatch.Field != "" { // its own text names a type of ours
		return fmt.Sprintf("%s: got a %s, want a %s", mismatch.Field, mismatch.Value, mismatch.Type.Kind())
	}
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "json: ")), " ")
}
