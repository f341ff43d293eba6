package hdf5

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unpacked returns a file that h5py wrote (testdata/make.py).
func unpacked(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".h5.gz"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func open(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := New(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// everything are the files with the same content in different versions of the format.
var everything = []string{"earliest", "v108", "latest", "userblock"}

func TestDatasets(t *testing.T) {
	for _, name := range everything {
		t.Run(name, func(t *testing.T) {
			root := open(t, unpacked(t, name)).Root()
			for _, c := range []struct {
				path, dtype string
				dims        []int
			}{
				{"types/f2-little", "F16", []int{2, 3}},
				{"types/f2-big", "F16", []int{2, 3}},
				{"types/f4-little", "F32", []int{2, 3}},
				{"types/f4-big", "F32", []int{2, 3}},
				{"types/f8-little", "F64", []int{2, 3}},
				{"types/f8-big", "F64", []int{2, 3}},
				{"types/bf16", "BF16", []int{2, 3}},
				{"shapes/scalar", "F32", []int{}},
				{"shapes/none", "F32", []int{0, 3}},
				{"shapes/null", "F32", []int{0}},
				{"shapes/four", "F32", []int{3, 3, 2, 2}},
				{"layouts/contiguous", "F32", []int{7, 10}},
				{"layouts/compact", "F32", []int{7, 10}},
				{"layouts/implicit", "F32", []int{7, 10}},
				{"layouts/chunked", "F32", []int{7, 10}},
				{"layouts/chunked3", "F32", []int{3, 5, 4}},
				{"layouts/one chunk", "F32", []int{7, 10}},
				{"layouts/one deflated chunk", "F32", []int{7, 10}},
				{"layouts/deflate", "F32", []int{7, 10}},
				{"layouts/shuffle", "F32", []int{7, 10}},
				{"layouts/fletcher32", "F32", []int{7, 10}},
				{"layouts/all filters", "F64", []int{7, 10}},
			} {
				d, err := root.Dataset(c.path)
				if err != nil {
					t.Errorf("%s: %v", c.path, err)
					continue
				}
				if d.Type != c.dtype || !slices.Equal(d.Dims, c.dims) {
					t.Errorf("%s: %s %v, want %s %v", c.path, d.Type, d.Dims, c.dtype, c.dims)
				}
				got, err := d.Floats()
				if err != nil {
					t.Errorf("%s: %v", c.path, err)
				}
				if want := formula(c.dims); !slices.Equal(got, want) {
					t.Errorf("%s: read %v, want %v", c.path, got, want)
				}
			}
		})
	}
}

// formula are the numbers of make.py.
func formula(dims []int) []float32 {
	n := 1
	for _, d := range dims {
		n *= d
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i)/4 - 1
	}
	return out
}

func TestFillValues(t *testing.T) {
	for _, name := range everything {
		root := open(t, unpacked(t, name)).Root()
		for path, fill := range map[string]float32{
			"layouts/unallocated": 7, "layouts/unallocated, zero": 0, "layouts/no chunks": 7, "layouts/some chunks": 7,
		} {
			want := slices.Repeat([]float32{fill}, 70)
			if path == "layouts/some chunks" {
				for _, row := range []int{3, 4, 5} {
					copy(want[row*10+4:row*10+8], formula([]int{7, 10})[row*10+4:])
				}
			}
			if got := floats(t, root, path); !slices.Equal(got, want) {
				t.Errorf("%s, %s: read %v, want %v", name, path, got, want)
			}
		}
	}
}

func floats(t *testing.T, g *Group, path string) []float32 {
	t.Helper()
	d, err := g.Dataset(path)
	if err != nil {
		t.Fatal(err)
	}
	values, err := d.Floats()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return values
}

func TestAttributes(t *testing.T) {
	for _, name := range everything {
		root := open(t, unpacked(t, name)).Root()
		for attribute, want := range map[string][]string{
			"fixed":        {"conv1", "bn", "fc1000"},
			"variable":     {"conv1", "", "größe"},
			"one fixed":    {"tensorflow"},
			"one variable": {"2.15.0"},
			"no text":      {},
			"spaces":       {"jax"},
			"more11":       {"text 11"},
		} {
			if got, err := root.Strings(attribute); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: read %q, %v, want %q", name, attribute, got, err, want)
			}
		}
		if _, err := root.Strings("number"); err == nil || err.Error() != "/: attribute number: holds I64, not text" {
			t.Errorf("%s: a number was read as text: %v", name, err)
		}
		if _, err := root.Strings("other"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: a missing attribute gave %v", name, err)
		}
	}
}

func TestNamesInOrderOfCreation(t *testing.T) {
	for _, name := range everything {
		root := open(t, unpacked(t, name)).Root()
		order, err := root.Group("order")
		if err != nil {
			t.Fatal(err)
		}
		got, err := order.Names()
		if want := []string{"zebra", "ant", "monkey"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"many-earliest", "many-latest"} {
		root := open(t, unpacked(t, name)).Root()
		many, err := root.Group("many")
		if err != nil {
			t.Fatal(err)
		}
		names, err := many.Names()
		if err != nil || len(names) != 1000 {
			t.Fatalf("%s: %d names, %v", name, len(names), err)
		}
		if name == "many-latest" {
			slices.SortFunc(names, func(a, b string) int { return indexOf(a) - indexOf(b) })
		}
		for i, got := range names {
			if indexOf(got) != i {
				t.Fatalf("%s: name %d is %s, which was made as number %d", name, i, got, indexOf(got))
			}
			if values := floats(t, many, got); !slices.Equal(values, formula([]int{4})) {
				t.Fatalf("%s: %s: %v", name, got, values)
			}
		}
	}
}

// indexOf says as which of the names "name0" … of make.py a name was made: i·7919 mod 1000 inverted.
func indexOf(name string) int {
	var n int
	fmt.Sscanf(name, "name%d", &n)
	return n * 679 % 1000
}

func TestPagedFixedArray(t *testing.T) {
	root := open(t, unpacked(t, "many-latest")).Root()
	if got := floats(t, root, "pages"); !slices.Equal(got, formula([]int{2500})) {
		t.Errorf("pages: %v", got)
	}
	want := slices.Repeat([]float32{7}, 2500)
	copy(want[2100:], formula([]int{3}))
	if got := floats(t, root, "deflated pages"); !slices.Equal(got, want) {
		t.Errorf("deflated pages: %v", got)
	}
}

func TestRefused(t *testing.T) {
	root := open(t, unpacked(t, "latest")).Root()
	for path, want := range map[string]string{
		"types/i32":              "numbers of type I32 are not floating-point",
		"types/u8":               "numbers of type U8 are not floating-point",
		"types/text":             "numbers of type text are not floating-point",
		"refused/lzf":            "filter 32000 (lzf)",
		"refused/soft":           "/refused/soft: a soft or external link",
		"refused/external link":  "/refused/external link: a soft or external link",
		"refused/external":       "its numbers in another file",
		"refused/committed":      "not a dataset",
		"refused/with committed": "a committed datatype",
		"refused/virtual":        "a virtual dataset",
		"refused/extensible":     "chunk index 4 of a resizable dataset",
		"refused":                "/refused: not a dataset",
		"refused/other":          "/refused/other: not in the file",
		"other/x":                "/other/x: not in the file",
		"shapes/four/x":          `/shapes/four/x: "x" of it is not in a group`,
	} {
		d, err := root.Dataset(path)
		if err == nil {
			_, err = d.Floats()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", path, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.h5")
	if err := os.WriteFile(path, unpacked(t, "earliest"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.Root().Dataset("shapes/four")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Floats(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reading after Close gave %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gave %v", err)
	}
}

// visit reads all of a file that can be read.
func visit(g *Group, depth int, steps *int) {
	g.Strings("fixed")
	g.Strings("variable")
	names, err := g.Names()
	if err != nil || depth > 4 {
		return
	}
	for _, name := range names {
		if *steps++; *steps > 300 {
			return
		}
		if inner, err := g.Group(name); err == nil {
			visit(inner, depth+1, steps)
		} else if d, err := g.Dataset(name); err == nil {
			d.Floats()
		}
	}
}

// TestCutOff cuts files off at every 97th byte: an error, never a panic.
func TestCutOff(t *testing.T) {
	for _, name := range everything {
		whole := unpacked(t, name)
		for n := 0; n < len(whole); n += 97 {
			if _, err := New(bytes.NewReader(whole[:n]), int64(n)); err == nil {
				t.Fatalf("%s cut off at byte %d of %d was opened", name, n, len(whole))
			}
		}
	}
}

// TestDamaged changes every byte of a file in turn and reads what can be read: no panic, no long loop.
func TestDamaged(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, name := range everything {
		whole := unpacked(t, name)
		for i := 0; i < len(whole); i += 61 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 0xff
			if f, err := New(bytes.NewReader(damaged), int64(len(damaged))); err == nil {
				steps := 0
				visit(f.Root(), 0, &steps)
			}
		}
	}
}

// FuzzRead needs -fuzzminimizetime 5x: without it Go spends nearly all time on making its first finds smaller.
func FuzzRead(f *testing.F) {
	f.Add(unpacked(f, "small-earliest"))
	f.Add(unpacked(f, "small-latest"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if f, err := New(bytes.NewReader(data), int64(len(data))); err == nil {
			steps := 0
			visit(f.Root(), 0, &steps)
		}
	})
}

func TestUnshuffle(t *testing.T) {
	for _, c := range []struct {
		shuffled    string
		elementSize int
		want        string
	}{
		{"aAbB", 1, "aAbB"},
		{"abcABC", 2, "aAbBcC"},
		{"abABx", 2, "aAbBx"},
		{"a", 4, "a"},
		{"", 4, ""},
	} {
		if got := unshuffle([]byte(c.shuffled), c.elementSize); string(got) != c.want {
			t.Errorf("%q by %d: %q, want %q", c.shuffled, c.elementSize, got, c.want)
		}
	}
}

// TestLargeChunks: a chunk of a megabyte of the file can inflate to a gigabyte, for a dataset of one number.
func TestLargeChunks(t *testing.T) {
	d := &Dataset{Dims: []int{1}, Type: "F32", datatype: datatype{size: 4},
		layout: layout{class: chunkedLayout, chunkDims: []int{1 << 40}, index: singleIndex, single: chunk{size: 8}}, filters: []filter{{id: deflateFilter}},
		source: source{r: bytes.NewReader(make([]byte, 16)), size: 16}}
	if _, err := d.Floats(); err == nil || !strings.Contains(err.Error(), "chunks of 1099511627776 numbers for a dataset of 1") {
		t.Errorf("got %v", err)
	}
}
