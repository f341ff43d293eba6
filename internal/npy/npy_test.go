package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var counting = []float32{0, .25, .5, .75, 1, 1.25}

// The files of testdata are NumPy's (make.py).
func TestReadWhatNumPyWrote(t *testing.T) {
	for _, c := range []struct {
		file  string
		shape []int
		data  []float32
	}{
		{"f4.npy", []int{2, 3}, counting},
		{"f8.npy", []int{2, 3}, counting},
		{"version2.npy", []int{2, 3}, counting},
		{"vector.npy", []int{6}, counting},
		{"scalar.npy", nil, []float32{2.5}},
		{"empty.npy", []int{0, 403}, nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			got, err := Read(filepath.Join("testdata", c.file))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Shape, c.shape) || !slices.Equal(got.Data, c.data) {
				t.Errorf("got shape %v data %v, NumPy wrote %v %v", got.Shape, got.Data, c.shape, c.data)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"columns.npy": "column-major",
		"f2.npy":      `"<f2"`,
		"i8.npy":      `"<i8"`,
		"big.npy":     `">f4"`,
		"record.npy":  "need little-endian float32",
	} {
		_, err := Read(filepath.Join("testdata", file))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got error %v, want one that names the file and says %s", file, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.npy")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
	if _, err := Read("testdata"); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("folder: got %v", err)
	}
}

// Same bytes as NumPy, header included.
func TestWriteIsNumPysFile(t *testing.T) {
	for _, c := range []struct {
		file  string
		shape []int
		data  []float32
	}{{"f4.npy", []int{2, 3}, counting}, {"vector.npy", []int{6}, counting}, {"scalar.npy", nil, []float32{2.5}}, {"empty.npy", []int{0, 403}, nil}} {
		want, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), c.file)
		if err := Write(path, c.shape, c.data); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, want) {
			t.Errorf("%s: wrote\n%q, NumPy wrote\n%q", c.file, got, want)
		}
	}
	if err := Write(filepath.Join(t.TempDir(), "x.npy"), []int{2, 2}, counting); err == nil {
		t.Error("six numbers filled shape [2 2]")
	}
}

// A file that claims more numbers than it holds must be refused before memory is taken for them.
func TestHostileFiles(t *testing.T) {
	good, err := os.ReadFile("testdata/f4.npy")
	if err != nil {
		t.Fatal(err)
	}
	claiming := func(shape string) []byte { // with six numbers
		file := append([]byte(magic), 1, 0, 118, 0)
		file = fmt.Appendf(file, "%-117s\n", "{'descr': '<f4', 'fortran_order': False, 'shape': ("+shape+"), }")
		return append(file, good[128:]...)
	}
	if _, err := decode(bytes.NewReader(claiming("2, 3")), int64(len(good))); err != nil {
		t.Fatalf("the honest file: %v", err)
	}
	replace := func(old, new string) []byte {
		changed := bytes.Replace(good, []byte(old), []byte(new), 1)
		if bytes.Equal(changed, good) {
			t.Fatalf("%q is not in the file", old)
		}
		return changed
	}
	long := append([]byte(magic), 2, 0)
	long = binary.LittleEndian.AppendUint32(long, 1<<31)
	for name, content := range map[string][]byte{
		"hundred gigabytes":   claiming("99999999, 403"),
		"overflow":            claiming("4294967296, 4294967296, 16"),
		"overflow to six":     claiming("6, 18446744073709551617"),
		"negative":            claiming("-2, -3"),
		"empty axis":          claiming("0, 99999999999"),
		"cut short":           good[:len(good)-1],
		"one byte more":       append(slices.Clone(good), 0),
		"no numbers":          good[:128],
		"cut in the header":   good[:50],
		"empty":               nil,
		"not npy":             []byte("PK\x03\x04 a zip archive, such as npz"),
		"version 9":           replace("NUMPY\x01", "NUMPY\x09"),
		"header of 2 GiB":     long,
		"no shape":            replace("'shape'", "'shade'"),
		"descr is not closed": replace("'<f4'", "'<f4 "),
	} {
		if _, err := decode(bytes.NewReader(content), int64(len(content))); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.npy")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		array, err := decode(bytes.NewReader(content), int64(len(content)))
		if err == nil && len(array.Data)*4 > len(content) {
			t.Errorf("%d numbers from %d bytes", len(array.Data), len(content))
		}
	})
}
