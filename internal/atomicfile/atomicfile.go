// Package atomicfile writes files that are either whole or absent.
//
// The content goes to a temporary file in the same folder, is flushed to disk, and only then takes the final name;
// the folder is flushed too, so that a power cut leaves the old file or the new one and never half of either.
//
//	err := atomicfile.Write("run/recipe.yaml", func(w io.Writer) error {
//		_, err := w.Write(text)
//		return err
//	})
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const temporary = ".tmp-" // in the name of a file that is being written

// IsTemporary tells whether a file's name is one that Write gives while it writes: such a file was left by a kill, unless
// a process is writing at the moment.
func IsTemporary(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Contains(name, temporary)
}

// RemoveTemporary removes what kills left of unfinished files in a folder, which may be missing. No process may be
// writing there.
func RemoveTemporary(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if IsTemporary(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Write creates or replaces the file at path with what write puts out, through a 1 MiB buffer.
//
// On error the temporary file is removed and an older file at path is left untouched. The error names the path and
// wraps its cause, so errors.Is(err, syscall.ENOSPC) and the like work.
func Write(path string, write func(w io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+temporary+"*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	buffered := bufio.NewWriterSize(tmp, 1<<20)
	if err = write(buffered); err != nil {
		return err
	}
	if err = buffered.Flush(); err != nil {
		return err
	}
	if err = tmp.Chmod(0o644); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// WriteBytes is Write for content that is already in memory.
func WriteBytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// SyncDir flushes a folder's entries to disk, so that a rename inside it survives a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		_ = d.Close()
		return fmt.Errorf("flushing folder %s: %w", dir, err)
	}
	return d.Close()
}
