package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const lockSuffix = ".lock"

// lock waits until no other process builds the store at path, then keeps others out until unlock is called or the
// process ends. The lock file is removed by its holder, so a waiter that got hold of a removed file tries again.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	name := path + lockSuffix
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := flock(ctx, f); err != nil {
			_ = f.Close()
			return nil, err
		}
		held, err := f.Stat()
		if err == nil {
			if current, err := os.Stat(name); err == nil && os.SameFile(held, current) {
				return func() {
					_ = os.Remove(name)
					_ = f.Close()
				}, nil
			}
		}
		_ = f.Close()
	}
}

func flock(ctx context.Context, f *os.File) error {
	const pause = 100 * time.Millisecond
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for another process that builds it: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
}
