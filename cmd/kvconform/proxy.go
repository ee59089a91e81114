package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kvconform/kvconform/internal/audit"
	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/internal/passthrough"
	"github.com/kvconform/kvconform/internal/recorded"
	"github.com/kvconform/kvconform/internal/refserver"
	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/runner"
)

// passFlags are the flags of `kvconform proxy` beside those of an audit.
type passFlags struct {
	auditFlags
	listen, upstream    string
	upstreamCA          string
	upstreamInsecure    bool
	caOut, cert, key    string
	plain, keepHost     bool
	transcript, urlName string
}

func newProxyCommand() *cobra.Command {
	f := &passFlags{}
	command := &cobra.Command{
		Use:   "proxy --upstream URL [-- COMMAND [ARGUMENT...]]",
		Short: "Stand between any client and a vault, and judge every response that passes",
		Long: `proxy passes every request on to the vault and every response back, unchanged but for the Host, and judges the responses
of the certificates API by the rules about every response. New causes are printed as they come; the report is written at
the end: when the command after -- ends, which finds the proxy's URL in the environment variable that --url-env names and
the certificate to trust in KVCONFORM_PROXY_CA, or at Ctrl-C.

The proxy serves https with a certificate of its own making: --ca-out writes what the client has to trust. --cert and --key
give it another, --http serves plain http. The transcript has the exchanges of the certificates API only, redacted;
kvconform audit judges it again. Requests to other paths, such as /secrets, pass and are neither judged nor recorded.

Exit codes:
    0  no must fails
    1  a must failed, or with --strict a should failed or a rule was not reached
    2  wrong usage; nothing was passed on
    3  no exchange of the certificates API passed, the command after -- failed, or a file was not written`,
		Example: `  kvconform proxy --upstream https://localhost:8443 --upstream-insecure --ca-out ca.pem
  kvconform proxy --upstream https://my-vault.vault.azure.net --url-env AZURE_KEYVAULT_URL --out reports -- go test ./...`,
		Args: cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, arguments []string) error {
			if len(arguments) > 0 && command.ArgsLenAtDash() != 0 {
				return &runner.Usage{Message: "proxy takes a command after -- only; see `kvconform proxy --help`"}
			}
			return f.proxy(command, arguments)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&f.upstream, "upstream", "", "base `URL` of the vault")
	flags.StringVar(&f.upstreamCA, "upstream-ca", "", "`file` of PEM certificates to trust in the vault")
	flags.BoolVar(&f.upstreamInsecure, "upstream-insecure", false, "trust any certificate of the vault")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to an upstream that is not on this machine")
	flags.StringVar(&f.caOut, "ca-out", "", "write the certificate that clients have to trust to this `file`")
	flags.StringVar(&f.cert, "cert", "", "serve https with the certificate in this PEM `file`; give --key too")
	flags.StringVar(&f.key, "key", "", "PEM `file` of the key of --cert")
	flags.BoolVar(&f.plain, "http", false, "serve plain http")
	flags.BoolVar(&f.keepHost, "keep-host", false, "pass the client's Host on, for a vault that writes its ids with it")
	flags.StringVar(&f.urlName, "url-env", "KVCONFORM_PROXY_URL", "the environment `variable` in which the command after -- finds the proxy's URL")
	flags.StringVar(&f.transcript, "transcript", "", "write the exchanges of the certificates API, redacted, to this `file`")
	f.addAudit(flags)
	completeJudging(command)
	return command
}

func (f *passFlags) proxy(command *cobra.Command, child []string) error {
	upstream, transport, err := f.reach()
	if err != nil {
		return err
	}
	security, err := f.security()
	if err != nil {
		return err
	}
	if len(child) > 0 {
		if _, err := exec.LookPath(child[0]); err != nil {
			return &runner.Usage{Message: fmt.Sprintf("the command %s cannot be run: %v; check its path", child[0], errors.Unwrap(err))}
		}
	}
	options, err := f.options()
	if err != nil {
		return err
	}
	base := upstream.String()
	options.Target = reports.Target{Name: "traffic to", Endpoint: base}
	if options.IDBase == "" && !f.keepHost {
		options.IDBase = base
	}
	auditor, err := audit.New(*options)
	if err != nil {
		return err
	}
	files, transcript, err := f.prepare()
	if err != nil {
		return err
	}
	kept := passthrough.SessionOptions{
		Audit: auditor, Lines: command.ErrOrStderr(),
		Head: recorded.Head{Version: version(), Facts: recorded.Facts{Endpoint: base, IDBase: options.IDBase}},
	}
	if transcript != nil {
		defer func() { _ = transcript.Close() }() // each line was written already
		kept.Transcript = transcript
	}
	session, err := passthrough.NewSession(command.Context(), kept)
	if err != nil {
		return err
	}
	proxy := passthrough.New(passthrough.Options{Upstream: upstream, Transport: transport, KeepHost: f.keepHost, Take: session.Take})
	failed := f.serve(command, proxy, security, child)
	proxy.Close()
	var wrong *runner.Usage
	if errors.As(failed, &wrong) {
		return failed
	}
	report, unwritten := session.Report()
	code := f.print.publish(command, files, &runner.Result{Report: report})
	if err := errors.Join(failed, unwritten); err != nil {
		complain(command.ErrOrStderr(), err)
		code = reports.WorstExit(code, runner.ExitIncomplete)
	}
	return exited(code)
}

