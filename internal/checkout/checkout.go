// Package checkout finds the folders that belong to this copy of longwing: the source tree, if the program runs in
// one, and the cache.
//
//	root, err := checkout.Root()      // the folder with longwing's go.mod
//	cache, err := checkout.CacheDir() // $LONGWING_CACHE, or <root>/.cache, or the user's cache folder
package checkout

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Names of the environment variables that settle where things are. The notebook kernel sets both, because a notebook
// cell runs as a program of its own, somewhere in the temporary folder.
const (
	HomeEnv  = "LONGWING_HOME"  // the source tree
	CacheEnv = "LONGWING_CACHE" // the cache folder
)

const module = "module github.com/longwing-ml/longwing"

// ErrNoCheckout is what Root's error wraps when there is no source tree around.
var ErrNoCheckout = errors.New("not inside a longwing source tree")

// Root returns the absolute path of the source tree: $LONGWING_HOME, or else the nearest folder with longwing's go.mod
// above the working folder, or else above the running program. The error wraps ErrNoCheckout if none is one.
func Root() (string, error) {
	if home := os.Getenv(HomeEnv); home != "" {
		home, err := filepath.Abs(home)
		if err != nil {
			return "", fmt.Errorf("%s: %w", HomeEnv, err)
		}
		if !isRoot(home) {
			return "", fmt.Errorf("%s=%s: %w (its go.mod is missing or of another module)", HomeEnv, home, ErrNoCheckout)
		}
		return home, nil
	}
	if dir, err := os.Getwd(); err == nil {
		if root, ok := above(dir); ok {
			return root, nil
		}
	}
	if program, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			if root, ok := above(filepath.Dir(program)); ok {
				return root, nil
			}
		}
	}
	return "", fmt.Errorf("%w: run it in a clone of the repository, or set %s to one", ErrNoCheckout, HomeEnv)
}

// CacheDir returns the absolute path of the folder for fetched and derived files: $LONGWING_CACHE, else .cache in the
// source tree, else longwing in the user's cache folder. The folder need not exist yet.
func CacheDir() (string, error) {
	if dir := os.Getenv(CacheEnv); dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("%s: %w", CacheEnv, err)
		}
		return dir, nil
	}
	root, err := Root()
	if err == nil {
		return filepath.Join(root, ".cache"), nil
	}
	if os.Getenv(HomeEnv) != "" {
		return "", err
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for longwing's cache: %w: set %s", err, CacheEnv)
	}
	return filepath.Join(dir, "longwing"), nil
}

// above returns the nearest source tree that is dir or holds it.
func above(dir string) (string, bool) {
	for {
		if isRoot(dir) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// isRoot tells whether dir holds longwing's own go.mod.
func isRoot(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == module {
			return true
		}
	}
	return false
}
