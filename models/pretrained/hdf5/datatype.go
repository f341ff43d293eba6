package hdf5

import (
	"errors"
	"fmt"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Classes of datatypes that mean something here.
const (
	integerClass = 0
	floatClass   = 1
	stringClass  = 3
	opaqueClass  = 5
	vlenClass    = 9
	// Not of the format: text of variable length, and a type defined elsewhere in the file.
	textClass   = 100
	sharedClass = 101
)

type datatype struct {
	class     uint8
	size      uint32
	bigEndian bool
	signed    bool
	padding   uint8  // of text: 0 ends with a zero, 1 filled with zeros, 2 filled with spaces
	float     string // "F32" …, empty for formats that are not read
}

// floatFormat is how a floating-point number lies in its bits.
type floatFormat struct {
	size                         uint32
	sign, exponent, exponentSize uint8
	mantissa, mantissaSize       uint8
	bias                         uint32
}

var floatFormats = map[floatFormat]string{
	{2, 15, 10, 5, 0, 10, 15}:    "F16",
	{2, 15, 7, 8, 0, 7, 127}:     "BF16",
	{4, 31, 23, 8, 0, 23, 127}:   "F32",
	{8, 63, 52, 11, 0, 52, 1023}: "F64",
}

func parseDatatype(c *cursor) (datatype, error) {
	class := c.u8() & 15
	flags := [3]uint8{c.u8(), c.u8(), c.u8()}
	t := datatype{class: class, size: c.u32()}
	switch class {
	case integerClass:
		t.bigEndian, t.signed = flags[0]&1 != 0, flags[0]&8 != 0
	case floatClass:
		t.bigEndian = flags[0]&1 != 0
		c.skip(4)
		format := floatFormat{t.size, flags[1], c.u8(), c.u8(), c.u8(), c.u8(), c.u32()}
		if flags[0]&0x40 == 0 { // else the byte order of the VAX
			t.float = floatFormats[format]
		}
	case stringClass:
		t.padding = flags[0] & 15
	case opaqueClass:
		// h5py writes numpy's bfloat16, which HDF5 had no type for, as two opaque bytes.
		if t.size == 2 {
			t.float = "BF16"
		}
	case vlenClass:
		if flags[0]&15 == 1 {
			t.class = textClass
		}
	}
	if c.short {
		return datatype{}, errors.New("a datatype is cut off")
	}
	return t, nil
}

// name is the type as in tensorfile.Entry.
func (t datatype) name() string {
	switch {
	case t.float != "":
		return t.float
	case t.class == integerClass && t.signed:
		return fmt.Sprintf("I%d", 8*uint64(t.size))
	case t.class == integerClass:
		return fmt.Sprintf("U%d", 8*uint64(t.size))
	case t.class == stringClass || t.class == textClass:
		return "text"
	case t.class == sharedClass:
		return "a committed datatype"
	}
	return fmt.Sprintf("HDF5 class %d", t.class)
}

// fit returns the number of elements of a shape and the bytes of each, if there is so much data.
func (t datatype) fit(dims []int, data uint64) (count, size int, err error) {
	n, err := tensorfile.Elements(dims)
	if err != nil {
		return 0, 0, err
	}
	if n > 0 && (t.size == 0 || uint64(t.size) > data/n) {
		return 0, 0, fmt.Errorf("%d bytes are too few for %d elements of %d bytes", data, n, t.size)
	}
	return int(n), int(t.size), nil
}

// unpad cuts the padding off a text of fixed length.
func (t datatype) unpad(element []byte) string {
	switch t.padding {
	case 0:
		text, _, _ := strings.Cut(string(element), "\x00")
		return text
	case 1:
		return strings.TrimRight(string(element), "\x00")
	}
	return strings.TrimRight(string(element), " ")
}

// maxRank is HDF5's own limit.
const maxRank = 32

// parseDataspace returns the dimensions, none for a single element and one of 0 for a null dataspace.
func parseDataspace(c *cursor) ([]int, error) {
	version, rank := c.u8(), int(c.u8())
	switch version {
	case 1:
		c.skip(6)
	case 2:
		c.skip(1)
		if c.u8() == 2 {
			return []int{0}, nil
		}
	default:
		return nil, fmt.Errorf("dataspace message of version %d, which is not known", version)
	}
	if rank > maxRank {
		return nil, fmt.Errorf("damaged HDF5 file: %d dimensions", rank)
	}
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = c.int(8)
	}
	if c.short {
		return nil, errors.New("a dataspace is cut off")
	}
	return dims, nil
}
