package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// commandTime bounds a command that prints a token: signing in may ask a server, never a person.
const commandTime = time.Minute

// commandSource gets tokens from the output of a command.
type commandSource struct {
	argv   []string
	folder string
	now    func() time.Time
}

func newCommandSource(argv []string, env Env) (source, error) {
	if err := input.FindCommand("/auth/command", "auth.command", argv, env.Folder); err != nil {
		return nil, err
	}
	return &commandSource{argv: argv, folder: env.Folder, now: env.Now}, nil
}

func (s *commandSource) wantsChallenge() bool { return false }

func (s *commandSource) fetch(ctx context.Context, _ *vault.Challenge) (fetched, error) {
	out, err := input.RunCommand(ctx, s.argv, s.folder, nil, commandTime)
	if err != nil {
		return fetched{}, err
	}
	got, err := tokenIn(out, s.now())
	if err != nil {
		return fetched{}, fmt.Errorf("the command %s printed no token: %w", s.argv[0], err)
	}
	return got, nil
}

// tokenIn finds a token in what a command printed or an endpoint returned: JSON with access_token or accessToken, or the
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

// tokenInJSON reads the response of a token endpoint. Some write numbers as strings, and the end as seconds since 1970 or
// from now.
func tokenInJSON(text []byte, now time.Time) (fetched, error) {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&fields) != nil {
		return fetched{}, errors.New("it is no JSON object") // the decoder's error may show a part of the token
	}
	var got fetched
	for _, name := range []string{"access_token", "accessToken", "token"} {
		if token, ok := fields[name].(string); ok && strings.TrimSpace(token) != "" {
			got.token = strings.TrimSpace(token)
			break
		}
	}
	if got.token == "" {
		return fetched{}, errors.New("it has no access_token")
	}
	if on, ok := seconds(fields["expires_on"]); ok {
		got.ends = time.Unix(on, 0)
	} else if in, ok := seconds(fields["expires_in"]); ok {
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
