package tensorfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestZip(t *testing.T) {
	var content bytes.Buffer
	w := zip.NewWriter(&content)
	for name := range strings.SplitSeq("ABCDEFGH", "") {
		if _, err := w.Create(strings.Repeat(name, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	size := int64(content.Len())
	r := bytes.NewReader(content.Bytes())
	if archive, err := Zip(r, size); err != nil || len(archive.File) != 8 {
		t.Errorf("the archive was not read: %v", err)
	}
	if _, err := openZip(r, size, 7000); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a long directory gave %v", err)
	}
	if _, err := Zip(r, size-30); !errors.Is(err, zip.ErrFormat) || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("an archive without its end gave %v", err)
	}
}
