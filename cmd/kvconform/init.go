package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/runner/target"
)

func newInitCommand() *cobra.Command {
	var out string
	var force bool
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a commented target file to fill in",
		Example: `  kvconform init
  kvconform init --out targets/staging.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := target.WriteFile(out, force); err != nil {
				return err
			}
			_, err := fmt.Fprintf(command.OutOrStdout(), "%s is written; fill it in, then `kvconform check-config %s`\n", out, out)
			return err
		},
	}
	command.Flags().StringVar(&out, "out", target.DefaultFile, "the `file` to write")
	command.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	return command
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
