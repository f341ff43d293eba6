package torchfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// want is a tensor of testdata/make.py: its k-th number in row-major order is number(k).
type want struct {
	name   string
	dtype  string
	dims   []int
	number func(k int) float32
}

func count(k int) float32 { return float32(k)/8 - 1 }

var views = []want{
	{"f32", "F32", []int{2, 3, 4}, count},
	{"f16", "F16", []int{2, 3, 4}, count},
	{"bf16", "BF16", []int{2, 3, 4}, count},
	{"f64", "F64", []int{2, 3, 4}, count},
	{"num_batches_tracked", "I64", []int{}, nil},
	{"bool", "BOOL", []int{2, 3, 4}, nil},
	{"scalar", "F32", []int{}, func(int) float32 { return 0.25 }},
	{"empty", "F32", []int{0, 3}, nil},
	{"permuted", "F32", []int{4, 2, 3}, func(k int) float32 { return count(k%6*4 + k/6) }}, // [a, b, c] is f32[b, c, a]
	{"sliced", "F32", []int{3, 2}, func(k int) float32 { return count(12 + 2*k) }},         // [a, b] is f32[1, a, 2b]
	{"expanded", "F32", []int{3, 2}, func(k int) float32 { return count(k % 2) }},
	{"channels_last", "F32", []int{2, 3, 2, 2}, count},
}

func TestReadsTorch(t *testing.T) {
	checkpoint := []want{
		{"conv.weight", "F32", []int{2, 1, 3, 3}, count},
		{"conv.bias", "F32", []int{2}, count},
		{"norm.weight", "F32", []int{2}, count},
		{"norm.bias", "F32", []int{2}, count},
		{"norm.running_mean", "F32", []int{2}, nil},
		{"norm.running_var", "F32", []int{2}, nil},
		{"norm.num_batches_tracked", "I64", []int{}, nil},
	}
	for _, c := range []struct {
		file, format string
		want         []want
	}{
		{"zip", "torch (zip)", views},
		{"zip4", "torch (zip)", views},
		{"legacy", "torch (legacy)", views},
		{"legacy4", "torch (legacy)", views},
		{"checkpoint", "torch (zip)", checkpoint},
		{"ema", "torch (zip)", []want{{"w", "F32", []int{3}, count}}},
		{"parameter", "torch (zip)", []want{{"weight", "F32", []int{2, 3, 4}, count}, {"bias", "F32", []int{3}, count}}},
		{"untyped", "torch (zip)", []want{
			{"f32", "F32", []int{2, 3, 4}, count}, {"u16", "U16", []int{3}, nil}, {"f8", "F8_E4M3", []int{2, 3, 4}, nil},
		}},
	} {
		t.Run(c.file, func(t *testing.T) {
			file, err := Open(filepath.Join("testdata", c.file+".pth"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			if file.Format != c.format {
				t.Errorf("format %q, want %q", file.Format, c.format)
			}
			compare(t, file, c.want)
		})
	}
}

func compare(t *testing.T, file *tensorfile.File, tensors []want) {
	t.Helper()
	if len(file.Entries) != len(tensors) {
		t.Fatalf("%d tensors, want %d", len(file.Entries), len(tensors))
	}
	for i, e := range file.Entries {
		w := tensors[i]
		if e.Name != w.name || e.Type != w.dtype || !reflect.DeepEqual(e.Dims, w.dims) {
			t.Errorf("tensor %d is %s, %s %v; want %s, %s %v", i, e.Name, e.Type, e.Dims, w.name, w.dtype, w.dims)
			continue
		}
		got, err := e.Load()
		if tensorfile.Width(e.Type) == 0 {
			if err == nil || !strings.Contains(err.Error(), "its type is "+e.Type+", only F16, BF16, F32 and F64 are read") {
				t.Errorf("%s: error %v", e.Name, err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		size, err := tensorfile.Elements(e.Dims)
		if err != nil || uint64(len(got)) != size {
			t.Errorf("%s: %d numbers for shape %v", e.Name, len(got), e.Dims)
		}
		for k, v := range got {
			if w.number != nil && v != w.number(k) {
				t.Errorf("%s: number %d is %g, want %g", e.Name, k, v, w.number(k))
			}
		}
	}
}

// TestRefusesTorch: files of torch.save that hold other things than a state_dict.
func TestRefusesTorch(t *testing.T) {
	for name, message := range map[string]string{
		"module.pth":   `it wants to use "torch.nn.modules.container.Sequential"; only tensors are read`,
		"sparse.pth":   `it wants to use "torch._utils._rebuild_sparse_tensor"`,
		"script.pth":   "it is TorchScript",
		"make.py":      "neither an archive nor torch's older format",
		"../testdata":  "is a directory",
		"missing.pth":  "no such file",
		"../values.go": "neither an archive nor torch's older format",
	} {
		_, err := Open(filepath.Join("testdata", name))
		if err == nil || !strings.Contains(err.Error(), message) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", name, err, message)
		}
	}
}

func TestClosedFile(t *testing.T) {
	for _, name := range []string{"zip.pth", "legacy.pth"} {
		file, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Entries[0].Load(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: loading from a closed file gave %v", name, err)
		}
	}
}

func TestFileThatShrinks(t *testing.T) {
	for _, name := range []string{"zip.pth", "legacy.pth"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Entries[0].Load(); err == nil || !strings.Contains(err.Error(), path+`: tensor "f32": `) {
			t.Errorf("%s: error %v", name, err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for name, c := range map[string]struct{ names, want []string }{
		"none":            {[]string{"a", "b"}, []string{"a", "b"}},
		"data parallel":   {[]string{"module.a", "module.b"}, []string{"a", "b"}},
		"not all":         {[]string{"module.a", "a"}, []string{"module.a", "a"}},
		"compiled":        {[]string{"_orig_mod.a"}, []string{"a"}},
		"compiled within": {[]string{"module._orig_mod.a"}, []string{"a"}},
		"compiled around": {[]string{"_orig_mod.module.a"}, []string{"a"}},
	} {
		var tensors []namedTensor
		for _, n := range c.names {
			tensors = append(tensors, namedTensor{name: n})
		}
		var got []string
		for _, t := range withoutPrefix(tensors) {
			got = append(got, t.name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v became %v, want %v", name, c.names, got, c.want)
		}
	}
}
