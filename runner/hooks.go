package runner

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
)

// Hooks are commands that bring about what no API can.
type Hooks struct {
	// FailPending makes a pending request fail, CompletePending makes one complete.
	FailPending     []string `yaml:"failPending,omitempty"`
	CompletePending []string `yaml:"completePending,omitempty"`
	// Timeout bounds one command.
	Timeout time.Duration `yaml:"timeout,omitempty"`

	// folder is where the commands run: that of the target file.
	folder string
}

// command is the command of a hook, nil where the target has none.
func (h Hooks) command(hook scenarios.Hook) []string {
	return map[scenarios.Hook][]string{
		scenarios.FailPending: h.FailPending, scenarios.CompletePending: h.CompletePending,
	}[hook]
}

// checkHooks refuses hooks whose commands are not there.
func (t Target) checkHooks() error {
	for _, hook := range scenarios.Hooks() {
		if argv := t.Hooks.command(hook); len(argv) > 0 {
			if err := findCommand("/hooks/"+string(hook), "hooks."+string(hook), argv, t.Hooks.folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// hook is what a stage calls: it runs the command of a hook for a certificate. The error is scenarios.ErrNoHook where the
// target has none.
func (t Target) hook(endpoint, apiVersion string) func(ctx context.Context, hook scenarios.Hook, name string) error {
	return func(ctx context.Context, hook scenarios.Hook, name string) error {
		argv := t.Hooks.command(hook)
		if len(argv) == 0 {
			return fmt.Errorf("hooks.%s: %w", hook, scenarios.ErrNoHook)
		}
		environment := []string{
			"KVCONFORM_HOOK=" + string(hook), "KVCONFORM_NAME=" + name,
			"KVCONFORM_ENDPOINT=" + endpoint, "KVCONFORM_API_VERSION=" + apiVersion,
		}
		if _, err := runCommand(ctx, argv, t.Hooks.folder, environment, t.Hooks.Timeout); err != nil {
			return fmt.Errorf("hooks.%s: %w", hook, err)
		}
		return nil
	}
}

// IssuerSetUp describes an issuer that a run makes for itself.
type IssuerSetUp struct {
	Provider     string `yaml:"provider"`
	AccountID    string `yaml:"accountID,omitempty"`
	Password     Secret `yaml:"password,omitempty"`
	Organization string `yaml:"organization,omitempty"`
}

// outcomes are the keys of issuers in a target file, each with the member that it fills.
func outcomes(issuers *Issuers) map[string]*string {
	return map[string]*string{
		"staysInProgress": &issuers.StaysInProgress, "completes": &issuers.Completes,
		"fails": &issuers.Fails, "rejects": &issuers.Rejects,
	}
}

// outcomeOrder is the order in which issuers are set up and named.
func outcomeOrder() []string { return []string{"staysInProgress", "completes", "fails", "rejects"} }

func (t Target) checkIssuers() error {
	for key, setUp := range t.SetUp {
		if !slices.Contains(outcomeOrder(), key) {
			return wrong("/issuers", "there is no outcome %q to set up an issuer for: it is one of %v", key, outcomeOrder())
		}
		if setUp.Provider == "" {
			return wrong("/issuers/"+key+"/setUp/provider", "the issuer to set up for %s has no provider", key)
		}
	}
	return nil
}

// setUpIssuers makes the issuers that the target file describes, under names of the run's own, and returns all issuers
// by outcome. The name is noted before the request is sent. What the vault refuses is an Incomplete run: nothing that
// depends on the issuer could come about, and the owner of the target has said that it can.
func (t Target) setUpIssuers(ctx context.Context, client *vault.Client, runID string, note func(name string) error) (Issuers, error) {
	issuers := t.Issuers
	members := outcomes(&issuers)
	for _, key := range outcomeOrder() {
		setUp, ok := t.SetUp[key]
		if !ok {
			continue
		}
		password, err := setUp.Password.read("/issuers/"+key+"/setUp/password", "the password of the issuer "+key)
		if err != nil {
			return issuers, t.located(err)
		}
		name := fmt.Sprintf("%s-%s-%s", t.Names.Prefix, runID, key)
		if err := note(name); err != nil {
			return issuers, fmt.Errorf("noting an issuer in the ledger: %w", err)
		}
		set := client.SetIssuer(ctx, name, setUp.parameters(password))
		if !set.Succeeded() {
			return issuers, &Incomplete{
				Message: fmt.Sprintf("the issuer for issuers.%s cannot be set up: %s%s", key, set.Line(), codeOf(set)),
				Advice:  "check the provider " + setUp.Provider + ", or name an issuer that the vault has",
			}
		}
		*members[key] = name
	}
	return issuers, nil
}

func (s IssuerSetUp) parameters(password string) vault.IssuerParameters {
	parameters := vault.IssuerParameters{Provider: s.Provider}
	if s.AccountID != "" || password != "" {
		parameters.Credentials = &vault.IssuerCredentials{AccountID: s.AccountID, Password: password}
	}
	if s.Organization != "" {
		parameters.Organization = &vault.Organization{ID: s.Organization}
	}
	return parameters
}

// removeIssuer deletes an issuer of the run's own; it returns what went wrong, "" where nothing is left.
func removeIssuer(ctx context.Context, client *vault.Client, name string) string {
	deleted := client.DeleteIssuer(ctx, name)
	if deleted.Succeeded() || deleted.Status() == http.StatusNotFound {
		return ""
	}
	return fmt.Sprintf("issuer %s: %s", name, deleted.Line())
}
