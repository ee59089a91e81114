package reports

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteBadge writes a small SVG that says what the report says, for a README.
func WriteBadge(w io.Writer, r *Report) error {
	left := "kvconform"
	if r.APIVersion != "" {
		left += " " + clip(oneLine(r.versioned()), 40)
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

// badge is the word and its colour; white on each has a contrast of at least 4.5. It is green if everything that was claimed
// held. "conformant" is the word of a statement, which names its product; a gate says how many rules pass.
func (r *Report) badge() (word, color string) {
	const good, middling, bad, unknown = "#1b7a3d", "#8f5a00", "#c4262e", "#5b6470"
	c := r.count()
	switch ExitCode(r) {
	case ExitHeld:
		if r.Target.Product != "" && Verify(r, VerifyOptions{}).Standing == Conformant {
			return strings.TrimSpace("conformant " + clip(oneLine(r.Target.Profile), 24)), good
		}
		return r.badgeHeld(c, good, middling)
	case ExitFailed:
		return plural(len(r.where(r.Failing)), "failure") + " of " + fmt.Sprint(c.Rules), bad
	case ExitInternal:
		return "internal error", unknown
	}
	return "incomplete", unknown
}

// badgeHeld counts the passes of a run in which nothing failed, and whatever makes that less than everything.
func (r *Report) badgeHeld(c Counts, good, middling string) (word, color string) {
	parts := []string{fmt.Sprintf("%d pass", c.Pass)}
	color = good
	for _, v := range []Verdict{KnownFail, Warn, NotReached} {
		if n := c.Of(v); n > 0 {
			parts, color = append(parts, fmt.Sprintf("%d %s", n, v)), middling
		}
	}
	return strings.Join(parts, ", "), color
}

const badgePadding = 14

// badgeWidth is about what the text takes up at 11 px; textLength makes it exact whatever the font.
func badgeWidth(s string) int { return utf8.RuneCountInString(s)*7 + badgePadding }
