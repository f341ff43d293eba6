//go:build unix

package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Lock makes this process the only one that may write to the run, until unlock is called or the process ends, however it
// ends. If another process holds the lock the error wraps ErrLocked and names its process id. The lock is advisory
// (flock): readers need none. What killed processes left of unfinished files is removed.
func (r *Run) Lock() (unlock func(), err error) {
	path := filepath.Join(r.dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking run: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := readHolder(f)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("locking run %s: %w (%s); wait for it or stop it", r.dir, ErrLocked, holder)
		}
		return nil, fmt.Errorf("locking run %s: its file system refuses the lock: %w", r.dir, err)
	}
	if err = writeHolder(f); err == nil {
		err = r.removeUnfinished()
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking run %s: %w", r.dir, err)
	}
	return func() {
		_ = f.Truncate(0)
		_ = f.Close() // gives the lock back
	}, nil
}

// ErrLocked says that another process is writing to the run.
var ErrLocked = errors.New("another process is using it")

func (r *Run) removeUnfinished() error {
	for _, dir := range []string{r.dir, filepath.Join(r.dir, checkpointsDir), filepath.Join(r.dir, predictionsDir)} {
		if err := atomicfile.RemoveTemporary(dir); err != nil {
			return err
		}
	}
	return nil
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func readHolder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	pid, parseErr := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || parseErr != nil {
		return "process id unknown"
	}
	return fmt.Sprintf("process %d", pid)
}