// reach is the way to the upstream.
func (f *passFlags) reach() (*url.URL, http.RoundTripper, error) {
	if f.upstream == "" {
		return nil, nil, &runner.Usage{Message: "no upstream: give --upstream URL"}
	}
	target := runner.Target{
		Endpoint: f.upstream, AllowHTTP: f.allowHTTP, TLS: runner.TLS{CA: f.upstreamCA, Insecure: f.upstreamInsecure},
	}.WithDefaults()
	upstream, err := target.Check()
	if err != nil {
		return nil, nil, err
	}
	transport, err := target.Transport()
	if err != nil {
		return nil, nil, err
	}
	transport.DisableCompression = true // the client says what it takes
	return upstream, transport, nil
}

// security is how the proxy serves.
func (f *passFlags) security() (refserver.Security, error) {
	security := refserver.Security{Plain: f.plain}
	switch {
	case f.caOut == stdoutPath:
		return security, &runner.Usage{Message: "--ca-out needs a file: the standard output has the report"}
	case (f.cert == "") != (f.key == ""):
		return security, &runner.Usage{Message: "--cert and --key belong together: give both"}
	case f.plain && (f.cert != "" || f.caOut != ""):
		return security, &runner.Usage{Message: "--http serves no certificate: leave --cert, --key and --ca-out out"}
	case f.cert != "" && f.caOut != "":
		return security, &runner.Usage{Message: "--ca-out writes a certificate of the proxy's own making: leave it out beside --cert"}
	case f.cert != "":
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return security, &runner.Usage{Message: fmt.Sprintf("--cert and --key cannot be used: %v", err)}
		}
		security.Certificate = &pair
	}
	return security, nil
}

// serve passes traffic on until the child ends, or without one until the context does.
func (f *passFlags) serve(command *cobra.Command, proxy http.Handler, security refserver.Security, child []string) error {
	server, err := refserver.ServeOn(f.listen, proxy, security)
	if err != nil {
		return &runner.Usage{Message: err.Error()}
	}
	defer func() { _ = server.Close() }() // what is under way is given up
	ca, remove, err := f.writeCA(server)
	if err != nil {
		return err
	}
	defer remove()
	_, _ = fmt.Fprintf(command.ErrOrStderr(), "passing %s on to %s\n", server.URL, f.upstream)
	if len(child) > 0 {
		return f.run(command, child, server.URL, ca)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	select {
	case <-command.Context().Done():
		return nil
	case err := <-ended:
		return err
	}
}

// writeCA writes the certificate to trust where the user asked for it, or for the child to a file that goes at the end.
func (f *passFlags) writeCA(server *refserver.Server) (path string, remove func(), err error) {
	remove = func() {}
	if len(server.CA) == 0 {
		return "", remove, nil
	}
	if f.caOut == "" {
		folder, err := os.MkdirTemp("", "kvconform")
		if err != nil {
			return "", remove, fmt.Errorf("making a folder for the certificate: %w", err)
		}
		f.caOut = filepath.Join(folder, "ca.pem")
		remove = func() { _ = os.RemoveAll(folder) } // it is ours alone
	}
	file, err := outfile.Prepare(f.caOut)
	if err != nil {
		return "", remove, &runner.Usage{Message: err.Error()}
	}
	err = file.Write(func(w io.Writer) error {
		_, err := w.Write(server.CA)
		return err
	})
	return f.caOut, remove, err
}

// run runs the child to its end. Its output goes to stderr, for the report has the standard output.
func (f *passFlags) run(command *cobra.Command, child []string, address, ca string) error {
	process := exec.CommandContext(command.Context(), child[0], child[1:]...) // #nosec G204 -- the user names the command
	process.Env = append(os.Environ(), f.urlName+"="+address, "KVCONFORM_PROXY_URL="+address, "KVCONFORM_PROXY_CA="+ca)
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, command.ErrOrStderr(), command.ErrOrStderr()
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	if err := process.Run(); err != nil && command.Context().Err() == nil {
		return fmt.Errorf("the command %s failed: %w", child[0], err)
	}
	return nil
}

// prepare prepares the files of the reports and opens the transcript, which grows while the proxy runs.
func (f *passFlags) prepare() (outputs, *os.File, error) {
	f.runFlags.transcript = f.transcript // for the check that no two flags name one file
	if err := distinct(append(f.claims(), claim{"--ca-out", f.caOut})); err != nil {
		return nil, nil, err
	}
	files, err := open(f.reports.formats(), f.reports.out, "")
	if err != nil || f.transcript == "" {
		return files, nil, err
	}
	if f.transcript == stdoutPath {
		return nil, nil, &runner.Usage{Message: "--transcript needs a file: the standard output has the report"}
	}
	if _, err := prepare(f.transcript); err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(f.transcript, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // #nosec G304 -- the user names the file
	if err != nil {
		return nil, nil, &runner.Usage{Message: fmt.Sprintf("the transcript cannot be written: %v", err)}
	}
	return files, file, nil
}
