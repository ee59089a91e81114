package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/input"
	"github.com/kvconform/kvconform/runner"
)

// auditFlags are the flags of `kvconform audit` beside those of judging and of reports.
type auditFlags struct {
	runFlags
	idBase    string
	sanitized []string
}

func newAuditCommand() *cobra.Command {
	f := &auditFlags{}
	command := &cobra.Command{
		Use:   "audit FILE...",
		Short: "Judge traffic that other programs recorded: HAR, test sessions, VCR cassettes",
		Long: `audit judges recorded traffic by the rules about every response. It reads
  HTTP Archives (HAR 1.2) of browsers, mitmproxy and gateways,
  session files of the Azure SDK test proxy, and older files with networkCallRecords,
  VCR cassettes in YAML or JSON, as go-vcr, vcrpy and the VCR of Ruby write them,
  transcripts of kvconform, of runs and of kvconform proxy,
each of them packed by gzip too. It finds the exchanges of the certificates API on any host and below any path, and
leaves other traffic out. A file is read entry by entry, so its size does not matter.

Recordings often have other hosts and values than the vault returned. Ids that all begin with one other base are judged
against that base, and a value such as Sanitized or REDACTED breaks no rule; the report says so. --id-base and
--sanitized name others. Tokens, cookies, passwords and private keys are removed from what a report shows.

Exit codes:
    0  no must fails
    1  a must failed, or with --strict a should failed or a rule was not reached
    2  wrong usage, or no file is a recording
    3  no exchange of the certificates API, or a part of a file that could not be read; what could be read is judged`,
		Example: `  kvconform audit traffic.har
  kvconform audit testdata/recordings/*.json --out reports
  kvconform audit cassette.yaml --sanitized FAKE_VALUE --id-base https://my-vault.vault.azure.net`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return f.audit(command, arguments)
		},
	}
	flags := command.Flags()
	f.addAudit(flags)
	flags.StringArrayVar(&f.sanitized, "sanitized", nil, "a `text` that the recorder put in the place of values; may be given again")
	completeJudging(command)
	return command
}

// addAudit adds the flags of whatever judges traffic of others.
func (f *auditFlags) addAudit(flags *pflag.FlagSet) {
	f.addJudging(flags)
	f.addBaseline(flags)
	f.reports.add(flags)
	f.print.add(flags)
	flags.StringVar(&f.idBase, "id-base", "", "the `URL` that the vault writes before its ids (default: as the traffic shows)")
}

func (f *auditFlags) audit(command *cobra.Command, paths []string) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	auditor, err := audit.New(*options)
	if err != nil {
		return err
	}
	if err := readable(paths); err != nil {
		return err
	}
	if err := distinct(f.claims()); err != nil {
		return err
	}
	files, err := open(f.reports.formats(), f.reports.out, "")
	if err != nil {
		return err
	}
	if err := auditFiles(command.Context(), auditor, paths); err != nil {
		return err
	}
	return exited(f.print.publish(command, files, &runner.Result{Report: auditor.Report(command.Context())}))
}

// options are those of an audit, as the flags say.
func (f *auditFlags) options() (*audit.Options, error) {
	judging, err := f.judging()
	if err != nil {
		return nil, err
	}
	if f.idBase != "" && !strings.Contains(f.idBase, "://") {
		return nil, &runner.Usage{Message: "--id-base is no URL: give one such as https://my-vault.vault.azure.net"}
	}
	return &audit.Options{
		Oracle: judging.Oracle, Strict: judging.Strict, MinJudged: judging.MinJudged, Scenarios: judging.Scenarios,
		Rules: judging.Rules, Baseline: judging.Baseline, IDBase: f.idBase, Sanitized: f.sanitized, Version: judging.Version, Commit: judging.Commit,
	}, nil
}

// readable rejects a path that no file can be read from, before anything is judged.
func readable(paths []string) error {
	for _, path := range paths {
		file, err := input.Open(path)
		if err != nil {
			return input.Usagef("%s cannot be read: %v", path, err)
		}
		_ = file.Close() // nothing was read
	}
	return nil
}

// auditFiles judges each file. A file that is no recording does not cost the others; if none is one, that is wrong usage.
func auditFiles(ctx context.Context, auditor *audit.Audit, paths []string) error {
	var wrong []error
	for _, path := range paths {
		err := auditor.File(ctx, path)
		var usage *runner.Usage
		switch {
		case errors.As(err, &usage):
			wrong = append(wrong, err)
		case err != nil && ctx.Err() == nil:
			return err
		}
	}
	if auditor.Files() == 0 && len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	for _, err := range wrong {
		auditor.Skip(err)
	}
	return nil
}
