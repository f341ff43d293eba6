package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Kinds of picture sources.
const (
	Folder = "folder" // a folder of class folders
	Kit    = "kit"    // train.csv, test.csv, class_codes.csv and imgs/<id>
)

// Pictures is what a user points at: one set, with a test set beside it when the source has its own.
type Pictures struct {
	Path  string // the folder that was opened
	Kind  string // Folder or Kit
	Train *Set
	Test  *Set // nil when the source has no test set of its own
}

// Open opens the pictures at path: a kit when the folder holds a train.csv, else a folder of class folders.
func Open(path string) (*Pictures, error) {
	if err := checkFolder(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(path, trainFile)); err == nil {
		return OpenKit(path)
	}
	set, err := OpenFolder(path)
	if err != nil {
		return nil, err
	}
	return &Pictures{Path: path, Kind: Folder, Train: set}, nil
}

// checkFolder says in one sentence why path can't be used as a folder.
func checkFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no folder %s: give a folder of class folders, or one with a %s: %w", path, trainFile, err)
	case err != nil:
		return fmt.Errorf("folder %s: %w", path, err)
	case !info.IsDir():
		return fmt.Errorf("%s is a file: give the folder the pictures are in", path)
	}
	return nil
}

// folderName is the last element of a path, also of "." and "..", for messages.
func folderName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}
