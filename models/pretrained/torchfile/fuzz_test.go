package torchfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

func FuzzRead(f *testing.F) {
	fixtures, err := filepath.Glob(filepath.Join("testdata", "*.pth"))
	if err != nil || len(fixtures) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, path := range fixtures {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add(saved(f, weight(rebuilt(reference("0", 4), 0, ints(2, 2), ints(1, 2)))))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := read("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		total := 0
		for _, e := range file.Entries {
			size, err := tensorfile.Elements(e.Dims)
			if err != nil {
				t.Fatal(err)
			}
			data, err := e.Load() // may fail: where a member starts is looked up here
			if err == nil && uint64(len(data)) != size {
				t.Fatalf("%d numbers for shape %v", len(data), e.Dims)
			}
			total += len(data)
		}
		if total > len(content) {
			t.Fatalf("%d numbers from %d bytes", total, len(content))
		}
	})
}

// FuzzPickle runs pickles in which any storage of up to 64 numbers exists.
func FuzzPickle(f *testing.F) {
	f.Add(weight(rebuilt(reference("0", 4), 0, ints(2, 2), ints(1, 2))))
	f.Add(proto + "ccollections\nOrderedDict\n]](U\x01wctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nHalfStorage\nU\x010U\x03cpuK\x04tQ\x8a\x00\x8a\x01\x04\x85\x8a\x01\x01\x85tRea\x85R.")
	f.Add("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94K\x01u.")
	f.Add(proto + "}q\x00(" + str("module.w") + "ctorch._utils\n_rebuild_tensor_v3\n(" + reference("0", 9) + "K\x01K\x02\x85K\x01\x85\x89}ctorch\nuint16\ntRr\x01\x00\x00\x00u}b.")
	f.Fuzz(func(t *testing.T, pickle string) {
		m := newMachine(strings.NewReader(pickle), int64(len(pickle)))
		m.openStorage = func(id tuple) (*storage, error) {
			if len(id) < 5 {
				return nil, os.ErrInvalid
			}
			_, s, err := newStorage(id, 256)
			if err == nil {
				s.start = func() (int64, error) { return 0, nil }
			}
			return s, err
		}
		object, err := m.load()
		if err != nil {
			return
		}
		tensors, err := stateDict(object)
		if err != nil || checkTensors(tensors, 1<<16) != nil {
			return
		}
		data := bytes.NewReader(make([]byte, 256))
		for _, e := range tensors {
			if _, err := e.load(data); err != nil && tensorfile.Width(e.numbers.name) > 0 {
				t.Fatalf("tensor %.200q passed its check: %v", e.name, err)
			}
		}
	})
}
