package fault

import "github.com/kvconform/kvconform/refvault/tamper"

// statuses are wrong statuses on answers that are right otherwise.
func statuses() []Fault {
	return []Fault{
		edits("create-answers-200", "a create answers 200 instead of 202",
			tamper.Create(), tamper.OnStatus(202, tamper.Status(200)),
			"request-from-issuer/create-status"),
		edits("conflict-answers-400", "a create for a name whose request is in progress answers 400",
			tamper.Create(), tamper.OnStatus(409, tamper.Status(400)),
			"conflict-while-in-progress/create-status"),
	}
}
