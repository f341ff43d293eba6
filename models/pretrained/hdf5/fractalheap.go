package hdf5

import (
	"errors"
	"fmt"
	"math/bits"
)

// fractalHeap finds objects in blocks whose sizes double from row to row of a table.
type fractalHeap struct {
	file             *File
	offsetSize       int    // bytes of a place in the heap
	lengthSize       int    // bytes of an object's length
	width            uint64 // blocks in a row of the table
	start, maxDirect uint64 // sizes of blocks: the smallest, and the largest that holds objects itself
	root             uint64
	rootRows         int // 0: the root holds objects itself
}

func (f *File) fractalHeap(address uint64) (*fractalHeap, error) {
	c, err := f.source.block(address, 142, "FRHP")
	if err != nil {
		return nil, err
	}
	c.skip(3) // version, size of IDs
	filters := c.u16()
	c.skip(1)
	maxManaged := uint64(c.u32())
	c.skip(96)
	h := &fractalHeap{file: f}
	h.width, h.start, h.maxDirect = uint64(c.u16()), c.u64(), c.u64()
	maxBits := int(c.u16())
	c.skip(2)
	h.root, h.rootRows = c.u64(), int(c.u16())
	if filters != 0 {
		return nil, errors.New("a filtered fractal heap, which is not read")
	}
	if h.width == 0 || h.start == 0 || h.start > h.maxDirect || h.maxDirect > 1<<40 || maxBits > 64 {
		return nil, fmt.Errorf("damaged HDF5 file: fractal heap at %d", address)
	}
	h.offsetSize = (maxBits + 7) / 8
	h.lengthSize = (min(bits.Len64(h.maxDirect), bits.Len64(maxManaged)) + 6) / 8
	return h, nil
}

// object returns what an ID points to.
func (h *fractalHeap) object(id *cursor) (stored, error) {
	switch kind := id.u8(); kind >> 4 & 3 {
	case 0: // in a block
		place, length := id.uint(h.offsetSize), id.uint(h.lengthSize)
		if id.short {
			return stored{}, errors.New("damaged HDF5 file: an ID of a fractal heap is cut off")
		}
		address, err := h.find(place)
		if err != nil {
			return stored{}, err
		}
		data, err := h.file.source.read(address, length)
		return stored{data, place}, err
	case 2: // in the ID itself
		data := id.take(int(kind&15) + 1)
		return stored{&cursor{data: data}, 0}, nil
	}
	return stored{}, errors.New("a huge object in a fractal heap, which is not read")
}

// find returns the address of a place in the heap. Row 0 and row 1 have blocks of the start size, each further row of
// twice the size before it; blocks larger than maxDirect are tables of the same kind.
func (h *fractalHeap) find(place uint64) (uint64, error) {
	table, rows := h.root, h.rootRows
	for rows > 0 {
		row, rowStart, size := 0, uint64(0), h.start
		for place-rowStart >= size*h.width {
			rowStart += size * h.width
			if row > 0 {
				size *= 2
			}
			row++
			if row >= rows || size > 1<<60/h.width {
				return 0, errors.New("damaged HDF5 file: a place outside of a fractal heap")
			}
		}
		column := (place - rowStart) / size
		place -= rowStart + column*size
		entry := table + uint64(13+h.offsetSize) + 8*(uint64(row)*h.width+column)
		c, err := h.file.source.read(entry, 8)
		if err != nil {
			return 0, fmt.Errorf("fractal heap: %w", err)
		}
		table, rows = c.u64(), 0
		if size > h.maxDirect {
			rows = bits.Len64(size/h.start) - bits.Len64(h.width) + 1
			if rows <= 0 {
				return 0, errors.New("damaged HDF5 file: a table of a fractal heap has no rows")
			}
		}
	}
	return table + place, nil
}
