package tensorfile

import (
	"errors"
	"fmt"
	"io"
)

const pieceBytes = 1 << 16 // a multiple of the width of every type

// ReadFloats reads the numbers of a type that fill size bytes from offset on. It works in pieces, so that a tensor of
// 400 MB takes its own memory and no more. The caller has checked that the file has these bytes.
func ReadFloats(r io.ReaderAt, offset, size int64, dtype string) ([]float32, error) {
	width := int64(Width(dtype))
	if width == 0 {
		return nil, fmt.Errorf("its type is %s, only F16, BF16, F32 and F64 are read", dtype)
	}
	out := make([]float32, size/width)
	buffer := make([]byte, min(size, pieceBytes))
	for rest := out; len(rest) > 0; {
		n := min(len(rest), pieceBytes/int(width))
		piece := buffer[:n*int(width)]
		if err := ReadFull(r, piece, offset); err != nil {
			return nil, err
		}
		fill(rest[:n], dtype, piece)
		rest = rest[n:]
		offset += int64(len(piece))
	}
	return out, nil
}

// ReadFull fills data from offset on. A file that ends before is io.ErrUnexpectedEOF.
func ReadFull(r io.ReaderAt, data []byte, offset int64) error {
	n, err := r.ReadAt(data, offset)
	if n == len(data) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
