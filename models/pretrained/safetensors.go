// Package pretrained reads and writes weight files.
//
//	err := atomicfile.Write(path, func(w io.Writer) error {
//		return pretrained.WriteSafetensors(w, tensors, map[string]string{"model": "densenet121"})
//	})
//	file, err := pretrained.ReadSafetensors(path)
//
// The format is safetensors: eight bytes of header length, a JSON header that names each tensor's type, shape and place,
// then the raw little-endian numbers. Files are treated as untrusted: every size is checked against the file before
// anything is allocated.
package pretrained

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// Tensor is a named array of float32 in row-major order. No Dims means a single number.
type Tensor struct {
	Name string
	Dims []int
	Data []float32
}

// File is the content of a safetensors file: tensors in the order of their data, and the free-form metadata.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string
}

const metadataKey = "__metadata__"

type header struct {
	DType   string    `json:"dtype"`
	Shape   []int     `json:"shape"`
	Offsets [2]uint64 `json:"data_offsets"`
}

// WriteSafetensors writes tensors in the given order. Equal input gives equal bytes. It returns an error if a name is
// empty, reserved or used twice, or if a tensor's data does not fit its dims.
func WriteSafetensors(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	entries := make(map[string]any, len(tensors)+1)
	if len(metadata) > 0 {
		entries[metadataKey] = metadata
	}
	offset := uint64(0)
	for _, t := range tensors {
		if _, taken := entries[t.Name]; taken || t.Name == "" || t.Name == metadataKey {
			return fmt.Errorf("safetensors: tensor name %q is empty, reserved or used twice", t.Name)
		}
		size, err := elements(t.Dims)
		if err != nil || size != uint64(len(t.Data)) {
			return fmt.Errorf("safetensors: tensor %s of shape %v has %d values", t.Name, t.Dims, len(t.Data))
		}
		end := offset + 4*size
		dims := t.Dims
		if dims == nil {
			dims = []int{}
		}
		entries[t.Name] = header{"F32", dims, [2]uint64{offset, end}}
		offset = end
	}
	text, err := json.Marshal(entries) // sorts keys
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range tensors {
		if _, err := w.Write(littleEndian(t.Data)); err != nil {
			return err
		}
	}
	return nil
}

// ReadSafetensors reads a whole file of float32 tensors. The error names the file and what is wrong with it.
func ReadSafetensors(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := readSafetensors(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: not a readable safetensors file: %w", path, err)
	}
	return file, nil
}

func readSafetensors(r io.Reader, size int64) (*File, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, fmt.Errorf("header length: %w", err)
	}
	headerSize := binary.LittleEndian.Uint64(prefix[:])
	if headerSize > uint64(size)-8 {
		return nil, fmt.Errorf("header of %d bytes in a file of %d", headerSize, size)
	}
	text := make([]byte, headerSize)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	file := &File{}
	if m, ok := raw[metadataKey]; ok {
		if err := json.Unmarshal(m, &file.Metadata); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		delete(raw, metadataKey)
	}
	order, err := layout(raw, uint64(size)-8-headerSize)
	if err != nil {
		return nil, err
	}
	for _, e := range order {
		data := make([]byte, e.Offsets[1]-e.Offsets[0])
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", e.name, err)
		}
		file.Tensors = append(file.Tensors, Tensor{Name: e.name, Dims: e.Shape, Data: fromLittleEndian(data)})
	}
	return file, nil
}

type entry struct {
	name string
	header
}

// layout checks the header's entries and returns them in the order of their data, which must fill the space exactly.
func layout(raw map[string]json.RawMessage, space uint64) ([]entry, error) {
	entries := make([]entry, 0, len(raw))
	for name, text := range raw {
		e := entry{name: name}
		if err := json.Unmarshal(text, &e.header); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		if e.DType != "F32" {
			return nil, fmt.Errorf("tensor %s: type %q, only F32 is read", name, e.DType)
		}
		size, err := elements(e.Shape)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		if e.Offsets[0] > e.Offsets[1] || e.Offsets[1] > space || size > space/4 || e.Offsets[1]-e.Offsets[0] != 4*size {
			return nil, fmt.Errorf("tensor %s: shape %v does not fit bytes %v of %d", name, e.Shape, e.Offsets, space)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})
	end := uint64(0)
	for _, e := range entries {
		if e.Offsets[0] != end {
			return nil, fmt.Errorf("tensor %s starts at byte %d, the one before it ends at %d", e.name, e.Offsets[0], end)
		}
		end = e.Offsets[1]
	}
	if end != space {
		return nil, fmt.Errorf("tensors fill %d of %d bytes", end, space)
	}
	return entries, nil
}

// elements is the number of values of a shape; an error if a dimension is negative or the product overflows.
func elements(dims []int) (uint64, error) {
	n := uint64(1)
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("negative dimension in shape %v", dims)
		}
		if d > 0 && n > math.MaxInt64/4/uint64(d) {
			return 0, errors.New("shape too large")
		}
		n *= uint64(d)
	}
	return n, nil
}

func littleEndian(values []float32) []byte {
	out := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(out[4*i:], math.Float32bits(v))
	}
	return out
}

func fromLittleEndian(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}
