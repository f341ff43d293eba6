package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Dataset is an array of a file. Its numbers are in the file until Floats reads them.
type Dataset struct {
	Dims []int  // row-major; none means a single number
	Type string // "F16", "BF16", "F32" or "F64", which Floats reads; "I32", "U8", …, "text", or a name of HDF5 otherwise

	source   source
	datatype datatype
	layout   layout
	filters  []filter
	fill     []byte // one element, or none for zero
}

// layout is where the numbers of a dataset are.
type layout struct {
	class     uint8
	compact   []byte
	address   uint64 // of contiguous numbers or of the index of the chunks
	chunkDims []int
	index     uint8 // kind of index
	single    chunk // the only chunk, where the index is singleIndex and filters are used
}

// Classes of layouts.
const (
	compactLayout    = 0
	contiguousLayout = 1
	chunkedLayout    = 2
)

func (f *File) dataset(o *object) (*Dataset, error) {
	for _, m := range o.messages {
		if m.shared && (m.kind == dataspaceMessage || m.kind == datatypeMessage || m.kind == filterMessage || m.kind == fillMessage) {
			return nil, errors.New("a committed datatype or another shared message, which is not read")
		}
		if m.kind == externalMessage {
			return nil, errors.New("a dataset with its numbers in another file, which is not read")
		}
	}
	space, ok1 := o.find(dataspaceMessage)
	typ, ok2 := o.find(datatypeMessage)
	place, ok3 := o.find(layoutMessage)
	if !ok1 || !ok2 || !ok3 {
		return nil, errors.New("not a dataset")
	}
	d := &Dataset{source: f.source}
	var err error
	if d.Dims, err = parseDataspace(space); err != nil {
		return nil, err
	}
	if d.datatype, err = parseDatatype(typ); err != nil {
		return nil, err
	}
	d.Type = d.datatype.name()
	if d.layout, err = parseLayout(place, len(d.Dims)); err != nil {
		return nil, err
	}
	if c, ok := o.find(filterMessage); ok {
		if d.filters, err = parseFilters(c); err != nil {
			return nil, err
		}
	}
	if c, ok := o.find(fillMessage); ok {
		d.fill = parseFill(c)
	}
	return d, nil
}

func parseLayout(c *cursor, rank int) (layout, error) {
	version, class := c.u8(), c.u8()
	l := layout{class: class}
	switch {
	case version < 3 || version > 5:
		return l, fmt.Errorf("layout message of version %d, which is not read; h5repack writes a newer one", version)
	case class == compactLayout:
		l.compact = c.take(int(c.u16()))
	case class == contiguousLayout:
		l.address = c.u64()
	case class == chunkedLayout && version == 3:
		count := int(c.u8())
		l.address = c.u64()
		l.index = treeIndex
		l.chunkDims = chunkDims(c, count, 4)
	case class == chunkedLayout:
		flags, count, size := c.u8(), int(c.u8()), int(c.u8())
		l.chunkDims = chunkDims(c, count, size)
		l.index = c.u8()
		switch l.index {
		case singleIndex:
			if flags&2 != 0 {
				l.single = chunk{size: c.u64(), mask: c.u32()}
			}
		case implicitIndex:
		case fixedArrayIndex:
			c.skip(1)
		default:
			return l, fmt.Errorf("chunk index %d of a resizable dataset, which is not read; write it with h5py's default libver", l.index)
		}
		if flags&1 != 0 {
			return l, errors.New("chunks at the edge without filters, which are not read")
		}
		l.address = c.u64()
	default:
		return l, fmt.Errorf("layout of class %d (a virtual dataset), which is not read", class)
	}
	if c.short || class == chunkedLayout && len(l.chunkDims) != rank+1 {
		return l, errors.New("damaged HDF5 file: a dataset's layout")
	}
	if class == chunkedLayout {
		l.chunkDims = l.chunkDims[:rank] // the last is the size of an element
		for _, d := range l.chunkDims {
			if d == 0 {
				return l, errors.New("damaged HDF5 file: a dataset's chunks are empty")
			}
		}
	}
	return l, nil
}

func chunkDims(c *cursor, count, size int) []int {
	if count > maxRank+1 || size > 8 {
		return nil
	}
	dims := make([]int, count)
	for i := range dims {
		dims[i] = c.int(size)
	}
	return dims
}

// parseFill returns the fill value, none for zero.
func parseFill(c *cursor) []byte {
	version := c.u8()
	switch version {
	case 1, 2:
		c.skip(2)
		if c.u8() == 0 {
			return nil
		}
	case 3:
		if c.u8()&0x20 == 0 {
			return nil
		}
	default:
		return nil
	}
	return c.take(int(c.u32()))
}

// Floats reads the numbers, row-major, as float32. It fails for numbers that are not floating-point, and after the file
// is closed.
func (d *Dataset) Floats() ([]float32, error) {
	width := tensorfile.Width(d.Type)
	if width == 0 {
		return nil, fmt.Errorf("numbers of type %s are not floating-point", d.Type)
	}
	n, err := tensorfile.Elements(d.Dims)
	if err != nil {
		return nil, err
	}
	size := n * uint64(width)
	switch {
	case n == 0:
		return nil, nil
	case d.layout.class == compactLayout:
		if size > uint64(len(d.layout.compact)) {
			return nil, fmt.Errorf("damaged HDF5 file: %d bytes for numbers that need %d", len(d.layout.compact), size)
		}
		return d.convert(d.layout.compact[:size])
	case d.layout.class == chunkedLayout:
		return d.chunked(n)
	case d.layout.address == undefined:
		return d.filled(n, 0)
	}
	if err := d.source.inside(d.layout.address, size); err != nil {
		return nil, err
	}
	out := make([]float32, 0, n)
	buffer := make([]byte, min(size, pieceSize))
	for done := uint64(0); done < size; done += pieceSize {
		piece := buffer[:min(pieceSize, size-done)]
		if err := d.source.data(d.layout.address+done, piece); err != nil {
			return nil, err
		}
		if d.Type == "F32" && !d.datatype.bigEndian {
			// Without a slice per piece: the garbage would be as large as the tensor, and VGG16 has one of 411 MB.
			for ; len(piece) >= 4; piece = piece[4:] {
				out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(piece)))
			}
			continue
		}
		values, err := d.convert(piece)
		if err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	return out, nil
}

// pieceSize is how many bytes of contiguous numbers are read at once.
const pieceSize = 1 << 18

// convert converts whole numbers of the file; it may change their bytes.
func (d *Dataset) convert(data []byte) ([]float32, error) {
	if d.datatype.bigEndian {
		data = slices.Clone(data)
		for number := range slices.Chunk(data, int(d.datatype.size)) {
			slices.Reverse(number)
		}
	}
	return tensorfile.Floats(d.Type, data)
}

// emptyLimit is how many bytes of a dataset may be there without being in the file.
const emptyLimit = 16 << 20

// filled makes n times the fill value. backed is how many bytes of numbers the file can hold for it.
func (d *Dataset) filled(n, backed uint64) ([]float32, error) {
	if n*uint64(d.datatype.size) > backed+emptyLimit {
		return nil, fmt.Errorf("damaged HDF5 file: of a dataset of %d numbers only %d bytes are there", n, backed)
	}
	out := make([]float32, n)
	if len(d.fill) == 0 {
		return out, nil
	}
	if len(d.fill) != int(d.datatype.size) {
		return nil, fmt.Errorf("damaged HDF5 file: a fill value of %d bytes for numbers of %d", len(d.fill), d.datatype.size)
	}
	value, err := d.convert(d.fill)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = value[0]
	}
	return out, nil
}
