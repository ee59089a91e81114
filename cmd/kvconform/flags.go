package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kvconform/kvconform/internal/survey"
	"github.com/kvconform/kvconform/runner/target"
)

// tokenVariable is the environment variable that holds the token if neither a flag nor the target file says where it is.
const tokenVariable = survey.TokenVariable

// completeRun offers ids for the flags of whatever runs the suite.
func completeRun(command *cobra.Command) {
	complete(command, "manner", manners)
	complete(command, "fault", faultIDs)
	complete(command, "profile", profileIDs)
	complete(command, "api-version", apiVersions)
	complete(command, "like", knownVersions)
	completeJudging(command)
}

// completeJudging offers ids for the flags of whatever judges.
func completeJudging(command *cobra.Command) {
	complete(command, "oracle", oracles)
	complete(command, "scenario", scenarioIDs)
	complete(command, "rule", ruleIDs)
}

// addRun adds the flags of whatever runs the suite.
func (f *runFlags) addRun(flags *pflag.FlagSet) {
	f.addTarget(flags)
	flags.BoolVar(&f.embedded, "embedded", false, "run against the reference vault, served on the loopback")
	flags.StringVar(&f.manner, "manner", "observed", "how the embedded vault responds if docs and service differ: observed or documented")
	flags.StringVar(&f.profile, "profile", "", "give the embedded vault the deviations of the profile of this `id`, as in a real emulator")
	flags.StringArrayVar(&f.faults, "fault", nil, "break the embedded vault by the fault of this `id`; may be given again")
	flags.StringVar(&f.ledger, "ledger", "", "record created names in this `file`, for kvconform sweep (default: one in the user's state folder)")
	f.addJudging(flags)
}

// addTarget adds the flags that say which vault is meant.
func (f *runFlags) addTarget(flags *pflag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "target `file`, which the other flags override (default ./"+target.DefaultFile+" if no --endpoint is given)")
	flags.StringVar(&f.endpoint, "endpoint", "", "base `URL` of the vault")
	flags.StringVar(&f.ca, "ca", "", "`file` of PEM certificates to trust")
	flags.BoolVar(&f.insecure, "insecure", false, "trust any server certificate")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to hosts other than localhost")
	flags.StringVar(&f.token, "token", "", "bearer `token`; other users of the machine can see it, unlike --token-file and "+tokenVariable)
	flags.StringVar(&f.tokenFile, "token-file", "", "read the bearer token from this `file`, again if it is refused")
	flags.StringVar(&f.idBase, "id-base", "", "the base `URL` in the ids that the vault writes, if it is not the endpoint")
	flags.StringVar(&f.apiVersion, "api-version", "", "api-`version` of every request; several with commas, or all that are released, run one after the other")
	flags.StringVar(&f.like, "like", "", "apply the rules of this known api-`version` to an --api-version that kvconform does not know")
}

// addJudging adds the flags that say what is judged and how.
func (f *runFlags) addJudging(flags *pflag.FlagSet) {
	flags.StringVar(&f.oracle, "oracle", "either", "which oracle judges: documented, observed or either")
	flags.BoolVar(&f.strict, "strict", false, "also fail if a should fails or a rule is not reached")
	flags.IntVar(&f.minJudged, "min-judged", 0, "exit with 3 if fewer than this `number` of rules are judged")
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "run only the scenario of this `id`, a pattern or a unique end; may be given again")
	flags.StringArrayVar(&f.rules, "rule", nil, "judge only the rule of this `id`, a pattern or a unique end; may be given again")
}

// addBaseline adds the flag of the known deviations.
func (f *runFlags) addBaseline(flags *pflag.FlagSet) {
	flags.StringVar(&f.baseline, "baseline", "", "`file` of known deviations: they are not failures; new deviations and stale entries are")
}

// addOutputs adds the flags of the files to write.
func (f *runFlags) addOutputs(flags *pflag.FlagSet) {
	f.reports.add(flags)
	f.print.add(flags)
	flags.StringVar(&f.transcript, "transcript", "", "write all exchanges, redacted, to this `file`")
}
