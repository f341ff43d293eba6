package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes a file length bytes long and takes the room for it now, so that a full disk shows before the work and
// not in the middle of it. Where the file system can't do that, the file is only lengthened.
func reserve(f *os.File, length int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, length)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS):
			return f.Truncate(length)
		}
		return err
	}
}
