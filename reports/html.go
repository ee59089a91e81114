package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's files
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

var (
	//go:embed page/report.tmpl
	pageTemplate string
	//go:embed page/report.css
	pageStyle string
	//go:embed page/report.js
	pageScript string
)

// WriteHTML writes one self-contained page: it loads nothing, and its own style and script are the only ones that its content policy lets run. It works
// without the script, less comfortably. A page stays under 5 MB: bodies beyond that are left out, those of failed rules last.
func WriteHTML(w io.Writer, r *Report) error {
	tmpl, err := template.New("report").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("writing the HTML report: %w", err)
	}
	var b bytes.Buffer
	p, messages := newPage(r)
	if err := tmpl.Execute(&b, p); err != nil {
		return fmt.Errorf("writing the HTML report: %w", err)
	}
	if err := messages.write(w, tmpl, b.Bytes()); err != nil {
		return fmt.Errorf("writing the HTML report: %w", err)
	}
	return nil
}

// policy allows the page its own style and script and nothing else.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", source(pageStyle), source(pageScript))
}

func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
