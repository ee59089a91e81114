package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

const (
	// commandOutput bounds what is kept of a command's output.
	commandOutput = 1 << 20
	// shownOutput is how much of a failing command's stderr is shown.
	shownOutput = 400
)

// tokenText is what looks like a token in the messages of others: a member of a token endpoint's response, or a JWT.
var tokenText = regexp.MustCompile(`"(?i:\w*token|\w*secret|\w*password)"\s*:\s*"[^"]*"?|\beyJ[\w-]+\.[\w.-]+`)

// scrubbed is the message of somebody else without what may be a secret: some show the response that they cannot read.
func scrubbed(text string) string {
	for _, name := range []string{"AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"} {
		if secret := os.Getenv(name); secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return tokenText.ReplaceAllString(text, "[redacted]")
}

// OneLine is the message of somebody else's error, scrubbed, in one line of bounded length.
func OneLine(err error) string {
	text := strings.Join(strings.Fields(scrubbed(err.Error())), " ")
	const most = 600
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// FindCommand refuses a command that is not there, before anything is sent.
func FindCommand(pointer, key string, argv []string, folder string) error {
	if strings.TrimSpace(argv[0]) == "" {
		return WrongAbout(pointer+"/0", key, "no command is named; give the program first, then its arguments")
	}
	name := argv[0]
	if strings.ContainsRune(name, os.PathSeparator) {
		name = Within(folder, name)
	}
	if _, err := exec.LookPath(name); err != nil {
		return WrongAbout(pointer+"/0", key, "the command %s cannot be run: %v; check its path", argv[0], commandError(err))
	}
	return nil
}

func commandError(err error) error {
	var failed *exec.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return WithoutPath(err)
}

// RunCommand runs a command to its end and returns its stdout. An error shows its stderr, in one line, and never stdout.
func RunCommand(ctx context.Context, argv []string, folder string, environment []string, most time.Duration) ([]byte, error) {
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
