package runner_test

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"testing"
)

// atOnce is how many tests run at once: they wait for endpoints that are silent or slow, so most of them need no processor.
const atOnce = "16"

// The ledgers of the runs of these tests go to a folder of their own. The log has the lines of net/http about hostile
// endpoints; what a run says of them is in its report.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		state, err := os.MkdirTemp("", "kvconform-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(state) }()
		_ = os.Setenv("XDG_STATE_HOME", state)
		log.SetOutput(io.Discard)
		if err := moreAtOnce(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// moreAtOnce sets the flag -parallel, unless the command line does.
func moreAtOnce() error {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", atOnce)
}
