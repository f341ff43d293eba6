package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// bits of a number of each type of the format.
var bits = map[string]uint64{
	"BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64,
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
	"F16": 16, "BF16": 16, "F32": 32, "F64": 64, "C64": 64,
}

const (
	maxHeader = 100_000_000 // bytes; the limit of the format's own library
	maxRank   = 64          // NumPy's and torch's limit
)

// read makes a File, without its Close, of the size bytes of r.
func read(path string, r io.ReaderAt, size int64) (*tensorfile.File, error) {
	var prefix [8]byte
	if err := tensorfile.ReadFull(r, prefix[:], 0); err != nil {
		return nil, fmt.Errorf("header length: %w", err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > uint64(size)-8 {
		return nil, fmt.Errorf("header of %d bytes in a file of %d", length, size)
	}
	if length > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, at most %d are read", length, maxHeader)
	}
	text := make([]byte, length)
	if err := tensorfile.ReadFull(r, text, 8); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	begin := 8 + int64(length)
	if err := checkLayout(h.tensors, uint64(size-begin)); err != nil {
		return nil, err
	}
	file := &tensorfile.File{Path: path, Format: "safetensors", Metadata: h.metadata}
	for _, t := range h.tensors {
		file.Entries = append(file.Entries, tensorfile.Entry{Name: t.name, Dims: t.dims, Type: t.dtype, Load: func() ([]float32, error) {
			data, err := tensorfile.ReadFloats(r, begin+int64(t.begin), int64(t.end-t.begin), t.dtype)
			if err != nil {
				return nil, fmt.Errorf("%s: tensor %.200q: %w", path, t.name, err)
			}
			return data, nil
		}})
	}
	return file, nil
}

// checkLayout puts tensors into the order of their data, which must fill the space exactly.
func checkLayout(tensors []place, space uint64) error {
	for _, t := range tensors {
		width, known := bits[t.dtype]
		if !known {
			return fmt.Errorf("tensor %.200q: unknown type %.200q", t.name, t.dtype)
		}
		if len(t.dims) > maxRank {
			return fmt.Errorf("tensor %.200q: %d dimensions, at most %d are read", t.name, len(t.dims), maxRank)
		}
		elements, err := tensorfile.Elements(t.dims)
		if err != nil {
			return fmt.Errorf("tensor %.200q: %w", t.name, err)
		}
		if t.begin > t.end || t.end > space || elements > math.MaxUint64/width || elements*width != 8*(t.end-t.begin) {
			return fmt.Errorf("tensor %.200q: shape %v of %s does not fit bytes %d to %d of %d", t.name, t.dims, t.dtype, t.begin, t.end, space)
		}
	}
	slices.SortStableFunc(tensors, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	end := uint64(0)
	for _, t := range tensors {
		if t.begin != end {
			return fmt.Errorf("tensor %.200q starts at byte %d, the one before it ends at %d", t.name, t.begin, end)
		}
		end = t.end
	}
	if end != space {
		return fmt.Errorf("tensors fill %d of %d bytes", end, space)
	}
	return nil
}
