package kerasfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// refused checks that content isn't opened, with one line that names the file.
func refused(t *testing.T, content []byte, message string) {
	t.Helper()
	path := saved(t, "x", content)
	_, err := Open(path)
	if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), message) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, message)
	}
}

func TestRefusesHDF5(t *testing.T) {
	for name, message := range map[string]string{
		"other":             "an HDF5 file, but not one of Keras",
		"no-weights":        "a Keras file without weights",
		"layer-twice":       "two layers are called a",
		"no-layer":          "/b: not in the file",
		"no-list":           "/a: attribute weight_names: not in the file",
		"no-weight":         "/a/kernel:0: not in the file",
		"weight-twice":      "two tensors are called a/kernel",
		"long-name":         "the name of a tensor has 1102 bytes",
		"layer-is-numbers":  "/layers/dense: not a group",
		"variable-is-group": "/layers/dense/vars/0: not a dataset",
		"deep":              "groups, or more than 16 in one another",
		"cycle":             "groups, or more than 16 in one another",
	} {
		t.Run(name, func(t *testing.T) { refused(t, unpacked(t, "testdata/damaged/"+name+".h5"), message) })
	}
}

func TestIntegers(t *testing.T) {
	file := opened(t, "x.h5", unpacked(t, "testdata/damaged/integers.h5"))
	e := file.Entries[0]
	if _, err := e.Load(); e.Type != "I64" || err == nil || !strings.Contains(err.Error(), "tensor a/kernel: numbers of type I64") {
		t.Errorf("type %s, error %v", e.Type, err)
	}
}

func TestRefusesOthers(t *testing.T) {
	for name, c := range map[string]struct{ content, message string }{
		"empty":    {"", "too short for a weight file"},
		"short":    {"PK", "too short for a weight file"},
		"text":     {"# weights", "not an HDF5 file"},
		"index":    {`{"metadata": {}}`, "JSON, perhaps the index of sharded weights"},
		"zip only": {"PK\x03\x04", "zip: not a valid zip file"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, []byte(c.content), c.message) })
	}
	if _, err := Open("testdata"); err == nil || !strings.Contains(err.Error(), "testdata: a folder") {
		t.Errorf("a folder gave %v", err)
	}
	if _, err := Open("testdata/none"); !os.IsNotExist(err) {
		t.Errorf("a missing file gave %v", err)
	}
}

type part struct{ name, content string }

// parts are those of a .keras file.
func parts(t testing.TB, name string) []part {
	t.Helper()
	whole := unpacked(t, name)
	archive, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var all []part
	for _, p := range archive.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part{p.Name, string(content)})
	}
	return all
}

