//go:build !linux

package store

import "os"

// reserve makes a file length bytes long.
func reserve(f *os.File, length int64) error { return f.Truncate(length) }
