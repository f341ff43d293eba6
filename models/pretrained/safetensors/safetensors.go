// Package safetensors reads and writes weight files in the safetensors format.
//
//	err := atomicfile.Write(path, func(w io.Writer) error {
//		return safetensors.Write(w, tensors, map[string]string{"model": "densenet121"})
//	})
//	file, err := safetensors.Open(path) // reads the header only
//	defer file.Close()
//	kernel, err := file.Entries[0].Load()
//
// The format (https://github.com/huggingface/safetensors#format): eight bytes of header length, a JSON header that names
// each tensor's type, shape and place, then the raw little-endian numbers, row-major, without holes. Files are treated
// as untrusted: every size is checked against the file before anything is allocated.
//
// Numbers are read with pread rather than mapped into memory: a mapped file that somebody truncates kills the process,
// and mapped pages would count as its memory beside the result.
package safetensors

import (
	"fmt"
	"os"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Tensor is a named array of float32 in row-major order. No Dims means a single number.
type Tensor struct {
	Name string
	Dims []int
	Data []float32
}

// Open reads the header of a file. Entries are in the order of their data; those of type F16, BF16, F32 and F64 can be
// loaded, also from several goroutines at once. The error names the file and what is wrong with it.
func Open(path string) (*tensorfile.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	file, err := read(path, f, info.Size())
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: not a readable safetensors file: %w", path, err)
	}
	file.Close = f.Close
	return file, nil
}

// ReadAll reads all tensors of a file, in the order of their data, and its metadata. Integers are an error.
func ReadAll(path string) ([]Tensor, map[string]string, error) {
	file, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	tensors := make([]Tensor, len(file.Entries))
	for i, e := range file.Entries {
		data, err := e.Load()
		if err != nil {
			return nil, nil, err
		}
		tensors[i] = Tensor{Name: e.Name, Dims: e.Dims, Data: data}
	}
	return tensors, file.Metadata, nil
}
