package vault

// The states of a certificate operation, as its member status has them. The documentation spells the end of a cancelled
// operation in two ways.
const (
	StateInProgress = "inProgress"
	StateCompleted  = "completed"
	StateFailed     = "failed"
	StateCancelled  = "cancelled"
	StateCanceled   = "canceled"
)
