package pretrained

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

// TestEveryHeaderLength opens safetensors files whose header's length, their first bytes, ends in each multiple of 8. One
// of them, 0x80, is also the first byte of torch's older format.
func TestEveryHeaderLength(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	ends := make(map[byte]bool)
	for n := range 32 {
		var content bytes.Buffer
		if err := safetensors.Write(&content, nil, map[string]string{"padding": strings.Repeat(" ", 8*n)}); err != nil {
			t.Fatal(err)
		}
		ends[content.Bytes()[0]] = true
		if err := os.WriteFile(path, content.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		open, err := reader(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := open(path)
		if err != nil {
			t.Errorf("header of %d bytes: %v", content.Len()-8, err)
			continue
		}
		if err := file.Close(); err != nil || file.Format != "safetensors" {
			t.Errorf("header of %d bytes: opened as %s (%v)", content.Len()-8, file.Format, err)
		}
	}
	if len(ends) != 32 || !ends[0x80] {
		t.Errorf("headers of %d lengths, want 32 with 0x80", len(ends))
	}
}

// TestPipe: opening a pipe waits for its writer, who may never come.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path+": not a file") {
		t.Errorf("got %v", err)
	}
}
