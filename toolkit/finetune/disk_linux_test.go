package finetune_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// TestRunOnBadDisks needs the right to mount a small file system: one with room for the small files of a run but not for
// a checkpoint (1 MB), with room for nothing, and one that is read-only.
func TestRunOnBadDisks(t *testing.T) {
	xlatest.Open(t)
	disk, options := t.TempDir(), finetune.Options{StoreDir: t.TempDir()}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=400k"); err != nil {
		t.Skip("can't mount a small file system here: ", err)
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }()
	set := pictures(t, 3, 20)
	train := func(name string) error {
		_, err := finetune.Train(context.Background(), smallRecipe(t, headOnly...), set, filepath.Join(disk, name), options)
		return err
	}

	err := train("run")
	wantError(t, err, filepath.Join(disk, "run", "checkpoints"), "no space left on device")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not wrap ENOSPC", err)
	}
	err = filepath.WalkDir(disk, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, "tmp-") || strings.HasSuffix(path, ".safetensors") {
			t.Errorf("%s was left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("can't remount read-only: ", err)
	}
	for _, name := range []string{"run", "new"} {
		err := train(name)
		wantError(t, err, filepath.Join(disk, name), "read-only file system")
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%v does not wrap EROFS", err)
		}
	}
}
