package reports

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Format names the version of the model as it is written to JSON. A reader refuses any other.
const Format = "kvconform.report/1"

// A Report is everything that a run has to say. Fill it, call [Report.Conclude], then draw it.
type Report struct {
	Format      string     `json:"format"`
	Tool        Tool       `json:"tool"`
	Target      Target     `json:"target"`
	APIVersion  string     `json:"apiVersion,omitempty"`
	Like        string     `json:"like,omitempty"` // the api-version whose rules were applied, where kvconform does not know APIVersion
	RuleSet     RuleSet    `json:"ruleSet,omitzero"`
	Document    *Document  `json:"openapi,omitempty"` // the OpenAPI document of the user that the responses were compared with
	Oracle      string     `json:"oracle,omitempty"`  // documented, observed or either
	Strict      bool       `json:"strict,omitempty"`
	MinJudged   int        `json:"minJudged,omitempty"` // the run is incomplete if fewer rules are judged
	Selection   Selection  `json:"selection"`
	Again       string     `json:"again,omitempty"` // the shell command that runs this again; with --rule ID it plays one rule
	Started     time.Time  `json:"started,omitzero"`
	Took        Duration   `json:"took"`
	Interrupted bool       `json:"interrupted,omitempty"`
	Faults      []string   `json:"faults,omitempty"`         // what kvconform itself did wrong, such as a request that breaks our own schema
	Unusable    string     `json:"unusable,omitempty"`       // why the endpoint could not be used, and nothing was played
	Unmet       []string   `json:"unmet,omitempty"`          // claims of the target file that the target did not keep
	Unknown     []Unknown  `json:"unknownMembers,omitempty"` // members of responses that no schema has, at an api-version that is not known
	Notes       []string   `json:"notes,omitempty"`          // what a reader must know before the list of failures
	Left        []string   `json:"left,omitempty"`           // what cleaning up could not remove
	Unread      []string   `json:"unread,omitempty"`         // what of a recording could not be read, and so was not judged
	Counts      Counts     `json:"counts"`
	Conclusion  Conclusion `json:"outcome"`
	Causes      []Cause    `json:"causes,omitempty"` // what is wrong, the cause with the most rules first
	Scenarios   []Scenario `json:"scenarios"`
	Plays       []Play     `json:"plays"`
}

// RuleSet names the rules that hold at the api-version. Reports with equal digests hold a target to the same rules, and
// "conformant" has the same meaning in both.
type RuleSet struct {
	Name   string `json:"name"`   // the api-version
	Digest string `json:"digest"` // "sha256:" and 64 hexadecimal digits
	Rules  int    `json:"rules"`
}

// Document is an OpenAPI document of the user's.
type Document struct {
	Title   string   `json:"title,omitempty"`
	Version string   `json:"version,omitempty"`
	Digest  string   `json:"digest"`
	Notes   []string `json:"notes,omitempty"`  // what of it was not checked
	Beyond  []Beyond `json:"beyond,omitempty"` // what it adds to the api-version as kvconform knows it
}

// String is the title, the version and the digest, "" for no document.
func (d *Document) String() string {
	if d == nil {
		return ""
	}
	return strings.TrimSpace(d.Title + " " + d.Version + " " + d.Digest)
}

// Beyond is something that only the user's document has, with how often the run met it.
type Beyond struct {
	What  string   `json:"what"` // operation, parameter, status, header or member
	Name  string   `json:"name"`
	In    []string `json:"in,omitempty"` // as "GetCertificate 200"
	Asked int      `json:"asked"`        // exchanges that could have it
	Met   int      `json:"met"`          // exchanges that have it
}

// Requested tells what a client sends from what a vault returns.
func (b Beyond) Requested() bool {
	return len(b.In) == 0 || !slices.ContainsFunc(b.In, func(in string) bool { return !strings.HasSuffix(in, " request") })
}

// String is the name and the digest, "" for a report that names no set.
func (s RuleSet) String() string {
	if s.Digest == "" {
		return ""
	}
	return s.Name + " " + s.Digest
}

// short has as much of the digest as people compare; the JSON report and the statement have all of it.
func (s RuleSet) short() string {
	const shown = len("sha256:") + 12
	if len(s.Digest) <= shown {
		return s.String()
	}
	return s.Name + " " + s.Digest[:shown] + "…"
}

