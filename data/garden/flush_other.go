//go:build !linux

package garden

import (
	"fmt"
	"os"
	"path/filepath"
)

// flushFolder flushes every file of a folder and the folder itself.
func flushFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	paths := []string{dir}
	for _, entry := range entries {
		paths = append(paths, filepath.Join(dir, entry.Name()))
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = f.Sync()
		_ = f.Close()
		if err != nil {
			return fmt.Errorf("flushing %s: %w", path, err)
		}
	}
	return nil
}
