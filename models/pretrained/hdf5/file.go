// Package hdf5 reads the part of HDF5 files that Keras and h5py write: groups, string attributes and arrays of floats.
//
//	file, err := hdf5.Open("densenet121.h5")
//	defer file.Close()
//	names, err := file.Root().Strings("layer_names")
//	kernel, err := file.Root().Dataset("conv1_conv/conv1_conv/kernel:0")
//	values, err := kernel.Floats()
//
// Opening reads a few bytes; a group is read when it is entered, numbers when Floats is called.
//
// What is read: superblocks 0 to 3 with a user block or without; object headers 1 and 2; groups as symbol tables, links
// and dense links; attributes in the header and dense ones; compact, contiguous and chunked datasets; the filters
// deflate, shuffle and fletcher32. What is refused by name: soft and external links, external and virtual datasets,
// extensible arrays and version 2 B-trees as chunk indexes (resizable datasets of libver="latest"), filtered or huge
// objects in fractal heaps, committed datatypes, other filters. Checksums are not verified.
//
// Files are untrusted. A size is compared with the file before anything is allocated, and all that is read of a file's
// structure together is bounded by a small multiple of its length, which also ends cycles.
//
// The package exists because github.com/scigolib/hdf5 v0.14.0 opened none of 18 DenseNet and InceptionResNetV2 files
// that Keras 2.15, 3.0 and 3.15 saved ("non-leaf B-tree nodes not supported yet"), and gonum.org/v1/hdf5 needs the C
// library. The format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
package hdf5

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// File is an open HDF5 file. Walking through it is for one goroutine at a time; Dataset.Floats is for any number.
type File struct {
	source  source
	root    *Group
	objects map[uint64]*object
	heaps   map[uint64]map[uint16]string // global heap collections by address
	close   func() error
}

// Open opens a file. The error names it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var file *File
		if file, err = New(f, info.Size()); err == nil {
			file.close = f.Close
			return file, nil
		}
	}
	f.Close()
	return nil, fmt.Errorf("%s: %w", path, err)
}

// New reads a file of size bytes from r, which stays the caller's to close.
func New(r io.ReaderAt, size int64) (*File, error) {
	f := &File{
		source:  source{r: r, size: uint64(max(size, 0))},
		objects: map[uint64]*object{},
		heaps:   map[uint64]map[uint16]string{},
		close:   func() error { return nil },
	}
	f.source.refill()
	if err := f.readSuperblock(); err != nil {
		return nil, err
	}
	return f, nil
}

// Close frees the file; nothing can be read after it.
func (f *File) Close() error {
	return f.close()
}

// Root is the group everything is in.
func (f *File) Root() *Group {
	return f.root
}

const signature = "\x89HDF\r\n\x1a\n"

// readSuperblock finds the superblock, which is at byte 0 or, behind a user block, at 512, 1024, 2048, …
func (f *File) readSuperblock() error {
	for place := uint64(0); place+uint64(len(signature)) < f.source.size; place = max(512, 2*place) {
		c, err := f.source.read(place, uint64(len(signature)))
		if err != nil {
			return err
		}
		if string(c.data) == signature {
			return f.parseSuperblock(place)
		}
	}
	return errors.New("not an HDF5 file, or cut off in its first bytes")
}

// parseSuperblock reads the superblock at a place; all addresses count from there.
func (f *File) parseSuperblock(place uint64) error {
	c, err := f.source.read(place, min(104, f.source.size-place))
	if err != nil {
		return err
	}
	c.skip(len(signature))
	version := c.u8()
	switch version {
	case 0, 1:
		c.skip(4)
	case 2, 3:
	default:
		return fmt.Errorf("HDF5 superblock version %d is not known", version)
	}
	addressSize, lengthSize := c.u8(), c.u8()
	if !c.short && (addressSize != 8 || lengthSize != 8) {
		return fmt.Errorf("HDF5 file with addresses of %d and lengths of %d bytes; only 8 and 8 are read", addressSize, lengthSize)
	}
	switch version {
	case 0:
		c.skip(9)
	case 1:
		c.skip(13)
	default:
		c.skip(1)
	}
	base := c.u64()
	c.skip(8)
	end := c.u64()
	if version < 2 {
		c.skip(16)
	}
	root := c.u64()
	if c.short {
		return errors.New("HDF5 superblock is cut off")
	}
	f.source.base, f.source.size = place, f.source.size-place
	if end-base > f.source.size {
		return fmt.Errorf("HDF5 file is cut off: it should have %d bytes and has %d", place+end-base, place+f.source.size)
	}
	o, err := f.object(root)
	if err != nil {
		return fmt.Errorf("the root group: %w", err)
	}
	f.root = &Group{f, o, "/"}
	return nil
}
