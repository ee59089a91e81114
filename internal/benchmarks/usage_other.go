//go:build !unix

package main

import (
	"os"
	"time"
)

// processorTime is not measured on this system.
func processorTime() time.Duration { return 1 }

// megabytes is not measured on this system.
func megabytes(*os.ProcessState) int { return 0 }
