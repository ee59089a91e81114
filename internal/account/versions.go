package account

import (
	"fmt"
	"strings"

	"github.com/kvconform/kvconform/reports"
	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/specs"
)

// Unknown lists, at an api-version that kvconform does not know, the members that no schema has.
func Unknown(suite *specs.Suite, facts specs.Facts, performances []*scenarios.Performance) []reports.Unknown {
	if facts.Like == "" {
		return nil
	}
	var list []reports.Unknown
	for _, member := range suite.UnknownMembers(facts, performances) {
		list = append(list, reports.Unknown{
			Member: member.Member, Operations: strings.Join(member.Operations, ", "), Count: member.Count,
			Play: member.Play, Step: member.Step, Index: member.Index,
		})
	}
	return list
}

// LikeNotes mark a report whose api-version kvconform does not know, and say what of its responses is in no schema.
func LikeNotes(facts specs.Facts, unknown []reports.Unknown) []string {
	if facts.Like == "" {
		return nil
	}
	notes := []string{fmt.Sprintf("kvconform does not know the api-version %s: the rules and schemas of %s were applied to it, so this is no statement "+
		"about what %s adds or changes", facts.APIVersion, facts.Like, facts.APIVersion)}
	if len(unknown) == 0 {
		return append(notes, "every member of the responses is in a schema of kvconform")
	}
	const most = 20
	var members []string
	for i, member := range unknown {
		if i == most {
			members = append(members, fmt.Sprintf("and %d more", len(unknown)-most))
			break
		}
		members = append(members, member.Member)
	}
	return append(notes, "members of responses that no schema of kvconform has: "+strings.Join(members, ", "))
}
