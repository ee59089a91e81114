package reports

import (
	"fmt"
	"html/template"
	"io"
	"unicode/utf8"
)

// WriteBadge writes a small SVG that says what the report says, for a README.
func WriteBadge(w io.Writer, r *Report) error {
	left := "kvconform"
	if r.APIVersion != "" {
		left += " " + clip(oneLine(r.APIVersion), 24)
	}
	right, color := r.badge()
	leftWidth, rightWidth := badgeWidth(left), badgeWidth(right)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="22" role="img" aria-label="%[4]s: %[5]s">
<title>%[4]s: %[5]s</title>
<clipPath id="c"><rect width="%[1]d" height="22" rx="5"/></clipPath>
<g clip-path="url(#c)"><rect width="%[2]d" height="22" fill="#3b4148"/><rect x="%[2]d" width="%[3]d" height="22" fill="%[6]s"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="%[7]d" y="15" textLength="%[8]d">%[4]s</text><text x="%[9]d" y="15" textLength="%[10]d">%[5]s</text></g>
</svg>
`, leftWidth+rightWidth, leftWidth, rightWidth, template.HTMLEscapeString(left), template.HTMLEscapeString(right), color,
		leftWidth/2, leftWidth-badgePadding, leftWidth+rightWidth/2, rightWidth-badgePadding)
	if err != nil {
		return fmt.Errorf("writing the badge: %w", err)
	}
	return nil
}

// badge is the word and its colour; white on each has a contrast of at least 4.5.
func (r *Report) badge() (word, color string) {
	const good, middling, bad, unknown = "#1b7a3d", "#8f5a00", "#c4262e", "#5b6470"
	c := r.count()
	switch ExitCode(r) {
	case ExitHeld:
		if Verify(r, nil).Standing == Conformant {
			return fmt.Sprintf("conformant %d/%d", c.Pass, c.Rules), good
		}
		return fmt.Sprintf("partial %d/%d", c.Pass, c.Rules), middling
	case ExitFailed:
		return fmt.Sprintf("failed %d/%d", len(r.where(r.Failing)), c.Rules), bad
	case ExitInternal:
		return "kvconform at fault", unknown
	}
	return "incomplete", unknown
}

const badgePadding = 14

// badgeWidth is about what the text takes up at 11 px; textLength makes it exact whatever the font.
func badgeWidth(s string) int { return utf8.RuneCountInString(s)*7 + badgePadding }
