package hdf5

import (
	"errors"
	"fmt"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Kinds of chunk indexes; treeIndex, the B-tree of version 1, has no number in the format.
const (
	treeIndex       = 0
	singleIndex     = 1
	implicitIndex   = 2
	fixedArrayIndex = 3
)

// maxChunks is more than weights have; it bounds the memory that a list of chunks takes.
const maxChunks = 1 << 20

// chunk is a stored part of a dataset.
type chunk struct {
	offset        []int // of its first element in the dataset
	address, size uint64
	mask          uint32 // which filters were not used
}

// chunked reads the n numbers of a chunked dataset.
func (d *Dataset) chunked(n uint64) ([]float32, error) {
	elements, err := tensorfile.Elements(d.layout.chunkDims)
	if err != nil {
		return nil, fmt.Errorf("chunks: %w", err)
	}
	chunkSize := elements * uint64(d.datatype.size)
	if chunkSize > n*uint64(d.datatype.size)+emptyLimit { // what a chunk inflates to is bounded by its size only
		return nil, fmt.Errorf("damaged HDF5 file: chunks of %d numbers for a dataset of %d", elements, n)
	}
	source := d.source // Floats may run many times, and at the same time
	source.refill()
	chunks, err := d.chunks(&source, chunkSize)
	if err != nil {
		return nil, fmt.Errorf("chunks: %w", err)
	}
	stored := uint64(0)
	for _, c := range chunks {
		if err := source.inside(c.address, c.size); err != nil {
			return nil, fmt.Errorf("chunk at %v: %w", c.offset, err)
		}
		if stored += c.size; stored > source.size {
			return nil, errors.New("damaged HDF5 file: chunks lie one over another")
		}
		for i, o := range c.offset {
			if o >= d.Dims[i] {
				return nil, fmt.Errorf("damaged HDF5 file: a chunk at %v in a dataset of shape %v", c.offset, d.Dims)
			}
		}
	}
	for _, f := range d.filters {
		if f.id == deflateFilter {
			stored *= 1032 // deflate's largest ratio
			break
		}
	}
	out, err := d.filled(n, stored)
	if err != nil {
		return nil, err
	}
	for _, c := range chunks {
		data := make([]byte, c.size)
		if err := source.data(c.address, data); err != nil {
			return nil, err
		}
		if data, err = undo(d.filters, c.mask, data, chunkSize); err != nil {
			return nil, fmt.Errorf("chunk at %v: %w", c.offset, err)
		}
		values, err := d.convert(data)
		if err != nil {
			return nil, err
		}
		d.place(out, values, c.offset)
	}
	return out, nil
}

// place copies the rows of a chunk into the dataset; what of a chunk is outside of the dataset is left out.
func (d *Dataset) place(out, values []float32, offset []int) {
	last := len(d.Dims) - 1
	if last < 0 {
		copy(out, values)
		return
	}
	at := make([]int, last) // of the row in the chunk
	row := min(d.layout.chunkDims[last], d.Dims[last]-offset[last])
	for {
		from, to := 0, 0
		for i, a := range at {
			from = from*d.layout.chunkDims[i] + a
			to = to*d.Dims[i] + offset[i] + a
		}
		copy(out[to*d.Dims[last]+offset[last]:][:row], values[from*d.layout.chunkDims[last]:])
		i := last - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < min(d.layout.chunkDims[i], d.Dims[i]-offset[i]) {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// chunks lists the stored chunks. chunkSize is the bytes of one without filters.
func (d *Dataset) chunks(source *source, chunkSize uint64) ([]chunk, error) {
	address := d.layout.address
	if address == undefined {
		return nil, nil
	}
	// Chunks along each dimension.
	grid := make([]int, len(d.Dims))
	for i, n := range d.Dims {
		grid[i] = (n-1)/d.layout.chunkDims[i] + 1
	}
	count, err := tensorfile.Elements(grid)
	if err != nil {
		return nil, err
	}
	if count > maxChunks {
		return nil, fmt.Errorf("%d chunks, of which at most %d are read", count, maxChunks)
	}
	switch d.layout.index {
	case treeIndex:
		return d.treeChunks(source, count)
	case singleIndex:
		only := chunk{offset: make([]int, len(grid)), address: address, size: chunkSize}
		if len(d.filters) > 0 {
			only.size, only.mask = d.layout.single.size, d.layout.single.mask
		}
		return []chunk{only}, nil
	case implicitIndex:
		if count > source.size/max(1, chunkSize) {
			return nil, fmt.Errorf("damaged HDF5 file: %d chunks of %d bytes in a file of %d", count, chunkSize, source.size)
		}
		chunks := make([]chunk, count)
		for i := range chunks {
			chunks[i] = chunk{offset: d.offset(i, grid), address: address + uint64(i)*chunkSize, size: chunkSize}
		}
		return chunks, nil
	}
	return d.arrayChunks(source, count, chunkSize, grid)
}

// offset is where chunk number i of a grid begins.
func (d *Dataset) offset(i int, grid []int) []int {
	offset := make([]int, len(grid))
	for k := len(grid) - 1; k >= 0; k-- {
		offset[k] = i % grid[k] * d.layout.chunkDims[k]
		i /= grid[k]
	}
	return offset
}

// treeChunks reads a B-tree of version 1.
func (d *Dataset) treeChunks(source *source, count uint64) ([]chunk, error) {
	type node struct {
		address uint64
		level   int
	}
	rank := len(d.Dims)
	var chunks []chunk
	stack := []node{{d.layout.address, -1}}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c, level, err := source.treeNode(n.address, 1, 8+8*(rank+1), n.level)
		if err != nil {
			return nil, err
		}
		for len(c.data) > 0 {
			key := chunk{size: uint64(c.u32()), mask: c.u32(), offset: make([]int, rank)}
			for i := range key.offset {
				key.offset[i] = c.int(8)
			}
			c.skip(8)
			key.address = c.u64()
			if level > 0 {
				stack = append(stack, node{key.address, level - 1})
			} else if chunks = append(chunks, key); uint64(len(chunks)) > count {
				return nil, fmt.Errorf("damaged HDF5 file: more than the %d chunks that fit", count)
			}
		}
	}
	return chunks, nil
}

// arrayChunks reads a fixed array: an entry for each chunk of the grid, in pages if there are many.
func (d *Dataset) arrayChunks(source *source, count, chunkSize uint64, grid []int) ([]chunk, error) {
	c, err := source.block(d.layout.address, 24, "FAHD")
	if err != nil {
		return nil, err
	}
	c.skip(1)
	filtered, entrySize := c.u8() == 1, uint64(c.u8())
	pageBits := c.u8()
	if entries := c.u64(); entries != count {
		return nil, fmt.Errorf("damaged HDF5 file: an index of %d chunks where %d fit", entries, count)
	}
	block := c.u64()
	if block == undefined {
		return nil, nil
	}
	if pageBits > 31 || filtered && (entrySize < 13 || entrySize > 20) || !filtered && entrySize != 8 {
		return nil, errors.New("damaged HDF5 file: a fixed array")
	}
	if _, err := source.block(block, 14, "FADB"); err != nil {
		return nil, err
	}
	var chunks []chunk
	take := func(address, first, n uint64) error {
		c, err := source.read(address, n*entrySize)
		if err != nil {
			return fmt.Errorf("fixed array: %w", err)
		}
		for i := first; i < first+n; i++ {
			found := chunk{address: c.u64(), size: chunkSize}
			if filtered {
				found.size, found.mask = c.uint(int(entrySize)-12), c.u32()
			}
			if found.address != undefined {
				found.offset = d.offset(int(i), grid)
				chunks = append(chunks, found)
			}
		}
		return nil
	}
	if count <= 1<<pageBits {
		err := take(block+14, 0, count)
		return chunks, err
	}
	perPage := uint64(1) << pageBits
	pages := (count-1)/perPage + 1
	used, err := source.read(block+14, (pages+7)/8)
	if err != nil {
		return nil, fmt.Errorf("fixed array: %w", err)
	}
	address := block + 14 + (pages+7)/8 + 4
	for page := range pages {
		if used.data[page/8]&(0x80>>(page%8)) != 0 {
			first := page * perPage
			if err := take(address, first, min(perPage, count-first)); err != nil {
				return nil, err
			}
		}
		address += perPage*entrySize + 4
	}
	return chunks, nil
}
