package runner

import "strings"

// plainJSON is an error of the JSON decoder in words for the reader of a file.
func plainJSON(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }
