package store

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

func TestOpenErrors(t *testing.T) {
	set := writePictures(t, t.TempDir(), 5)
	for name, test := range map[string]struct {
		damage func(t *testing.T, path string)
		says   []string
	}{
		"nothing there": {func(t *testing.T, path string) {
			remove(t, path)
			remove(t, path+indexSuffix)
		}, []string{"no store at"}},
		"no pixels":          {func(t *testing.T, path string) { remove(t, path) }, []string{"unfinished"}},
		"cut off":            {func(t *testing.T, path string) { truncate(t, path, 100) }, []string{"damaged", "100 bytes long", "960"}},
		"longer":             {func(t *testing.T, path string) { truncate(t, path, 1000) }, []string{"damaged", "1000 bytes long"}},
		"index cut off":      {func(t *testing.T, path string) { truncate(t, path+indexSuffix, 50) }, []string{"index", "damaged"}},
		"index empty":        {func(t *testing.T, path string) { truncate(t, path+indexSuffix, 0) }, []string{"index", "damaged"}},
		"future format":      {edit("format", "longwing-store/9"), []string{"longwing-store/9"}},
		"no rows":            {edit("rows", 0), []string{"0 rows"}},
		"rows beyond reason": {edit("rows", 1<<40), []string{"rows are outside"}},
		"negative size":      {edit("size", -8), []string{"size -8 px"}},
		"few checksums":      {edit("checksums", "AAAA"), []string{"3 bytes of checksums"}},
		"broken row beyond":  {edit("broken", []Broken{{Row: 5}}), []string{"broken row 5"}},
		"broken row twice":   {edit("broken", []Broken{{Row: 1}, {Row: 1}}), []string{"broken row 1"}},
		"unknown rule":       {edit("resize", data.Resize{Rule: "fit"}), []string{`unknown rule "fit"`}},
		"unknown key":        {edit("colour", "blue"), []string{"colour"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			mustBuild(t, set, path, Options{Size: 8})
			test.damage(t, path)
			_, err := Open(path)
			wantError(t, err, append(test.says, path)...)
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, length int64) {
	t.Helper()
	if err := os.Truncate(path, length); err != nil {
		t.Fatal(err)
	}
}

func edit(key string, value any) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		t.Helper()
		var index map[string]any
		if err := json.Unmarshal(readFile(t, path+indexSuffix), &index); err != nil {
			t.Fatal(err)
		}
		index[key] = value
		text, err := json.Marshal(index)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+indexSuffix, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyFindsAFlippedBit(t *testing.T) {
	set := writePictures(t, t.TempDir(), 5)
	path := filepath.Join(t.TempDir(), "s")
	s := mustBuild(t, set, path, Options{Size: 8})
	content := readFile(t, path)
	content[3*192+17] ^= 4
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Verify(), path, "row 3", "checksum")
}

func TestCloseTwice(t *testing.T) {
	set := writePictures(t, t.TempDir(), 2)
	s := mustBuild(t, set, filepath.Join(t.TempDir(), "s"), Options{Size: 4})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestImageOutsideTheRows(t *testing.T) {
	set := writePictures(t, t.TempDir(), 2)
	s := mustBuild(t, set, filepath.Join(t.TempDir(), "s"), Options{Size: 4})
	for _, row := range []int{-1, 2} {
		_, err := s.Image(row)
		wantError(t, err, "0…1")
	}
}

// The file is what docs/store.md says: rows one after the other, nothing before or between them.
func TestFileIsPlainRows(t *testing.T) {
	set := writePictures(t, t.TempDir(), 4)
	path := filepath.Join(t.TempDir(), "s")
	s := mustBuild(t, set, path, Options{Size: 5})
	var want []byte
	for row := range 4 {
		pixels, _ := s.Pixels(row)
		want = append(want, pixels...)
	}
	if !bytes.Equal(readFile(t, path), want) {
		t.Error("the file is not the rows one after the other")
	}
}
