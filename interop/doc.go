// Package interop holds no code of the suite. It holds what the suite and the reference vault are tried on that others
// wrote, a folder each: a web server as the proxy before a vault, client libraries as the users of the reference vault,
// and an OpenAPI mock and validator as a target and as a second judge. Their versions are pinned there.
//
// The tests run the command as it is shipped and look at its files and exit codes. Those that need programs from
// elsewhere are built with the tag interop; `make interop` fetches the programs and runs them. A program that is missing
// is a failure and not a skip.
//
// The folder is a module of its own, because client libraries and browser drivers are large: a project that imports
// runner does not inherit them.
package interop
