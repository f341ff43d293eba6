package pretrained

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var sample = []Tensor{
	{Name: "b", Dims: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
	{Name: "a", Dims: []int{}, Data: []float32{-0.5}},
	{Name: "none", Dims: []int{0, 7}, Data: []float32{}},
}

func write(t testing.TB, tensors []Tensor, metadata map[string]string) []byte {
	var out bytes.Buffer
	if err := WriteSafetensors(&out, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRoundTrip(t *testing.T) {
	metadata := map[string]string{"model": "densenet121"}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, write(t, sample, metadata), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := ReadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(file.Tensors, sample) || !reflect.DeepEqual(file.Metadata, metadata) {
		t.Errorf("read %+v, wrote %+v with %v", file, sample, metadata)
	}
}

// TestReadsPython reads what Python's safetensors 0.6.2 wrote (testdata/python.py), and writes the same bytes.
func TestReadsPython(t *testing.T) {
	file, err := ReadSafetensors("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	want := []Tensor{
		{Name: "kernel", Dims: []int{2, 2}, Data: []float32{1, 2, 3, 4}},
		{Name: "scalar", Dims: []int{}, Data: []float32{0.25}},
	}
	if !reflect.DeepEqual(file.Tensors, want) {
		t.Errorf("read %+v, want %+v", file.Tensors, want)
	}
	python, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	again := write(t, file.Tensors, file.Metadata)
	if dataOf(python) != dataOf(again) {
		t.Error("the data written differs from Python's")
	}
}

func dataOf(file []byte) string {
	return string(file[8+binary.LittleEndian.Uint64(file):])
}

func TestDamagedFiles(t *testing.T) {
	whole := write(t, sample, nil)
	withHeader := func(header string, data int) []byte {
		out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return append(append(out, header...), make([]byte, data)...)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":             {nil, "header length: EOF"},
		"header too long":   {binary.LittleEndian.AppendUint64(nil, 1<<62), "header of 4611686018427387904 bytes in a file of 8"},
		"not JSON":          {withHeader("hello", 0), "header: invalid character"},
		"cut short":         {whole[:len(whole)-1], "does not fit"},
		"something behind":  {append(bytes.Clone(whole), 0), "tensors fill"},
		"other type":        {withHeader(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8), `type "F64", only F32 is read`},
		"huge shape":        {withHeader(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0), "shape too large"},
		"negative shape":    {withHeader(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "negative dimension"},
		"offsets backwards": {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), "does not fit"},
		"overlap": {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
			"starts at byte 0, the one before it ends at 4"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSafetensors(bytes.NewReader(c.file), int64(len(c.file)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestBadTensors(t *testing.T) {
	for name, tensors := range map[string][]Tensor{
		"twice":    {sample[0], sample[0]},
		"no name":  {{Dims: []int{1}, Data: []float32{1}}},
		"reserved": {{Name: "__metadata__", Dims: []int{1}, Data: []float32{1}}},
		"misfit":   {{Name: "a", Dims: []int{2}, Data: []float32{1}}},
	} {
		if err := WriteSafetensors(&bytes.Buffer{}, tensors, nil); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

func FuzzReadSafetensors(f *testing.F) {
	f.Add(write(f, sample, map[string]string{"k": "v"}))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := readSafetensors(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		written := write(t, got.Tensors, got.Metadata)
		again, err := readSafetensors(bytes.NewReader(written), int64(len(written)))
		if err != nil {
			t.Fatalf("what was read can't be written and read again: %v", err)
		}
		if len(again.Tensors) != len(got.Tensors) {
			t.Fatalf("%d tensors became %d", len(got.Tensors), len(again.Tensors))
		}
	})
}
