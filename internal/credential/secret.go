package credential

import (
	"os"
	"strings"

	"github.com/kvconform/kvconform/internal/input"
)

// longestSecret bounds the file of a secret in bytes.
const longestSecret = 1 << 20

// Secret is a value that nobody may see, the environment variable that holds it, or the file that does. None is set where
// there is no secret.
type Secret struct {
	Value string `yaml:"value,omitempty"`
	Env   string `yaml:"env,omitempty"`
	File  string `yaml:"file,omitempty"`
}

// UnmarshalYAML reads the long form, or the value alone.
func (s *Secret) UnmarshalYAML(unmarshal func(any) error) error {
	var value string
	if unmarshal(&value) == nil {
		*s = Secret{Value: value}
		return nil
	}
	type plain Secret
	return unmarshal((*plain)(s))
}

// String tells where the secret comes from, never what it is.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "the environment variable " + s.Env
	case s.File != "":
		return "the file " + s.File
	case s.Value != "":
		return "a value"
	default:
		return "nothing"
	}
}

// GoString hides the value from %#v too.
func (s Secret) GoString() string { return "Secret(" + s.String() + ")" }

// Given reports whether there is a secret at all.
func (s Secret) Given() bool { return s != Secret{} }

// Read finds the value. The pointer is the secret's place in the target file, what names it in messages. A value with a line
// break is rejected: no header can carry it, and it is most often two values in one.
func (s Secret) Read(pointer, what string) (string, error) {
	value, err := s.find(pointer, what)
	if err == nil && strings.ContainsAny(value, "\r\n\x00") {
		return "", input.WrongAbout(pointer, what, "%s has a line break in it; give it as one line", s)
	}
	return value, err
}

func (s Secret) find(pointer, what string) (string, error) {
	switch {
	case s.Env != "":
		value, ok := os.LookupEnv(s.Env)
		if !ok {
			return "", input.WrongAbout(pointer+"/env", what, "the environment variable %s is not set; set it, or name another", s.Env)
		}
		if strings.TrimSpace(value) == "" {
			return "", input.WrongAbout(pointer+"/env", what, "the environment variable %s is empty; give it a value", s.Env)
		}
		return strings.TrimSpace(value), nil
	case s.File != "":
		text, err := input.ReadFile(s.File, longestSecret)
		if err != nil {
			return "", input.WrongAbout(pointer+"/file", what, "the file %s cannot be read: %v", s.File, err)
		}
		if value := strings.TrimSpace(string(text)); value != "" {
			return value, nil
		}
		return "", input.WrongAbout(pointer+"/file", what, "the file %s is empty; write the value into it", s.File)
	default:
		return s.Value, nil
	}
}
