package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// onlyFile checks that a folder holds one file of the given content and nothing that was left over.
func onlyFile(t *testing.T, dir, name, want string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v, want %s only", entries, name)
	}
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	for _, content := range []string{"old", "new"} {
		if err := atomicfile.WriteBytes(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	onlyFile(t, dir, "x", "new")
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := atomicfile.WriteBytes(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no more numbers")
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half of it")
		return cause
	})
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file and wraps its cause", err)
	}
	onlyFile(t, dir, "x", "old")
}

func TestMissingFolder(t *testing.T) {
	if err := atomicfile.WriteBytes(filepath.Join(t.TempDir(), "none", "x"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want one that wraps fs.ErrNotExist", err)
	}
}

func TestRemoveTemporary(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	err := atomicfile.Write(path, func(w io.Writer) error {
		entries, err := os.ReadDir(dir) // what a kill would leave now
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := os.Link(filepath.Join(dir, e.Name()), filepath.Join(dir, e.Name()+"0")); err != nil {
				return err
			}
		}
		_, err = io.WriteString(w, "new")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Fatalf("the folder holds %v (%v), want an unfinished file too", entries, err)
	}
	for _, folder := range []string{dir, filepath.Join(dir, "none")} {
		if err := atomicfile.RemoveTemporary(folder); err != nil {
			t.Error(err)
		}
	}
	onlyFile(t, dir, "x", "new")
}
