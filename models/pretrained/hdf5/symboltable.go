package hdf5

import (
	"errors"
	"fmt"
	"strings"
)

// symbolTable reads the members of an old-style group: a B-tree of nodes of symbols, whose names are in a local heap.
// The heap grows with each new name, so the place of a name in it tells the order of creation.
func (f *File) symbolTable(c *cursor) ([]member, error) {
	tree, heap := c.u64(), c.u64()
	if c.short {
		return nil, errors.New("symbol table message is cut off")
	}
	c, err := f.source.block(heap, 32, "HEAP")
	if err != nil {
		return nil, err
	}
	c.skip(4)
	size := c.u64()
	c.skip(8)
	segment, err := f.source.read(c.u64(), size)
	if err != nil {
		return nil, fmt.Errorf("local heap: %w", err)
	}
	names := string(segment.data)
	var members []member
	err = f.groupTree(tree, func(node uint64) error {
		c, err := f.source.block(node, 8, "SNOD")
		if err != nil {
			return err
		}
		c.skip(2)
		count := int(c.u16())
		if c, err = f.source.read(node+8, 40*uint64(count)); err != nil {
			return fmt.Errorf("SNOD: %w", err)
		}
		for range count {
			place, address, kind := c.u64(), c.u64(), c.u32()
			c.skip(20)
			if place >= uint64(len(names)) {
				return errors.New("a symbol's name is outside of the local heap")
			}
			rest := names[place:min(uint64(len(names)), place+maxName)]
			name, _, terminated := strings.Cut(rest, "\x00")
			if !terminated {
				return fmt.Errorf("a symbol's name does not end within %d bytes", maxName)
			}
			if kind == 2 { // a soft link
				address = undefined
			}
			members = append(members, member{name, address, place})
		}
		return nil
	})
	return members, err
}

// groupTree visits the leaves of a group's B-tree of version 1.
func (f *File) groupTree(root uint64, visit func(node uint64) error) error {
	type node struct {
		address uint64
		level   int // -1 where any is right
	}
	stack := []node{{root, -1}}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c, level, err := f.source.treeNode(n.address, 0, 8, n.level)
		if err != nil {
			return err
		}
		for len(c.data) >= 16 {
			c.skip(8)
			child := c.u64()
			if level == 0 {
				if err := visit(child); err != nil {
					return err
				}
			} else {
				stack = append(stack, node{child, level - 1})
			}
		}
	}
	return nil
}

// treeNode reads a node of a B-tree of version 1 with keys of some bytes; it returns the entries, key before child, and
// the level.
func (s *source) treeNode(address uint64, kind uint8, keySize, wantLevel int) (*cursor, int, error) {
	c, err := s.block(address, 24, "TREE")
	if err != nil {
		return nil, 0, err
	}
	gotKind, level, count := c.u8(), int(c.u8()), uint64(c.u16())
	if gotKind != kind || wantLevel >= 0 && level != wantLevel {
		return nil, 0, fmt.Errorf("damaged HDF5 file: B-tree node at %d has type %d and level %d", address, gotKind, level)
	}
	entries, err := s.read(address+24, count*uint64(keySize+8))
	if err != nil {
		return nil, 0, fmt.Errorf("TREE: %w", err)
	}
	return entries, level, nil
}
