package survey

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/runner/target"
	"github.com/kvconform/kvconform/schemas"
)

// TokenVariable is the environment variable that a proposed file takes a token from if the survey was given it on the
// command line: no file that kvconform proposes holds a token.
const TokenVariable = "KVCONFORM_TOKEN" //nolint:gosec // the name of a variable, no token

// Lines says in a few lines what was seen.
func (s *Survey) Lines() [][2]string {
	lines := [][2]string{{"endpoint", s.Target.Endpoint}, {"token", s.token()}}
	if s.WantsToken {
		return append(lines, [2]string{"not seen", "everything else: set " + TokenVariable + " or give --token-file, and run this again"})
	}
	lines = append(lines, [2]string{"api-version", s.versionsText()})
	switch {
	case s.IDBase != "":
		lines = append(lines, [2]string{"ids", "begin with " + s.IDBase + ", which is not the endpoint (idBase)"})
	case s.SawID:
		lines = append(lines, [2]string{"ids", "begin with the endpoint"})
	default:
		lines = append(lines, [2]string{"ids", "not seen, since the vault is empty; give idBase if they do not begin with the endpoint"})
	}
	issuers := "none; a run sets one up itself where the vault permits it"
	if len(s.Issuers) > 0 {
		issuers = strings.Join(s.Issuers, ", ") + "; say in the file how the requests to each end"
	}
	lines = append(lines, [2]string{"issuers", issuers})
	if len(s.Without) > 0 {
		lines = append(lines, [2]string{"not offered", strings.Join(s.Without, ", ")})
	}
	if s.Missing() {
		lines = append(lines, [2]string{"a vault?", "none of its lists is there: check the address, and the prefix of its path"})
	}
	for _, unseen := range s.Unseen {
		lines = append(lines, [2]string{"not seen", unseen})
	}
	return lines
}

func (s *Survey) token() string {
	switch {
	case s.WantsToken && s.Target.Auth.Kind() == "":
		return "the vault wants one (401), and none was given" + s.authority()
	case s.WantsToken:
		return "the vault rejects the one that was given (401)" + s.authority()
	case s.Open:
		return "the vault responds without one"
	case s.Target.Auth.Token.Value != "" && os.Getenv(TokenVariable) == "":
		return "the vault accepts the one that was given; the file takes it from " + TokenVariable + ": export that before a run"
	case s.Target.Auth.Kind() == "":
		return fmt.Sprintf("not seen whether the vault wants one: it returns %d to a request without", s.Bare)
	default:
		return "the vault accepts the one that was given"
	}
}

func (s *Survey) authority() string {
	if s.Challenge == nil || s.Challenge.Authorization == "" {
		return ""
	}
	return "; its 401 names the authority " + s.Challenge.Authorization
}

func (s *Survey) versionsText() string {
	switch {
	case len(s.Versions) == 0:
		return "none that kvconform knows is accepted"
	case !s.Checks:
		return "the vault accepts any, also one that does not exist"
	case len(s.Versions) == len(schemas.Versions()):
		return "all that kvconform knows are accepted"
	default:
		return strings.Join(s.Versions, ", ") + " are accepted"
	}
}

// File is the proposed target file.
func (s *Survey) File() ([]byte, error) {
	t := s.Target
	t.IDBase, t.Without = s.IDBase, s.Without
	if t.Name == "" {
		t.Name = "my vault"
	}
	if t.Auth.Token.Value != "" {
		t.Auth.Token = target.Secret{Env: TokenVariable}
	}
	if s.Open {
		t.Auth = target.Auth{None: true}
	}
	if n := len(s.Versions); s.Checks && n > 0 && len(t.APIVersion) == 0 && s.Versions[n-1] != string(schemas.Default()) {
		if !slices.Contains(s.Versions, string(schemas.Default())) {
			t.APIVersion = target.Versions{s.Versions[n-1]}
		}
	}
	text, err := yaml.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write the proposed target file: %w", err)
	}
	var file strings.Builder
	file.WriteString("# yaml-language-server: $schema=kvconform.schema.json\n")
	file.WriteString("# A target file of kvconform, as `kvconform init --endpoint` proposes it. What it saw, by GET requests alone:\n")
	for _, line := range s.Lines() {
		fmt.Fprintf(&file, "#   %-12s %s\n", line[0], strings.ReplaceAll(line[1], "\n", " "))
	}
	file.WriteString("# `kvconform init --out all.yaml` writes every other setting with a comment.\n")
	file.Write(text)
	if s.WantsToken && t.Auth.Kind() == "" {
		file.WriteString("\n# e.g.\n#auth:\n#  token: {env: " + TokenVariable + "}\n")
	}
	file.WriteString(`
# The issuers of the vault, by how the requests to them end. Rules that need one that is left out are not reached.
#issuers:
`)
	for _, outcome := range target.Outcomes() {
		name := "NAME"
		if len(s.Issuers) > 0 {
			name = strings.Join(s.Issuers, " | ")
		}
		fmt.Fprintf(&file, "#  %s: %s\n", outcome, name)
	}
	file.WriteString(`
# e.g. features that the vault does not offer; ` + "`kvconform list --features`" + ` names them all.
#without: [import, merge]
`)
	return []byte(file.String()), nil
}
