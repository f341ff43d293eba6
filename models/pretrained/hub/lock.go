package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// lock waits until no other process fetches the same file, and keeps others waiting until unlock is called or the
// process ends. It is the lock of Python's filelock: flock on a file that stays. A waiter whose file was removed
// meanwhile takes the new one.
func (s *session) lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	for waiting := false; ; waiting = true {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o664)
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil && isStill(f, path) {
			return func() { _ = f.Close() }, nil
		}
		_ = f.Close()
		if err != nil && !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if !waiting {
			s.log("waiting for another process that fetches the same file")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another process that fetches the same file: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// isStill tells whether path names the open file f.
func isStill(f *os.File, path string) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	current, err := os.Stat(path)
	return err == nil && os.SameFile(held, current)
}
