package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

var sample = []Tensor{
	{Name: "b", Dims: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
	{Name: "a", Dims: []int{}, Data: []float32{-0.5}},
	{Name: "none", Dims: []int{0, 7}, Data: []float32{}},
}

func write(t testing.TB, tensors []Tensor, metadata map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func save(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRoundTrip(t *testing.T) {
	large := make([]float32, 3*pieceBytes/4+5)
	for i := range large {
		large[i] = float32(i)
	}
	tensors := append([]Tensor{{Name: "<large>", Dims: []int{len(large)}, Data: large}}, sample...)
	metadata := map[string]string{"model": "densenet121", "note": "é <&>\n"}
	got, gotMetadata, err := ReadAll(save(t, write(t, tensors, metadata)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, tensors) || !reflect.DeepEqual(gotMetadata, metadata) {
		t.Errorf("read %d tensors and %v, wrote %d with %v", len(got), gotMetadata, len(tensors), metadata)
	}
}

// TestPython reads what Python's library wrote (testdata/make.py) and writes the same file.
func TestPython(t *testing.T) {
	path := filepath.Join("testdata", "python.safetensors")
	got, metadata, err := ReadAll(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Tensor{
		{Name: "kernel", Dims: []int{2, 2}, Data: []float32{1, 2, 3, 4}},
		{Name: "scalar", Dims: []int{}, Data: []float32{0.25}},
	}
	if !reflect.DeepEqual(got, want) || metadata["made by"] != "safetensors 0.8.0" {
		t.Errorf("read %+v with %v, want %+v", got, metadata, want)
	}
	python, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if ours := write(t, got, metadata); !bytes.Equal(ours, python) {
		t.Errorf("wrote\n%q\nPython wrote\n%q", ours, python)
	}
}

func TestTypes(t *testing.T) {
	file, err := Open(filepath.Join("testdata", "types.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{
		"f16": "F16", "bf16": "BF16", "f32": "F32", "f64": "F64", "f8": "F8_E4M3", "i64": "I64", "i32": "I32", "u8": "U8",
		"bool": "BOOL", "c64": "C64",
	}
	if len(file.Entries) != len(types) {
		t.Errorf("%d tensors, want %d", len(file.Entries), len(types))
	}
	for _, e := range file.Entries {
		if e.Type != types[e.Name] || !reflect.DeepEqual(e.Dims, []int{2, 3}) {
			t.Errorf("%s: type %s, shape %v; want %s, [2 3]", e.Name, e.Type, e.Dims, types[e.Name])
		}
		data, err := e.Load()
		if tensorfile.Width(e.Type) == 0 {
			want := fmt.Sprintf("tensor %q: its type is %s, only F16, BF16, F32 and F64 are read", e.Name, e.Type)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %s", e.Name, err, want)
			}
			continue
		}
		if want := []float32{-1.5, -0.5, 0.5, 1.5, 2.5, 3.5}; err != nil || !reflect.DeepEqual(data, want) {
			t.Errorf("%s: %v, %v; want %v", e.Name, data, err, want)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadAll(file.Path); err == nil {
		t.Error("ReadAll converted integers")
	}
}

func TestClosedFile(t *testing.T) {
	file, err := Open(filepath.Join("testdata", "python.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Entries[0].Load(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("loading from a closed file gave %v", err)
	}
}

func TestFileThatShrinks(t *testing.T) {
	path := save(t, write(t, sample, nil))
	file, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Entries[0].Load(); err == nil || !strings.HasSuffix(err.Error(), `tensor "b": unexpected EOF`) {
		t.Errorf("error %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	whole := write(t, sample, nil)
	withHeader := func(header string, data int) []byte {
		out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return append(append(out, header...), make([]byte, data)...)
	}
	const a = `"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":             {nil, "header length: unexpected EOF"},
		"header too long":   {binary.LittleEndian.AppendUint64(nil, 1<<62), "header of 4611686018427387904 bytes in a file of 8"},
		"not JSON":          {withHeader("hello", 0), "invalid character"},
		"not an object":     {withHeader("[]", 0), "{ is expected"},
		"unfinished":        {withHeader("{"+a, 4), "EOF"},
		"not UTF-8":         {withHeader("{\"\xff\":1}", 0), "not UTF-8"},
		"two objects":       {withHeader("{}{}", 0), "something follows"},
		"cut short":         {whole[:len(whole)-1], "does not fit"},
		"something behind":  {append(bytes.Clone(whole), 0), "tensors fill"},
		"unknown type":      {withHeader(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 4), `unknown type "F31"`},
		"no type":           {withHeader(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4), `unknown type ""`},
		"no shape":          {withHeader(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), "it lacks its shape"},
		"one offset":        {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, 4), "two data_offsets"},
		"null in shape":     {withHeader(`{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,0]}}`, 0), "a number is expected"},
		"no name":           {withHeader(`{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), "it has no name"},
		"huge shape":        {withHeader(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0), "shape too large"},
		"negative shape":    {withHeader(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "negative dimension"},
		"many dimensions":   {withHeader(`{"a":{"dtype":"F32","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,4]}}`, 4), "65 dimensions"},
		"half a byte":       {withHeader(`{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}`, 1), "does not fit"},
		"negative offset":   {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 4), "two data_offsets"},
		"offsets backwards": {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), "does not fit"},
		"name twice":        {withHeader(`{`+a+`,`+a+`}`, 4), `"a" occurs twice`},
		"field twice":       {withHeader(`{"a":{"shape":[1],"shape":[2]}}`, 0), `"shape" occurs twice`},
		"metadata twice":    {withHeader(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `metadata: "k" occurs twice`},
		"metadata nested":   {withHeader(`{"__metadata__":{"k":{}}}`, 0), "metadata: a string is expected"},
		"overlap": {withHeader(`{`+a+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
			"starts at byte 0, the one before it ends at 4"},
		"hole": {withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8),
			"starts at byte 4, the one before it ends at 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read("x", bytes.NewReader(c.file), int64(len(c.file)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestNotAFile(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v does not name %s", err, path)
		}
	}
}

func TestBadTensors(t *testing.T) {
	for name, c := range map[string]struct {
		tensors  []Tensor
		metadata map[string]string
	}{
		"twice":              {tensors: []Tensor{sample[0], sample[0]}},
		"no name":            {tensors: []Tensor{{Dims: []int{1}, Data: []float32{1}}}},
		"reserved":           {tensors: []Tensor{{Name: "__metadata__", Dims: []int{1}, Data: []float32{1}}}},
		"misfit":             {tensors: []Tensor{{Name: "a", Dims: []int{2}, Data: []float32{1}}}},
		"name not UTF-8":     {tensors: []Tensor{{Name: "\xff", Data: []float32{1}}}},
		"metadata not UTF-8": {metadata: map[string]string{"k": "\xff"}},
	} {
		if err := Write(&bytes.Buffer{}, c.tensors, c.metadata); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(write(f, sample, map[string]string{"k": "v"}))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	for _, name := range []string{"python", "types"} {
		content, err := os.ReadFile(filepath.Join("testdata", name+".safetensors"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := read("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		var tensors []Tensor
		for _, e := range file.Entries {
			if tensorfile.Width(e.Type) == 0 {
				continue
			}
			data, err := e.Load()
			if err != nil {
				t.Fatal(err)
			}
			tensors = append(tensors, Tensor{Name: e.Name, Dims: e.Dims, Data: data})
		}
		written := write(t, tensors, file.Metadata)
		again, err := read("x", bytes.NewReader(written), int64(len(written)))
		if err != nil {
			t.Fatalf("what was read can't be written and read again: %v", err)
		}
		if len(again.Entries) != len(tensors) {
			t.Fatalf("%d tensors became %d", len(tensors), len(again.Entries))
		}
	})
}
