package target

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/schemas"
)

// DefaultFile is the target file that is read where none is named.
const DefaultFile = "kvconform.yaml"

// longestTargetFile bounds a target file in bytes.
const longestTargetFile = 64 << 10

// Load reads a target file, strictly: what the schema of the file does not allow, and what cannot be run against,
// is a mistake in usage, told in one line with the file, the line and the key. Relative paths in the file are relative to
// it. Secrets are found and read when the target is used.
func Load(path string) (Target, error) {
	text, err := input.ReadFile(path, longestTargetFile)
	if err != nil {
		return Target{}, input.Usagef("the target file %s cannot be read: %v; `kvconform init` writes one", path, err)
	}
	files, err := schemas.CompileFiles()
	if err != nil {
		return Target{}, err
	}
	return parseTarget(files, path, text)
}

func parseTarget(files *schemas.Files, path string, text []byte) (Target, error) {
	text = input.WithoutMark(text)
	if !utf8.Valid(text) {
		return Target{}, input.Usagef("%s: not a text in UTF-8; save it as UTF-8", path)
	}
	tree, lines, err := readYAML(path, text)
	if err != nil {
		return Target{}, err
	}
	if err := checkTree(files, tree, lines); err != nil {
		return Target{}, err
	}
	target, err := decodeTarget(tree)
	if err != nil {
		return Target{}, input.Usagef("%s: %v", path, err)
	}
	target.lines = lines
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Target{}, fmt.Errorf("finding the folder of %s: %w", path, err)
	}
	target.settle(folder)
	if _, err := target.Check(); err != nil {
		return Target{}, err
	}
	return target, nil
}

// checkTree holds the file against its schema and reports what comes first in it.
func checkTree(files *schemas.Files, tree any, lines *fileLines) error {
	problems := files.CheckNamed("target", tree)
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b schemas.Problem) int { return lines.at(a.Pointer) - lines.at(b.Pointer) })
	problem := problems[0]
	more := ""
	if len(problems) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(problems)-1)
	}
	return input.Usagef("%s: %s%s", lines.place(problem.Pointer), phrase(files, problem), more)
}

// phrase says what is wrong and what to do, in the words of a file's writer.
func phrase(files *schemas.Files, problem schemas.Problem) string {
	tokens := tokensOf(problem.Pointer)
	hint := files.Hint("target", tokens)
	write := "; " + suchAs("write it", tokens, hint)
	switch problem.Keyword {
	case "additionalProperties":
		last := len(tokens) - 1
		return "unknown key; " + nearest(tokens[last], files.Hint("target", tokens[:last]).Keys)
	case "maxProperties":
		return "more than one is given; keep exactly one of " + strings.Join(hint.Keys, ", ")
	case "minProperties":
		return "nothing is given; give one of " + strings.Join(hint.Keys, ", ")
	case "required":
		return "missing; " + suchAs("add it", tokens, hint)
	case "type":
		return inYAML(problem.Type) + ", must be " + inYAML(strings.Split(problem.Limit, ",")...) + write
	case "pattern":
		return "not " + problem.Limit + write
	case "enum":
		return "none of " + problem.Limit + write
	case "minLength", "minItems":
		if problem.Limit == "1" {
			return "empty" + write
		}
		return "shorter than " + problem.Limit + write
	case "minimum":
		return "less than " + problem.Limit + write
	case "maximum":
		return "more than " + problem.Limit + write
	default:
		return problem.Message + write
	}
}

// inYAML calls types of JSON Schema what they are called in YAML.
func inYAML(types ...string) string {
	names := map[string]string{
		"object": "a mapping", "array": "a list", "null": "nothing", "integer": "an integer",
	}
	called := make([]string, len(types))
	for i, name := range types {
		if called[i] = names[name]; called[i] == "" {
			called[i] = "a " + name
		}
	}
	return strings.Join(called, " or ")
}

func suchAs(what string, tokens []string, hint schemas.Hint) string {
	if hint.Example == "" || len(tokens) == 0 {
		if len(hint.Keys) > 0 {
			return "give keys among " + strings.Join(hint.Keys, ", ")
		}
		return "see `kvconform init`, which writes a commented file"
	}
	return fmt.Sprintf("%s as %s: %s", what, tokens[len(tokens)-1], hint.Example)
}

