package account

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
)

// The bounds of what a report shows of the responses. The endpoint decides how long its responses are, and a report that it
// makes too long could not be read again.
const (
	// maxShown is what a report shows of one body or one header, in bytes.
	maxShown = 64 << 10
	// maxShownSum is what it shows of all of them. If they are longer, each is cut to less.
	maxShownSum = 16 << 20
	// leastShown is what it shows of each in any case.
	leastShown = 512
)

// shownOfEach is how many bytes a report shows of each body and each header.
func shownOfEach(performances []*scenarios.Performance) int {
	var sizes []int
	for _, performance := range performances {
		for _, step := range scenarios.Steps(performance.Script) {
			if r := step.Exchange.Response; r != nil {
				sizes = append(sizes, written(r.Body), headerSize(r.Header))
			}
		}
	}
	limit := maxShown
	for ; limit > leastShown; limit /= 2 {
		sum := 0
		for _, size := range sizes {
			sum += min(size, limit)
		}
		if sum <= maxShownSum {
			break
		}
	}
	return limit
}

// written is about how long JSON writes a text: a control character takes six bytes.
func written(text []byte) int {
	size := len(text)
	for _, b := range text {
		if b < 0x20 {
			size += 5
		}
	}
	return size
}

func headerSize(header http.Header) int {
	size := 0
	for name, values := range header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// shownBody is the beginning of a body, and how many bytes of it are left out.
func shownBody(body []byte, limit int) (text string, more int) {
	if written(body) <= limit {
		return string(body), 0
	}
	end := min(len(body), limit)
	for written(body[:end]) > limit {
		end /= 2
	}
	for end > 0 && end < len(body) && !utf8.RuneStart(body[end]) {
		end--
	}
	return string(body[:end]), len(body) - end
}

// shownHeader is a header with its values, the longest cut where all are longer than the limit.
func shownHeader(header http.Header, limit int) http.Header {
	if headerSize(header) <= limit {
		return header
	}
	shown := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			limit -= len(name)
			if limit <= 0 {
				shown.Add("…", "the header is longer and cut here")
				return shown
			}
			kept := value[:min(len(value), limit)]
			limit -= len(kept)
			if more := len(value) - len(kept); more > 0 {
				kept = fmt.Sprintf("%s… and %d more bytes", strings.ToValidUTF8(kept, ""), more)
			}
			shown.Add(name, kept)
		}
	}
	return shown
}

// Cut says how many responses the plays of a report show by their beginning only, "" if they show all.
func Cut(plays []reports.Play) string {
	count, shortest := 0, maxShown
	for i := range plays {
		for j := range plays[i].Steps {
			if step := &plays[i].Steps[j]; step.ResponseMore > 0 {
				count++
				shortest = min(shortest, len(step.ResponseBody))
			}
		}
	}
	if count == 0 {
		return ""
	}
	responses := "responses are longer than reports show, which have the beginning of each"
	if count == 1 {
		responses = "response is longer than reports show, which have its beginning"
	}
	return fmt.Sprintf("%d %s (%d bytes or more) and say how much is left out", count, responses, shortest)
}
