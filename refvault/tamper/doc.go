// Package tamper changes the traffic between a client and a vault, to make a vault that is wrong or legally different.
//
// A change has two parts: an On picks requests by operation, and an Edit changes the responses to them. Both compose:
// ReadPending().And(Filtered()) picks reads with a request_id in their query, and OnSuccess(Drop("csr")) edits only
// responses that are a success. Handler puts the two in front of a vault; it, Pass and Ask are all that is needed for
// a change that depends on more than one response.
//
// The package knows the API and nothing of the reference vault, so that it works in a reverse proxy in front of any
// vault.
package tamper
