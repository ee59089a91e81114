package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

const (
	// commandTime bounds a command that prints a token: signing in may ask a server, never a person.
	commandTime = time.Minute
	// commandOutput bounds what is kept of a command's output.
	commandOutput = 1 << 20
	// shownOutput is how much of a failing command's stderr is shown.
	shownOutput = 400
)

// commandSource gets tokens from the output of a command.
type commandSource struct {
	argv   []string
	folder string
	now    func() time.Time
}

func newCommandSource(argv []string, folder string, now func() time.Time) (source, error) {
	if err := findCommand("/auth/command", "auth.command", argv, folder); err != nil {
		return nil, err
	}
	return &commandSource{argv: argv, folder: folder, now: now}, nil
}

func (s *commandSource) wantsChallenge() bool { return false }

func (s *commandSource) fetch(ctx context.Context, _ *vault.Challenge) (fetched, error) {
	out, err := runCommand(ctx, s.argv, s.folder, nil, commandTime)
	if err != nil {
		return fetched{}, err
	}
	got, err := tokenIn(out, s.now())
	if err != nil {
		return fetched{}, fmt.Errorf("the command %s printed no token: %w", s.argv[0], err)
	}
	return got, nil
}

// findCommand refuses a command that is not there, before anything is sent.
func findCommand(pointer, key string, argv []string, folder string) error {
	if strings.TrimSpace(argv[0]) == "" {
		return wrongAbout(pointer+"/0", key, "no command is named; give the program first, then its arguments")
	}
	name := argv[0]
	if strings.ContainsRune(name, os.PathSeparator) {
		name = within(folder, name)
	}
	if _, err := exec.LookPath(name); err != nil {
		return wrongAbout(pointer+"/0", key, "the command %s cannot be run: %v; check its path", argv[0], commandError(err))
	}
	return nil
}

func commandError(err error) error {
	var failed *exec.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return input.WithoutPath(err)
}

// runCommand runs a command to its end and returns its stdout. An error shows its stderr, in one line, and never stdout.
func runCommand(ctx context.Context, argv []string, folder string, environment []string, most time.Duration) ([]byte, error) {
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	command := exec.CommandContext(bounded, argv[0], argv[1:]...) // #nosec G204 -- the target file names the command
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	command.WaitDelay = time.Second // a child that holds the pipes open is not waited for
	stdout, stderr := &boundedBuffer{most: commandOutput}, &boundedBuffer{most: commandOutput}
	command.Stdout, command.Stderr = stdout, stderr
	err := command.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("the command %s was stopped: %w", argv[0], context.Cause(ctx))
	case bounded.Err() != nil:
		return nil, fmt.Errorf("the command %s did not end within %s", argv[0], most)
	}
	said := strings.Join(strings.Fields(scrubbed(strings.ToValidUTF8(stderr.String(), "?"))), " ")
	if len(said) > shownOutput {
		said = strings.ToValidUTF8(said[:shownOutput], "") + "…"
	}
	if said == "" {
		said = "it printed nothing to stderr"
	}
	return nil, fmt.Errorf("the command %s failed (%w): %s", argv[0], commandError(err), said)
}

// boundedBuffer keeps the beginning of what is written to it.
type boundedBuffer struct {
	bytes.Buffer
	most int
}

// Write takes everything and keeps what fits.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if room := b.most - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// tokenIn finds a token in what a command printed or an endpoint answered: JSON with access_token or accessToken, or the
// token alone.
func tokenIn(text []byte, now time.Time) (fetched, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return fetched{}, errors.New("it is empty")
	}
	if text[0] != '{' {
		if bytes.ContainsAny(text, " \t\r\n\"") {
			return fetched{}, errors.New("it is neither JSON nor one word")
		}
		return fetched{token: string(text)}, nil
	}
	return tokenInJSON(text, now)
}

// tokenInJSON reads the answer of a token endpoint. Some write numbers as strings, and the end as seconds since 1970 or
// from now.
func tokenInJSON(text []byte, now time.Time) (fetched, error) {
	var answer map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&answer) != nil {
		return fetched{}, errors.New("it is no JSON object") // the decoder's error may show a part of the token
	}
	var got fetched
	for _, name := range []string{"access_token", "accessToken", "token"} {
		if token, ok := answer[name].(string); ok && strings.TrimSpace(token) != "" {
			got.token = strings.TrimSpace(token)
			break
		}
	}
	if got.token == "" {
		return fetched{}, errors.New("it has no access_token")
	}
	if on, ok := seconds(answer["expires_on"]); ok {
		got.ends = time.Unix(on, 0)
	} else if in, ok := seconds(answer["expires_in"]); ok {
		got.ends = now.Add(time.Duration(min(in, longestLife)) * time.Second)
	}
	return got, nil
}

// longestLife bounds expires_in, in seconds.
const longestLife = 366 * 24 * 3600

// seconds reads a positive number of seconds, which some write as a string and some with a fraction.
func seconds(value any) (int64, bool) {
	if value == nil {
		return 0, false
	}
	whole, _, _ := strings.Cut(fmt.Sprint(value), ".")
	number, err := strconv.ParseInt(whole, 10, 64)
	return number, err == nil && number > 0 && number < 1<<40
}
