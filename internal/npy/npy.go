// Package npy reads and writes arrays of 32-bit floats in NumPy's .npy format, so that predictions and pictures can be
// exchanged with Python without either side converting anything.
//
//	err := npy.Write("x.npy", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6})
//	array, err := npy.Read("x.npy") // array.Shape [2 3], array.Data 6 numbers
//
// The format is NEP 1 (https://numpy.org/neps/nep-0001-npy-format.html): a magic string, a version, the length of a
// header, the header as a Python dictionary, then the numbers in row-major order. Versions 1 to 3, little-endian float32
// and float64 (rounded to float32 on reading) are understood.
package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Array is a dense array, last axis fastest.
type Array struct {
	Shape []int
	Data  []float32
}

// Read loads an array of float32 or float64 numbers. The file's own size is checked against its header before memory
// is taken, so a damaged or hostile file can't ask for more than it holds. Errors name the file.
func Read(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading array: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading array: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading array: %s is not a regular file", path)
	}
	array, err := decode(bufio.NewReaderSize(f, 1<<20), info.Size())
	if err != nil {
		return nil, fmt.Errorf("reading array %s: %w", path, err)
	}
	return array, nil
}

func decode(r io.Reader, fileSize int64) (*Array, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	width := int64(4)
	if h.descr == "<f8" {
		width = 8
	}
	n, ok := product(h.shape)
	if !ok || int64(n) > (math.MaxInt64-h.bytes)/width || h.bytes+int64(n)*width != fileSize {
		return nil, fmt.Errorf("header says shape %v of %s but the file has %d bytes of numbers; it is damaged or cut short",
			h.shape, h.descr, fileSize-h.bytes)
	}
	array := &Array{Shape: h.shape, Data: make([]float32, n)}
	var buffer [8192]byte
	for done := 0; done < n; {
		chunk := min(n-done, len(buffer)/int(width))
		raw := buffer[:chunk*int(width)]
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, fmt.Errorf("number %d of %d: %w", done, n, err)
		}
		for i := range chunk {
			if width == 4 {
				array.Data[done+i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
			} else {
				array.Data[done+i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
			}
		}
		done += chunk
	}
	return array, nil
}

// Write stores an array as float32, atomically.
func Write(path string, shape []int, data []float32) error {
	if n, ok := product(shape); !ok || n != len(data) {
		return fmt.Errorf("writing %s: %d numbers don't fill shape %v", path, len(data), shape)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		if err := WriteHeader(w, shape); err != nil {
			return err
		}
		return WriteData(w, data)
	})
}

// WriteData puts numbers after a header; calls may follow each other until the header's shape is filled.
func WriteData(w io.Writer, data []float32) error {
	var buffer [8192]byte
	for len(data) > 0 {
		chunk := data[:min(len(data), len(buffer)/4)]
		for i, v := range chunk {
			binary.LittleEndian.PutUint32(buffer[4*i:], math.Float32bits(v))
		}
		if _, err := w.Write(buffer[:4*len(chunk)]); err != nil {
			return err
		}
		data = data[len(chunk):]
	}
	return nil
}

// product multiplies the axes; false if one is negative or the result is beyond 2^48.
func product(shape []int) (int, bool) {
	n := 1
	for _, axis := range shape {
		if axis < 0 || (n > 0 && axis > (1<<48)/n) {
			return 0, false
		}
		n *= axis
	}
	return n, true
}
