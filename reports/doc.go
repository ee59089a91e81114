// Package reports is what comes out of a run: one model, filled by whoever ran it, and everything that is drawn from it.
//
// A [Report] is the single source of every format, so that a rule that failed in the terminal failed in the JUnit file,
// on the page and in the badge as well. The order of everything drawn is the order of the model: two equal runs give equal files,
// times aside. Text that came from a target is hostile until it is escaped, in every format.
package reports
