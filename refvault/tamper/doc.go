// Package tamper changes what passes between a client and a vault. A change is a wrapper of an http.Handler: it picks
// the requests of some operations and edits the answers to them, or asks the vault for something besides. It holds for
// any vault, the reference vault as well as one behind a reverse proxy, since it knows nothing but the API.
package tamper
