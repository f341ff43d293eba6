// Package tensorfile is what the readers of weight files have in common: a file is a list of named tensors whose numbers
// stay in the file until they are asked for.
//
// The readers are safetensors, torchfile and kerasfile beside this package; package pretrained chooses among them.
package tensorfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Entry is a tensor of a file.
type Entry struct {
	Name string
	Dims []int  // row-major; none means a single number
	Type string // of the numbers in the file: "F16", "BF16", "F32", "F64", or an integer type that Load refuses
	// Load reads the numbers, row-major, as float32. It fails after the file is closed, and for integers.
	Load func() ([]float32, error)
}

// File is an open weight file.
type File struct {
	Path     string
	Format   string            // for people: "safetensors", "torch (zip)", "Keras HDF5" …
	Metadata map[string]string // free-form, as far as the format has such
	Entries  []Entry           // in the file's order; names are unique
	Close    func() error      // frees the file; Entries can't be loaded after it
}

// Elements is the number of values of a shape; an error if a dimension is negative or the product overflows.
func Elements(dims []int) (uint64, error) {
	n := uint64(1)
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("negative dimension in shape %v", dims)
		}
		if d > 0 && n > math.MaxInt64/8/uint64(d) {
			return 0, errors.New("shape too large")
		}
		n *= uint64(d)
	}
	return n, nil
}

// Width is the number of bytes of a floating-point type, 0 if it is none that Floats reads.
func Width(dtype string) int {
	switch dtype {
	case "F16", "BF16":
		return 2
	case "F32":
		return 4
	case "F64":
		return 8
	}
	return 0
}

// Floats converts little-endian numbers of a type with a Width. F64 is rounded to the nearest float32; bytes that do
// not fill a number are left out.
func Floats(dtype string, data []byte) ([]float32, error) {
	width := Width(dtype)
	if width == 0 {
		return nil, fmt.Errorf("its type is %s, only F16, BF16, F32 and F64 are read", dtype)
	}
	out := make([]float32, len(data)/width)
	fill(out, dtype, data)
	return out, nil
}

// fill converts as many numbers as out has places for.
func fill(out []float32, dtype string, data []byte) {
	switch dtype {
	case "F16":
		for i := range out {
			out[i] = half(binary.LittleEndian.Uint16(data[2*i:]))
		}
	case "BF16":
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[2*i:])) << 16)
		}
	case "F32":
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	case "F64":
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])))
		}
	}
}

// half converts an IEEE 754 binary16 number.
func half(bits uint16) float32 {
	sign := uint32(bits>>15) << 31
	exponent := uint32(bits>>10) & 0x1f
	fraction := uint32(bits) & 0x3ff
	switch exponent {
	case 0: // zero or subnormal: fraction · 2⁻²⁴
		value := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(value) | sign)
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