// nearest names the key that was meant, or all that there are.
func nearest(name string, keys []string) string {
	for _, key := range keys {
		if input.Distance(strings.ToLower(name), strings.ToLower(key)) <= max(1, len(name)/3) {
			return "did you mean " + key + "?"
		}
	}
	return "the keys here are " + strings.Join(keys, ", ")
}

// decodeTarget makes a Target of a tree that the schema allows.
func decodeTarget(tree any) (Target, error) {
	root, ok := tree.(map[string]any)
	if !ok {
		return Target{}, fmt.Errorf("the file is no mapping")
	}
	root = split(root)
	text := &bytes.Buffer{}
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		return Target{}, fmt.Errorf("writing the file as JSON: %w", err)
	}
	var target Target
	if err := yaml.UnmarshalWithOptions(text.Bytes(), &target, yaml.Strict()); err != nil {
		return Target{}, fmt.Errorf("reading the values: %s", strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " "))
	}
	return target, nil
}

// split brings the two forms that a list of api-versions and an issuer have in the file to the one that a Target has.
func split(root map[string]any) map[string]any {
	changed := make(map[string]any, len(root))
	for key, value := range root {
		changed[key] = value
	}
	switch version := root["apiVersion"].(type) {
	case []any:
		texts := make([]string, len(version))
		for i, one := range version {
			texts[i] = fmt.Sprint(one)
		}
		changed["apiVersion"] = strings.Join(texts, ",")
	case json.Number:
		changed["apiVersion"] = version.String()
	}
	named, setUp := map[string]any{}, map[string]any{}
	issuers, _ := root["issuers"].(map[string]any)
	for outcome, issuer := range issuers {
		if choice, ok := issuer.(map[string]any); ok {
			setUp[outcome] = choice["setUp"]
		} else {
			named[outcome] = issuer
		}
	}
	if len(issuers) > 0 {
		changed["issuers"], changed["setUp"] = named, setUp
	}
	return changed
}

// settle makes the paths of the file absolute, and the commands run in its folder.
func (t *Target) settle(folder string) {
	paths := []*string{
		&t.TLS.CA, &t.TLS.TrustStore.File, &t.TLS.TrustStore.Password.File,
		&t.TLS.ClientCertificate.Cert, &t.TLS.ClientCertificate.Key,
		&t.TLS.ClientCertificate.PKCS12, &t.TLS.ClientCertificate.Password.File, &t.Auth.Token.File,
	}
	if t.Auth.ClientCredentials != nil {
		paths = append(paths, &t.Auth.ClientCredentials.ClientSecret.File)
	}
	if t.Auth.Challenge != nil {
		paths = append(paths, &t.Auth.Challenge.ClientSecret.File)
	}
	for _, path := range paths {
		*path = within(folder, *path)
	}
	settleSecrets(t.Headers, folder)
	if t.Auth.TokenURL != nil {
		settleSecrets(t.Auth.TokenURL.Headers, folder)
	}
	for key, setUp := range t.SetUp {
		setUp.Password.File = within(folder, setUp.Password.File)
		t.SetUp[key] = setUp
	}
	t.Auth.folder, t.Hooks.folder = folder, folder
}

func settleSecrets(secrets map[string]Secret, folder string) {
	for name, secret := range secrets {
		secret.File = within(folder, secret.File)
		secrets[name] = secret
	}
}

func within(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// tokensOf splits a JSON pointer (RFC 6901).
func tokensOf(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return tokens
}

// keyOf writes a JSON pointer as people do: tls.trustStore.file, without[0].
func keyOf(pointer string) string {
	var text strings.Builder
	for i, token := range tokensOf(pointer) {
		if _, err := strconv.Atoi(token); err == nil && i > 0 {
			text.WriteString("[" + token + "]")
			continue
		}
		if i > 0 {
			text.WriteByte('.')
		}
		if token == "" || strings.ContainsAny(token, " .[]\"\t") {
			token = strconv.Quote(token)
		}
		text.WriteString(token)
	}
	return text.String()
}
