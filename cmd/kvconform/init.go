package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/survey"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

func newInitCommand() *cobra.Command {
	f := &runFlags{}
	var out string
	var force bool
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a target file: a commented one to fill in, or one that is proposed for an endpoint",
		Long: `init writes a target file with every setting and a comment on each, to be filled in. With --endpoint it looks at the vault
first, by GET requests alone, and proposes a file for it: whether it wants a token, the api-versions that it accepts, the
base of its ids, its issuers, and the lists that it does not have. The proposed file never holds a token.`,
		Example: `  kvconform init
  kvconform init --endpoint https://localhost:8443 --ca ca.pem --token-file token
  kvconform init --out targets/staging.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if f.endpoint != "" {
				return f.propose(command, out, force)
			}
			if out == stdoutPath {
				return target.WriteCommented(command.OutOrStdout())
			}
			if err := target.WriteFile(out, force); err != nil {
				return err
			}
			return initialized(command.OutOrStdout(), out, "fill it in")
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", target.DefaultFile, "the `file` to write; - is the standard output")
	flags.BoolVar(&force, "force", false, "replace a file that is there")
	f.addTarget(flags)
	complete(command, "api-version", apiVersions)
	for _, other := range []string{"config", "id-base", "like"} {
		if err := flags.MarkHidden(other); err != nil {
			panic(err) // there is no such flag
		}
	}
	return command
}

// propose looks at a vault and writes a target file for it.
func (f *runFlags) propose(command *cobra.Command, out string, force bool) error {
	if _, err := os.Stat(out); err == nil && !force && out != stdoutPath { // before anything is sent
		return target.WriteText(out, nil, false)
	}
	described, err := f.target(command)
	if err != nil {
		return err
	}
	seen, err := survey.Look(command.Context(), described)
	if err != nil {
		return err
	}
	for _, path := range []*string{&seen.Target.TLS.CA, &seen.Target.Auth.Token.File} {
		if *path, err = besideFile(out, *path); err != nil {
			return err
		}
	}
	text, err := seen.File()
	if err != nil {
		return err
	}
	if out == stdoutPath { // which has what was seen as comments
		_, err := command.OutOrStdout().Write(text)
		return err
	}
	if err := target.WriteText(out, text, force); err != nil {
		return err
	}
	for _, line := range seen.Lines() {
		_, _ = fmt.Fprintf(command.OutOrStdout(), "%-12s %s\n", line[0], line[1])
	}
	_, _ = fmt.Fprintln(command.OutOrStdout())
	return initialized(command.OutOrStdout(), out, "look at it")
}

// besideFile makes a path that is relative to the working folder one that is relative to the folder of a target file, as
// paths in target files are.
func besideFile(file, path string) (string, error) {
	if path == "" || filepath.IsAbs(path) {
		return path, nil
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return "", fmt.Errorf("finding the folder of %s: %w", file, err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", path, err)
	}
	if relative, err := filepath.Rel(folder, absolute); err == nil {
		return relative, nil
	}
	return absolute, nil // on another volume
}

// initialized says what to do with the file that was written.
func initialized(w io.Writer, out, next string) error {
	_, err := fmt.Fprintf(w, `%s is written; %s, then `+"`kvconform check-config %s`"+`
`+"`kvconform schema target --out %s`"+` lets an editor complete and check its keys
`, out, next, out, filepath.Join(filepath.Dir(out), "kvconform.schema.json"))
	return err
}

// target is the target file with the flags over it. Where neither a file nor an endpoint is given, a file of the usual
// name is taken if it is there, and that is said.
func (f *runFlags) target(command *cobra.Command) (runner.Target, error) {
	path := f.config
	if path == "" && f.endpoint == "" && !f.embedded {
		if _, err := os.Stat(target.DefaultFile); !errors.Is(err, fs.ErrNotExist) {
			path, f.found = target.DefaultFile, true
			_, _ = fmt.Fprintf(command.ErrOrStderr(), "kvconform: the target file is ./%s, as none is named\n", path)
		}
	}
	var target runner.Target
	if path != "" {
		var err error
		if target, err = runner.LoadTarget(path); err != nil {
			return target, err
		}
	}
	target = target.Override(f.overrides(command))
	if os.Getenv(tokenVariable) != "" && reflect.ValueOf(target.Auth).IsZero() && !f.embedded {
		target.Auth.Token = runner.Secret{Env: tokenVariable}
	}
	return target, nil
}

// overrides are the flags that were given.
func (f *runFlags) overrides(command *cobra.Command) target.Overrides {
	changed := command.Flags().Changed
	return target.Overrides{
		Endpoint: given(changed("endpoint"), &f.endpoint), IDBase: given(changed("id-base"), &f.idBase), Keep: f.keep,
		TokenFile: given(changed("token-file"), &f.tokenFile), CA: given(changed("ca"), &f.ca),
		Token: given(changed("token"), &f.token), APIVersion: given(changed("api-version"), &f.apiVersion), Like: given(changed("like"), &f.like),
		Insecure: given(changed("insecure"), &f.insecure), AllowHTTP: given(changed("allow-http"), &f.allowHTTP),
	}
}

func given[T any](changed bool, value *T) *T {
	if !changed {
		return nil
	}
	return value
}
