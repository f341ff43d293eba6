package finetune_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// checkFullDisk stops one run again and again by a disk that is full, at each kind of file, and damages checkpoints
// between. The run must come out as that of want.
func checkFullDisk(t *testing.T, set *data.Pictures, want string) {
	c := newChain(set, t.TempDir())
	checkpoint := func(name string) string { return filepath.Join(c.checkpoints(), name) }
	log := filepath.Join(c.Run, "metrics.jsonl")
	lines := bytes.SplitAfter(read(t, filepath.Join(want, "metrics.jsonl")), []byte("\n"))
	torn := len(bytes.Join(lines[:3], nil)) + 60 // amid the second line of epoch 2
	for _, stop := range []struct {
		full string // the disk, once this was done
		room int
		want string // the error
		said string // before that
		then func() // with what is left
	}{
		{"epoch 1 of 9: 4 of ", 200_000, "writing " + checkpoint("epoch-00000+000004.safetensors"), "", func() {
			newest := checkpoint("epoch-00000+000003.safetensors")
			content := read(t, newest)
			overwrite(t, newest, content[:len(content)-1])
			c.atLeast, c.atMost = reached{0, 2}, reached{0, 2}
		}},
		{"epoch 1, validating: ", 200_000, "writing " + checkpoint("best.safetensors"), "passing over " + checkpoint("epoch-00000+000003.safetensors"), func() {}},
		{"epoch 2, validating: ", torn, "appending to " + log, "", func() {
			if content := read(t, log); len(content) != torn || content[torn-1] == '\n' {
				t.Errorf("%s has %d bytes, want %d and the last line torn", log, len(content), torn)
			}
			c.checkDamaged(t, "best.safetensors", "best checkpoint: ")
			c.checkDamaged(t, "epoch-*.safetensors", "checkpoints can be read")
		}},
		{"predicting valid: ", 50, filepath.Join(c.Run, "predictions", "valid.npy"), "", func() {
			c.checkDamaged(t, "best.safetensors", "best checkpoint: ")
		}},
	} {
		c.Full, c.Room = stop.full, uint64(stop.room)
		out := c.next(t, nil)
		out.wantError(t, stop.want, "file too large")
		if !slices.ContainsFunc(out.lines, func(line string) bool { return strings.HasPrefix(line, "say "+stop.said) }) {
			t.Errorf("nothing was said of %q: %q", stop.said, out.lines)
		}
		for name := range tree(t, c.Run) {
			if atomicfile.IsTemporary(filepath.Base(name)) {
				t.Errorf("full after %q: %s was left", stop.full, name)
			}
		}
		stop.then()
	}
	c.Full = ""
	if out := c.next(t, nil); out.status != 0 {
		t.Fatalf("with room again: %q", out.lines)
	}
	wantEqualRuns(t, c.Run, want)
}

// checkDamaged flips a bit of some checkpoints of a copy of the run: it must not go on.
func (c *chain) checkDamaged(t *testing.T, pattern, want string) {
	t.Helper()
	damaged := *c
	damaged.Full, damaged.Run = "", filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(damaged.Run, os.DirFS(c.Run)); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(damaged.checkpoints(), pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no checkpoints %s: %v", pattern, err)
	}
	for _, path := range paths {
		content := read(t, path)
		content[len(content)/2] ^= 4
		overwrite(t, path, content)
	}
	damaged.next(t, nil).wantError(t, damaged.checkpoints(), want, "start again in another directory")
}

func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (o outcome) wantError(t *testing.T, parts ...string) {
	t.Helper()
	text, isError := strings.CutPrefix(o.lines[len(o.lines)-1], "error ")
	if o.status != 3 || !isError {
		t.Fatalf("ended with %d: %q", o.status, o.lines)
	}
	wantError(t, errors.New(text), parts...)
}

// checkReadOnly has folders in which this process may not write.
func checkReadOnly(t *testing.T, set *data.Pictures, finished string, options finetune.Options) {
	dir := t.TempDir()
	locked, midway := filepath.Join(dir, "locked"), filepath.Join(dir, "midway")
	for _, path := range []string{locked, midway} {
		if err := os.CopyFS(path, os.DirFS(finished)); err != nil {
			t.Fatal(err)
		}
	}
	last, err := filepath.Glob(filepath.Join(midway, "checkpoints", "epoch-*"))
	if err != nil || len(last) < 2 {
		t.Fatalf("checkpoints %q: %v", last, err)
	}
	if err := os.Remove(slices.Max(last)); err != nil {
		t.Fatal(err)
	}
	allow(t, options.StoreDir, 0o777)
	allow(t, dir, 0o777)
	allow(t, locked, 0o555)
	allow(t, filepath.Join(midway, "checkpoints"), 0o555)
	chmod(t, dir, 0o555)
	t.Cleanup(func() { allow(t, dir, 0o777) })
	asOrdinaryUser(t)
	for path, want := range map[string]string{
		filepath.Join(dir, "new"): "creating run " + filepath.Join(dir, "new"),
		locked:                    "locking run: open " + filepath.Join(locked, "lock"),
		midway:                    "writing " + filepath.Join(midway, "checkpoints", "epoch-"),
	} {
		recipe, err := finetune.ParseRecipe([]byte(cutRecipe))
		if err != nil {
			t.Fatal(err)
		}
		_, err = finetune.Train(context.Background(), recipe, set, path, options)
		wantError(t, err, want, "permission denied")
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v does not wrap fs.ErrPermission", err)
		}
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// allow gives a folder and all in it a mode, files without the right to be executed, and lets everybody into its parents.
func allow(t *testing.T, dir string, mode fs.FileMode) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			return os.Chmod(path, mode&^0o111)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, mode)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	temporary := filepath.Clean(os.TempDir())
	for parent := filepath.Dir(dir); strings.HasPrefix(parent, temporary) && parent != temporary; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			t.Fatal(err)
		}
		chmod(t, parent, info.Mode()|0o055)
	}
}

// asOrdinaryUser takes root's right to write everywhere from the process until the test ends.
func asOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	if err := syscall.Setreuid(-1, nobody); err != nil {
		t.Skip("can't become another user: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Setreuid(-1, 0); err != nil {
			t.Error(err)
		}
	})
}