// Unknown is a member of responses that no schema has, with the first exchange that has it.
type Unknown struct {
	Member     string `json:"member"` // as policy.x509_props.sans.uris, [] for the items of a list
	Operations string `json:"operations"`
	Count      int    `json:"count"`
	Play       string `json:"play"`
	Step       string `json:"step"`
	Index      int    `json:"index,omitempty"`
}

// Tool is the kvconform that ran.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Commit  string `json:"commit,omitempty"`
}

// Target is the endpoint under test. Product to Profile are there for a conformance statement.
type Target struct {
	Name           string     `json:"name,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	IDBase         string     `json:"idBase,omitempty"` // the base URL that ids and links should have
	Product        string     `json:"product,omitempty"`
	ProductVersion string     `json:"productVersion,omitempty"`
	Contact        string     `json:"contact,omitempty"`
	Reproduce      string     `json:"reproduce,omitempty"` // the commands that give this report again
	Profile        string     `json:"profile,omitempty"`
	Connection     Connection `json:"connection,omitzero"`
	Claims         Claims     `json:"claims"`
}

// Connection is how the endpoint was reached, as far as another client has to be told to reach it.
type Connection struct {
	Dial     string `json:"dial,omitempty"`     // the HOST:PORT that was dialled instead of the endpoint's
	CA       string `json:"ca,omitempty"`       // the file of the certificates that were trusted
	Insecure bool   `json:"insecure,omitempty"` // any certificate was trusted
}

// Claims is what the owner of a target says of it.
type Claims struct {
	Without []string `json:"without,omitempty"` // features that the target does not offer
	// Requires are the features that the conformance profile demands; none if the target file names no profile.
	Requires []string `json:"requires,omitempty"`
}

// Selection is what the run was limited to; both empty means the whole catalogue.
type Selection struct {
	Scenarios []string `json:"scenarios,omitempty"`
	Rules     []string `json:"rules,omitempty"`
}

// Scenario is one documented situation with the verdict of each of its rules.
type Scenario struct {
	ID    string   `json:"id"`
	Title string   `json:"title,omitempty"`
	URL   string   `json:"url,omitempty"`
	Rules []Result `json:"rules"`
}

// Result is the verdict of one rule, with what a reader needs to agree or disagree with it.
type Result struct {
	ID        string   `json:"id"`
	Level     Level    `json:"level"`
	Statement string   `json:"statement"`
	Feature   string   `json:"feature,omitempty"`
	Verdict   Verdict  `json:"verdict"`
	As        []string `json:"as,omitempty"` // the sides with a source for the response: documented, observed; or inferred
	Accepts   Accepts  `json:"accepts,omitzero"`
	Sources   []Source `json:"sources,omitempty"`
	Expected  string   `json:"expected,omitempty"`
	Got       string   `json:"got,omitempty"`
	Reason    string   `json:"reason,omitempty"`   // the precondition that never held, or why the rule could not run
	Aspect    string   `json:"aspect,omitempty"`   // what of the response breaks the rule: status, header, body, ...
	Member    string   `json:"member,omitempty"`   // JSON pointer (RFC 6901) of the offending member
	Header    string   `json:"header,omitempty"`   // the offending header
	Breaches  []Breach `json:"breaches,omitempty"` // the distinct ways in which returns break it, if there are several
	Blocker   *Blocker `json:"blocker,omitempty"`  // the response that kept the rule from being judged
	After     string   `json:"after,omitempty"`    // the coarser rule on the same fact, which failed, so that this one was not judged
	Known     *Known   `json:"known,omitempty"`
	Play      string   `json:"play,omitempty"`
	Step      string   `json:"step,omitempty"`
	Index     int      `json:"index,omitempty"` // which exchange of a step that has several
	Panic     bool     `json:"panic,omitempty"`
}

// Place says where an exchange stands: the play, its step, and which exchange of a step that has several.
type Place struct {
	Play, Step string
	Index      int
}

// Breach is one way in which returns break a rule, with the first response that does and how many there are.
type Breach struct {
	Play   string `json:"play,omitempty"`
	Step   string `json:"step,omitempty"`
	Index  int    `json:"index,omitempty"`
	Aspect string `json:"aspect"`
	Member string `json:"member,omitempty"`
	Header string `json:"header,omitempty"`
	Got    string `json:"got,omitempty"`
	Count  int    `json:"count"`
}

// Blocker is the response that kept a rule from being judged, and what the rule needed of it.
type Blocker struct {
	Play  string `json:"play,omitempty"`
	Step  string `json:"step,omitempty"`
	Index int    `json:"index,omitempty"`
	Want  string `json:"want,omitempty"`
}

// Accepts lists the responses that a rule accepts, by the side that has a source for them. Those that are inferred have
// none, and every oracle accepts them.
type Accepts struct {
	Documented []string `json:"documented,omitempty"`
	Observed   []string `json:"observed,omitempty"`
	Inferred   []string `json:"inferred,omitempty"`
}

// side returns the responses of one side.
func (a Accepts) side(oracle string) []string {
	return map[string][]string{"documented": a.Documented, "observed": a.Observed, "inferred": a.Inferred}[oracle]
}

// Source is where a rule comes from.
type Source struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// Known is the baseline's entry for a rule.
type Known struct {
	Reason  string  `json:"reason,omitempty"`
	Link    string  `json:"link,omitempty"`
	Expires string  `json:"expires,omitempty"` // a date, 2006-01-02
	File    string  `json:"file,omitempty"`    // the baseline file, as it was named to the run
	Line    int     `json:"line,omitempty"`    // of the baseline file
	Was     Verdict `json:"was,omitempty"`     // the verdict that the rule has without the baseline
}

// Play is a fixed sequence of requests as it went.
type Play struct {
	Name     string    `json:"name"`
	Scenario string    `json:"scenario,omitempty"`
	Error    string    `json:"error,omitempty"` // why it could not be played to its end
	Started  time.Time `json:"started,omitzero"`
	Took     Duration  `json:"took"`
	Steps    []Step    `json:"steps"`
}

// RecordedStep is the name of the steps of a play that is a recording: its name is that of the file, and the index of a
// step counts the entries of the file from 1.
const RecordedStep = "entry"

// Step is one exchange of a play: a request and what came back, redacted where it was captured.
type Step struct {
	Name           string      `json:"name"`
	Index          int         `json:"index,omitempty"`
	Operation      string      `json:"operation,omitempty"`
	Method         string      `json:"method"`
	URL            string      `json:"url"`
	Dialled        string      `json:"dialled,omitempty"`  // the URL that was dialled, if it is another
	OwnToken       string      `json:"ownToken,omitempty"` // the token of the play's own that was sent instead of the target's
	RequestHeader  http.Header `json:"requestHeader,omitempty"`
	RequestBody    string      `json:"requestBody,omitempty"`
	Status         int         `json:"status,omitempty"` // 0: no response
	ResponseHeader http.Header `json:"responseHeader,omitempty"`
	ResponseBody   string      `json:"responseBody,omitempty"`
	ResponseMore   int         `json:"responseMore,omitempty"` // how many bytes of the body are left out after its beginning
	Started        time.Time   `json:"started,omitzero"`
	Took           Duration    `json:"took"`             // from the first byte sent to the last received, of the last attempt
	Waited         Duration    `json:"waited,omitempty"` // before it was sent: polling, Retry-After
	Attempts       int         `json:"attempts,omitempty"`
	Failure        string      `json:"failure,omitempty"` // why no response
}

// Exchange finds the exchange on which a rule was judged.
func (r *Report) Exchange(res Result) (*Step, bool) { return r.exchangeAt(res.place()) }

func (r *Result) place() Place  { return Place{r.Play, r.Step, r.Index} }
func (b *Breach) place() Place  { return Place{b.Play, b.Step, b.Index} }
func (b *Blocker) place() Place { return Place{b.Play, b.Step, b.Index} }

func (r *Report) exchangeAt(at Place) (*Step, bool) {
	_, step := r.upTo(at)
	return step, step != nil
}

// upTo are the exchanges of a play before a place, and the one there; there are none where the report has no such place.
func (r *Report) upTo(at Place) (earlier []Step, step *Step) {
	if at.Play == "" || at.Step == "" {
		return nil, nil
	}
	for i := range r.Plays {
		if r.Plays[i].Name != at.Play {
			continue
		}
		steps := r.Plays[i].Steps
		for j := range steps {
			if steps[j].Name == at.Step && steps[j].Index == at.Index {
				return steps[:j], &steps[j]
			}
		}
	}
	return nil, nil
}
