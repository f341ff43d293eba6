package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// undefined is the address of what is not there.
const undefined = ^uint64(0)

// source reads a file's structure within its bounds: addresses count from base, size is what follows base.
//
// No structure of a sound file is read more than once or twice, so the bytes still to be read are counted down from a
// multiple of the file's length. A file whose parts refer to each other in circles, or to the same part many times,
// comes to the end of that and not to the end of the memory.
type source struct {
	r          io.ReaderAt
	base, size uint64
	left       uint64
}

func (s *source) refill() {
	s.left = 4*s.size + 1<<20
}

// read returns n bytes of the file's structure.
func (s *source) read(address, n uint64) (*cursor, error) {
	if err := s.inside(address, n); err != nil {
		return nil, err
	}
	cost := n + 16
	if cost > s.left {
		return nil, fmt.Errorf("byte %d: damaged HDF5 file: its parts refer to the same bytes again and again", s.base+address)
	}
	s.left -= cost
	data := make([]byte, n)
	if err := s.data(address, data); err != nil {
		return nil, err
	}
	return &cursor{data: data}, nil
}

// block reads n bytes that begin with a signature, and stands behind it.
func (s *source) block(address, n uint64, signature string) (*cursor, error) {
	c, err := s.read(address, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", signature, err)
	}
	if got := c.take(len(signature)); string(got) != signature {
		return nil, fmt.Errorf("byte %d: damaged HDF5 file: %q where %s should begin", s.base+address, got, signature)
	}
	return c, nil
}

// data fills out with the file's numbers.
func (s *source) data(address uint64, out []byte) error {
	if _, err := s.r.ReadAt(out, int64(s.base+address)); err != nil {
		return fmt.Errorf("byte %d: %w", s.base+address, err)
	}
	return nil
}

func (s *source) inside(address, n uint64) error {
	if address > s.size || n > s.size-address {
		return fmt.Errorf("%d bytes at %d: outside of the HDF5 file of %d bytes", n, address, s.size)
	}
	return nil
}

// cursor takes little-endian numbers off bytes. After the end it gives zeros and is short.
type cursor struct {
	data  []byte
	short bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.data, c.short = nil, true
		return nil
	}
	out := c.data[:n]
	c.data = c.data[n:]
	return out
}

func (c *cursor) skip(n int) { c.take(n) }

// uint takes a number of up to eight bytes.
func (c *cursor) uint(size int) uint64 {
	var eight [8]byte
	copy(eight[:], c.take(size))
	return binary.LittleEndian.Uint64(eight[:])
}

// int takes a number of up to eight bytes; one too large is the largest.
func (c *cursor) int(size int) int { return int(min(c.uint(size), math.MaxInt)) }

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }
func (c *cursor) u64() uint64 { return c.uint(8) }