func archiveOf(t testing.TB, method uint16, all ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range all {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCompressedArchive: the weights are inflated beside, and that file is gone after Close and after an error.
func TestCompressedArchive(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	left := func() int {
		found, err := filepath.Glob(filepath.Join(folder, "longwing-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	file := opened(t, "x.keras", archiveOf(t, zip.Deflate, parts(t, "testdata/3.15.1.keras")...))
	compare(t, file, named())
	if n := left(); n != 1 {
		t.Errorf("%d files while open, want 1", n)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	other := slices.DeleteFunc(parts(t, "testdata/3.15.1.keras"), func(p part) bool { return p.name == "model.weights.h5" })
	refused(t, archiveOf(t, zip.Deflate, append(other, part{"model.weights.h5", "no HDF5"})...), "model.weights.h5: ")
	if n := left(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// TestConfigurations: one that doesn't fit the weights is no error, and layers keep the names that they have without.
func TestConfigurations(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no JSON": "{", "a number": "3", "no layers": `{"config": {}}`, "layers is text": `{"config": {"layers": "x"}}`,
		"layer is text":   `{"config": {"layers": ["x", null, 3, {}]}}`,
		"name is number":  `{"config": {"layers": [{"class_name": "Conv2D", "config": {"name": 1}}]}}`,
		"class is number": `{"config": {"layers": [{"class_name": 1, "config": {"name": "x"}}]}}`,
		"deep":            strings.Repeat(`{"class_name": "Functional", "config": {"layers": [`, 3000) + strings.Repeat(`]}}`, 3000),
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(t, "testdata/3.0.5.keras")
			for i := range all {
				if all[i].name == "config.json" {
					all[i].content = text
				}
			}
			compare(t, opened(t, "x.keras", archiveOf(t, zip.Store, all...)), classes(named()))
		})
	}
}

func TestRefusesArchives(t *testing.T) {
	all := parts(t, "testdata/3.15.1.keras")
	without := func(name string) []part {
		return slices.DeleteFunc(slices.Clone(all), func(p part) bool { return p.name == name })
	}
	weightless := without("model.weights.h5")
	for name, c := range map[string]struct {
		parts   []part
		message string
	}{
		"nothing of Keras": {[]part{{"a/data.pkl", "x"}}, "a zip without model.weights.h5, so not a .keras file"},
		"npz":              {append(slices.Clone(weightless), part{"model.weights.npz", ""}), "weights as npz"},
		"sharded":          {append(slices.Clone(weightless), part{"model.weights.json", ""}), "sharded weights"},
		"no configuration": {without("config.json"), "config.json: missing"},
		"no metadata":      {without("metadata.json"), "metadata.json: missing"},
		"odd metadata":     {append(without("metadata.json"), part{"metadata.json", "3"}), "metadata.json: json: "},
		"huge metadata":    {append(without("metadata.json"), part{"metadata.json", strings.Repeat(" ", maxText+1)}), "metadata.json: more than 8388608 bytes"},
		"no HDF5":          {append(slices.Clone(weightless), part{"model.weights.h5", "x"}), "model.weights.h5: "},
	} {
		t.Run(name, func(t *testing.T) { refused(t, archiveOf(t, zip.Deflate, c.parts...), c.message) })
	}
}

// TestHostileDirectory: sizes that the archive's directory claims for the weights.
func TestHostileDirectory(t *testing.T) {
	for name, c := range map[string]struct {
		method           uint16
		packed, inflated uint32
		message          string
	}{
		"larger than the file": {zip.Store, 1 << 30, 1 << 30, "1073741824 bytes at "},
		"inflates to fill":     {zip.Deflate, 1 << 20, 1<<32 - 2, "inflates from 1048576 to 4294967294 bytes, which is more than weights can"},
		"not what inflates":    {zip.Deflate, 0, 1 << 29, "model.weights.h5: "},
		"more than it says":    {zip.Deflate, 0, 100, "model.weights.h5: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			content := archiveOf(t, c.method, parts(t, "testdata/3.15.1.keras")...)
			name := bytes.LastIndex(content, []byte("model.weights.h5")) // in the directory
			entry := content[name-46:]
			if c.packed > 0 {
				binary.LittleEndian.PutUint32(entry[20:], c.packed)
			}
			binary.LittleEndian.PutUint32(entry[24:], c.inflated)
			refused(t, content, c.message)
		})
	}
}

// everything are files of every layout.
var everything = []string{"3.15.1.h5", "3.15.1.weights.h5", "3.15.1.keras", "2.13.1.weights.h5", "keras1.h5"}

// TestCutOff cuts files off at every 211th byte: an error, never a panic.
func TestCutOff(t *testing.T) {
	for _, name := range everything {
		whole := unpacked(t, "testdata/"+name)
		for n := 0; n < len(whole); n += 211 {
			if err := visit(whole[:n]); err == nil {
				t.Fatalf("%s cut off at byte %d of %d was opened", name, n, len(whole))
			}
		}
	}
}

// TestDamaged changes bytes of a file one at a time and reads what can be read: no panic, no long loop.
func TestDamaged(t *testing.T) {
	for _, name := range everything {
		whole := unpacked(t, "testdata/"+name)
		for i := 0; i < len(whole); i += 53 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 0xff
			_ = visit(damaged)
		}
	}
}

// visit reads all of a file that can be read.
func visit(content []byte) error {
	file := tensorfile.File{Close: func() error { return nil }}
	err := read(bytes.NewReader(content), int64(len(content)), &file)
	for _, e := range file.Entries {
		_, _ = e.Load()
	}
	_ = file.Close()
	return err
}

// FuzzRead needs -fuzzminimizetime 5x: without it Go spends nearly all time on making its first finds smaller.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"keras1.h5", "3.15.1.weights.h5", "2.15.0.weights-only.h5", "3.0.5.keras", "damaged/cycle.h5"} {
		f.Add(unpacked(f, "testdata/"+name))
	}
	f.Add(archiveOf(f, zip.Deflate, parts(f, "testdata/3.15.1.keras")...))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) < 1<<20 {
			_ = visit(content)
		}
	})
}
