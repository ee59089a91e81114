package prove

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// FoundShare is the share of the faults that are found, of those that the client gets to see in their groups.
func (r *Reach) FoundShare() float64 {
	return float64(r.Found) / float64(max(r.Planted-r.Apart-r.Hidden-r.Unreadable, 1))
}

// worstGroups is how many of the groups that keep most from being judged are listed.
const worstGroups = 20

// WriteText writes the measure for a reader.
func (r *Reach) WriteText(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d at once, seed %d: of the %d rules that hold on the vault as it is, not judged with the faults planted\n",
		r.Together, r.Seed, r.Rules)
	fmt.Fprintf(&text, "  median %s   90th percentile %s   95th %s   most %s   (%d groups)\n\n",
		percent(r.Median), percent(r.P90), percent(r.P95), percent(r.Max), len(r.Groups))
	worst := slices.Clone(r.Groups)
	slices.SortStableFunc(worst, func(a, b ReachGroup) int { return cmp.Compare(b.Share, a.Share) })
	text.WriteString("The worst\n")
	for _, group := range worst[:min(worstGroups, len(worst))] {
		fmt.Fprintf(&text, "  %6s  %s\n", percent(group.Share), strings.Join(group.Faults, ", "))
	}
	fmt.Fprintf(&text, "\n%d of %d faults found (%s of those that can be seen); %d of the found only by rules that fail by another as well\n",
		r.Found, r.Planted, percent(r.FoundShare()), r.Shared)
	r.writeCauses(&text)
	for _, kind := range []struct {
		kind MaskKind
		text string
	}{
		{Unseen, "Not found, though their responses arrived"},
		{Unsent, "Not found, because no request that they act on was sent"},
		{Unreadable, "Cannot be seen: another made each of their responses something other than JSON"},
		{Hidden, "Cannot be seen: others write over their edits, and each response is the same without them"},
		{Apart, "Cannot stand together: another replaced each of their responses"},
	} {
		r.writeMasked(&text, kind.kind, kind.text)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (r *Reach) writeMasked(text *strings.Builder, kind MaskKind, title string) {
	var lines []string
	for _, group := range r.Groups {
		for _, masked := range group.Masked {
			if masked.Kind != kind {
				continue
			}
			by := "by several together"
			if len(masked.By) > 0 {
				by = "by " + strings.Join(masked.By, ", ")
			}
			lines = append(lines, fmt.Sprintf("  %s  %s\n", masked.ID, by))
		}
	}
	if len(lines) == 0 {
		return
	}
	slices.Sort(lines)
	fmt.Fprintf(text, "\n%s (%d)\n%s", title, len(lines), strings.Join(lines, ""))
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }
