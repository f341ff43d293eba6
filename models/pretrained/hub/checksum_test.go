package hub

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPipeInTheCache: opening a pipe waits for its writer, who may never come.
func TestPipeInTheCache(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(path); err == nil || !strings.Contains(err.Error(), path+" is not a file") {
		t.Errorf("got %v", err)
	}
}
