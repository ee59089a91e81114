package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/runner"
)

func newServeCommand() *cobra.Command {
	var options refserver.Options
	var caOut, targetOut string
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the reference vault until interrupted",
		Long: `serve runs the reference vault alone, over https on an address of this machine, and prints its base URL.
Its certificate is of its own making: --ca-out writes what clients have to trust. --target-out writes a target file,
with the token in it, so that ` + "`kvconform run --config FILE`" + ` reaches the vault.
The keys of its certificates are made of primes that anybody can read in the source: they protect nothing.`,
		Example: `  kvconform serve --listen 127.0.0.1:8443 --target-out target.yaml
  kvconform serve --profile born-completed --ca-out ca.pem`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return serve(command, options, caOut, targetOut)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.Listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&options.Manner, "manner", "observed", "how it responds if docs and service differ: observed or documented")
	flags.StringVar(&options.Profile, "profile", "", "give the vault the deviations of the profile of this `id`, as in a real emulator")
	complete(command, "profile", profileIDs)
	flags.StringArrayVar(&options.Faults, "fault", nil, "break the vault by the fault of this `id`, to see what fails; may be given again")
	complete(command, "manner", manners)
	complete(command, "fault", faultIDs)
	flags.DurationVar(&options.IssueAfter, "issue-after", 0, "how long its issuers take; 0 is a fifth of a second")
	flags.DurationVar(&options.Latency, "latency", 0, "how much later it responds to each request, as a vault far away does")
	flags.StringVar(&caOut, "ca-out", "", "write the certificate to trust to this `file`; - is the standard output")
	flags.StringVar(&targetOut, "target-out", "", "write a target file to this `file` (- is the standard output), and the certificate to NAME-ca.pem beside it unless --ca-out says where")
	return command
}

func serve(command *cobra.Command, options refserver.Options, caOut, targetOut string) error {
	if targetOut == stdoutPath && (caOut == "" || caOut == stdoutPath) {
		return &runner.Usage{Message: "--target-out - needs --ca-out FILE: a target file names the file of the certificate to trust"}
	}
	if targetOut != "" && caOut == stdoutPath {
		return &runner.Usage{Message: "--ca-out - has no file that the target file could name: give --ca-out FILE beside --target-out"}
	}
	reference, err := refserver.Start(options)
	if err != nil {
		var wrong *runner.Usage
		if errors.As(err, &wrong) {
			return err
		}
		return &runner.Usage{Message: err.Error()}
	}
	defer func() { _ = reference.Close() }() // the process ends next
	if err := announce(command, reference, caOut, targetOut); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- reference.Wait() }()
	select {
	case <-command.Context().Done():
		return nil
	case err := <-ended:
		return err
	}
}

// announce writes the files that clients need and prints the URL, on stderr if one of them is the standard output.
func announce(command *cobra.Command, reference *refserver.Reference, caOut, targetOut string) error {
	if targetOut != "" && caOut == "" { // a name of its own, since several vaults may be served from one folder
		caOut = strings.TrimSuffix(targetOut, filepath.Ext(targetOut)) + "-ca.pem"
	}
	stdout := command.OutOrStdout()
	urlOut := stdout
	if caOut == stdoutPath || targetOut == stdoutPath {
		urlOut = command.ErrOrStderr()
	}
	switch {
	case caOut == stdoutPath:
		if _, err := stdout.Write(reference.CA); err != nil {
			return err
		}
	case caOut != "":
		if err := reference.WriteCA(caOut); err != nil {
			return err
		}
	}
	switch {
	case targetOut == stdoutPath:
		text, err := reference.TargetFile(caOut)
		if err != nil {
			return err
		}
		if _, err := stdout.Write(text); err != nil {
			return err
		}
	case targetOut != "":
		if err := reference.WriteTarget(targetOut, caOut); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(urlOut, reference.URL)
	if targetOut == "" {
		_, _ = fmt.Fprintf(command.ErrOrStderr(), "token: %s\n", reference.Token)
	}
	return nil
}
