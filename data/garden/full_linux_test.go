package garden

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk needs the right to mount a small file system.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skip("can't mount a small file system here: ", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	target := filepath.Join(dir, "garden")
	err := Write(context.Background(), target, small)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "of 60 pictures on disk") {
		t.Fatalf("error on a full disk: %v", err)
	}
	pictures, err := os.ReadDir(filepath.Join(target, "imgs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, picture := range pictures {
		if !isWholePNG(filepath.Join(target, "imgs", picture.Name())) {
			t.Errorf("imgs/%s is half written", picture.Name())
		}
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("can't remount read-only: ", err)
	}
	if err := Write(context.Background(), target, small); !errors.Is(err, syscall.EROFS) {
		t.Errorf("error on a read-only disk: %v", err)
	}
}
