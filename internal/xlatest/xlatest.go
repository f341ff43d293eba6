// Package xlatest opens the XLA backend for tests.
package xlatest

import (
	"testing"

	"github.com/gomlx/compute"

	"github.com/longwing-ml/longwing/toolkit/backend"
)

// Open returns the process's backend. A machine without one fails the test instead of skipping it: `make test` sets it
// up, so its absence is a fault.
func Open(t testing.TB) compute.Backend {
	t.Helper()
	b, _, err := backend.Open()
	if err != nil {
		t.Fatalf("tests of graphs need the XLA plugin (run `make setup` once): %v", err)
	}
	return b
}
