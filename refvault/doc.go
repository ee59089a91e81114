// Package refvault is the response key: an in-memory reference vault that serves the certificates API over any
// http.Server.
//
// It shares no code with the suite that judges it, so that agreement between the two means something. It is for tests:
// nothing is stored, issuers are simulated, and RSA keys come from a small pool and may serve several certificate
// names (see KeyPool). Of the keys and secrets of a vault it has those of its certificates, at kid and sid: they can be read,
// and requests that change them are refused. A key or a secret of its own can be made, deleted and purged, because no
// certificate can have its name; nothing else can be done with it.
//
// # Time
//
// Nothing happens behind the caller's back. An operation that would have ended by now ends when somebody looks at it,
// at the moment at which it was due. A ManualClock therefore drives everything.
//
// # Issuers
//
// Self and Unknown are built in. Four more are there from the start, each named after the outcome of its requests:
// "stays" never returns, "completes" issues, "fails" ends with "Certificate issuer error", "rejects" ends with
// "Request rejected". An issuer that a client sets takes its outcome from its provider, by the same four words in any
// case; any other provider completes.
//
// # Choices where no source speaks
//
//   - A second merge, after completion, is 403 Forbidden: there is an operation, but none that waits for a certificate.
//   - Self counts as an issuer: merging while it is in progress is 403.
//   - A request_id that is not the operation's hides the operation from GET, PATCH and DELETE alike; an empty one is
//     no filter.
//   - An import over an operation that has ended removes the operation.
//   - A cancellation and an issuer that is about to return race; whichever is due first wins.
//   - Key and secret keep what the policy said when their version was requested. The secret of a version that was never
//     completed is disabled; there is no key of it.
//   - A manual create with the curve P-256K returns a csr, but the vault certifies no such key and merges none: the
//     standard library has no X.509 for it.
//   - Operations and request members newer than the api-version asked for are served; recoverableDays and
//     recoveryLevel are left out of responses older than they are.
//   - Identifiers take scheme and host from the connection and the Host header. Forwarded headers are not trusted.
package refvault
