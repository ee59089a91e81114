package reports

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// withoutRun leaves out of a text what another run has otherwise, so that a cause has one title: ids, and the marks of
// the run in names.
func withoutRun(text string) string {
	text = regexp.MustCompile(`-[0-9a-f]{12}-`).ReplaceAllString(text, "-…-")
	text = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`).ReplaceAllString(text, "…")
	text = regexp.MustCompile(`("[A-Za-z0-9+/_-]{16})[A-Za-z0-9+/_=-]{24,}…?"`).ReplaceAllString(text, `$1…"`) // a certificate, a csr
	text = regexp.MustCompile(` of \d{4}-\d\d-\d\dT[\d:]+Z`).ReplaceAllString(text, "")
	return regexp.MustCompile(`([?&]\$?skiptoken=)[^&\s"]+`).ReplaceAllString(text, "$1…")
}

// title says in one line what is wrong.
func (e *evidence) title() string {
	got, _, _ := strings.Cut(e.got, " (and ") // a rule of every response counts the others there
	if e.step == nil {
		return cmp.Or(clip(oneLine(got), 120), e.rule.ID)
	}
	if e.aspect != "status" && e.aspect != "refusal" {
		if _, member := e.thing(); e.historical() && member != "" && isValue(got) {
			got = member + " " + got
		}
		if e.want == "" {
			got = itself(got)
		}
		title := clip(e.step.Operation+": "+oneLine(withoutRun(got)), 120)
		if e.want != "" && (e.member == "" || !e.wantsStatuses()) { // the status is not what is wrong
			member, _, _ := strings.Cut(got, " is ")
			if of, ok := strings.CutPrefix(e.want, member+" "); ok {
				title += ", want it " + withoutRun(of)
			} else {
				title += ", want " + withoutRun(e.want)
			}
		}
		if e.sender != "" {
			title += " (" + e.sender + " sent it)"
		}
		return title
	}
	title := strings.Replace(e.step.returned(), " returns ", e.asked()+" returns ", 1)
	if e.changedBy() != "" {
		title += " " + e.context
	}
	if e.want != "" && !e.legal {
		title += ", want " + withoutRun(e.want)
	}
	return title
}

// itself says of a list what is wrong with it in words that need no want beside them, which would name an item of one run.
func itself(got string) string {
	for _, told := range [][2]string{
		{"a list without it", "a list without an item that is there"},
		{"a list with it twice", "a list with an item twice"},
		{"a list with it", "a list with an item that does not belong in it"},
	} {
		if rest, ok := strings.CutPrefix(got, told[0]); ok {
			return told[1] + rest
		}
	}
	return got
}

// wantsStatuses reports whether the rule accepts responses by their status.
func (e *evidence) wantsStatuses() bool {
	return slices.ContainsFunc(e.rule.Accepts.all(), func(text string) bool { return text != "" && text[0] >= '2' && text[0] <= '5' })
}

// isValue reports whether a rule of histories says what came by its value alone.
func isValue(got string) bool {
	value, _, _ := strings.Cut(got, ", after ")
	return !strings.Contains(value, " ")
}

// asked says what the request was about where the operation and its status do not tell.
func (e *evidence) asked() string {
	switch key := e.key(); {
	case key == "names/case":
		return " for a name in another case"
	case strings.HasPrefix(key, "authentication/"):
		return " without a valid token"
	case strings.HasPrefix(key, "api-version/"):
		return " without a valid api-version"
	case strings.HasSuffix(key, "/refusal/2xx/request_id"):
		return " for another request_id"
	}
	return ""
}

// changedBy is the operation that brought about what a GET shows: it is as likely to be at fault.
func (e *evidence) changedBy() string {
	if e.step.Method != http.MethodGet || !e.aboutStatus() && !e.aboutState() && e.aspect != "identity" {
		return ""
	}
	if key := e.key(); e.aboutStatus() && !strings.HasSuffix(key, "/"+e.context) {
		return ""
	}
	return strings.TrimPrefix(e.context, "after ")
}

// returned says what an operation returned: the status, and the code of a refusal.
func (s *Step) returned() string {
	return strings.TrimSpace(s.Operation + " returns " + strconv.Itoa(s.Status) + " " + oneLine(s.code()))
}
