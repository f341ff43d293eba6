package hdf5

import (
	"errors"
	"fmt"
	"math/bits"
)

// Record types of version 2 B-trees, and how many bytes of a record are before its heap ID.
const (
	linkNameRecord      = 5
	attributeNameRecord = 8
)

// stored is a link or attribute of a group that keeps many of them. place grows with creation.
type stored struct {
	data  *cursor
	place uint64
}

// dense reads what a fractal heap holds, in the order of a version 2 B-tree. The addresses of both are next in c.
func (f *File) dense(c *cursor, kind uint8) ([]stored, error) {
	heapAddress, tree := c.u64(), c.u64()
	if c.short {
		return nil, errors.New("info message is cut off")
	}
	if heapAddress == undefined {
		return nil, nil
	}
	heap, err := f.fractalHeap(heapAddress)
	if err != nil {
		return nil, err
	}
	var found []stored
	err = f.tree2(tree, kind, func(record *cursor) error {
		if kind == linkNameRecord {
			record.skip(4)
		}
		object, err := heap.object(record)
		if err == nil {
			found = append(found, object)
		}
		return err
	})
	return found, err
}

// tree2 visits the records of a version 2 B-tree.
func (f *File) tree2(address uint64, kind uint8, visit func(record *cursor) error) error {
	c, err := f.source.block(address, 34, "BTHD")
	if err != nil {
		return err
	}
	c.skip(1)
	gotKind, nodeSize, recordSize, depth := c.u8(), int(c.u32()), int(c.u16()), int(c.u16())
	c.skip(2)
	root, count := c.u64(), int(c.u16())
	if gotKind != kind || recordSize == 0 || depth > 16 {
		return fmt.Errorf("damaged HDF5 file: B-tree at %d has type %d, depth %d and records of %d bytes", address, gotKind, depth, recordSize)
	}
	if root == undefined {
		return nil
	}
	// Children are stored with their number of records, and with that of their subtree if they are no leaves, in as many
	// bytes as the largest possible number needs.
	most := (nodeSize - 10) / recordSize
	countSize := bytesFor(uint64(max(most, 0)))
	totalSizes := make([]int, depth+1)
	total := uint64(max(most, 0))
	for level := 1; level <= depth; level++ {
		pointer := 8 + countSize + totalSizes[level-1]
		most := uint64(max(nodeSize-10-pointer, 0) / (recordSize + pointer))
		high, low := bits.Mul64(most+1, total)
		if high != 0 || low > 1<<62 {
			return fmt.Errorf("damaged HDF5 file: B-tree at %d of depth %d with nodes of %d bytes", address, depth, nodeSize)
		}
		total = low + most
		totalSizes[level] = bytesFor(total)
	}
	type node struct {
		address      uint64
		count, level int
	}
	stack := []node{{root, count, depth}}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		signature, pointer := "BTLF", 0
		if n.level > 0 {
			signature, pointer = "BTIN", 8+countSize+totalSizes[n.level-1]
		}
		c, err := f.source.block(n.address, uint64(6+n.count*recordSize+(n.count+1)*pointer), signature)
		if err != nil {
			return err
		}
		c.skip(2)
		for range n.count {
			if err := visit(&cursor{data: c.take(recordSize)}); err != nil {
				return err
			}
		}
		for pointer > 0 && len(c.data) > 0 {
			child := node{c.u64(), int(c.uint(countSize)), n.level - 1}
			c.skip(totalSizes[n.level-1])
			if child.count > most {
				return fmt.Errorf("damaged HDF5 file: B-tree at %d has a node of %d records", address, child.count)
			}
			stack = append(stack, child)
		}
	}
	return nil
}

// bytesFor is how many bytes hold a number.
func bytesFor(n uint64) int {
	return max(1, (bits.Len64(n)+7)/8)
}
