package garden

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// flushFolder flushes the file system that holds a folder: one call for all its files.
func flushFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("flushing %s: %w", dir, err)
	}
	return nil
}
