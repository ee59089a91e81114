package main

import (
	"fmt"
	"io"

	"github.com/kvconform/kvconform/internal/ruleset"
	"github.com/kvconform/kvconform/runner"
	"github.com/kvconform/kvconform/scenarios"
)

// listDigest prints the digest of the rules of an api-version, "" for all, or the set that it is of.
func listDigest(w io.Writer, catalogue *scenarios.Catalogue, version string, patterns []string, asJSON bool) error {
	if len(patterns) > 0 {
		return &runner.Usage{Message: "--digest is of a whole set of rules: leave the patterns out, or --digest"}
	}
	set, err := ruleset.At(catalogue, version)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(w, set)
	}
	_, err = fmt.Fprintf(w, "%s  %s, %s\n", set.Digest, orAll(version), plural(len(set.Rules), "rule"))
	return err
}

func orAll(version string) string {
	if version == "" {
		return "all api-versions"
	}
	return "api-version " + version
}
