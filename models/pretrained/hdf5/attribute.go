package hdf5

import (
	"errors"
	"fmt"
	"strings"
)

// attribute is a small array beside a group or dataset.
type attribute struct {
	datatype datatype
	dims     []int
	data     []byte
}

// Strings returns the texts of an attribute in row-major order, one for a single text. Padding is cut off. An attribute
// with no elements gives none, of whatever type it is: that is how Keras writes an empty list. The error is ErrNotFound
// if there is no such attribute.
func (g *Group) Strings(name string) ([]string, error) {
	texts, err := g.file.strings(g.object, name)
	if err != nil {
		return nil, fmt.Errorf("%s: attribute %s: %w", g.path, name, err)
	}
	return texts, nil
}

func (f *File) strings(o *object, name string) ([]string, error) {
	if o.attributes == nil {
		attributes, err := f.attributes(o)
		if err != nil {
			return nil, err
		}
		o.attributes = attributes
	}
	a, ok := o.attributes[name]
	if !ok {
		return nil, ErrNotFound
	}
	count, size, err := a.datatype.fit(a.dims, uint64(len(a.data)))
	if err != nil {
		return nil, err
	}
	texts := make([]string, count)
	for i := range texts {
		element := a.data[i*size : (i+1)*size]
		switch a.datatype.class {
		case stringClass:
			texts[i] = a.datatype.unpad(element)
		case textClass:
			if texts[i], err = f.globalText(element); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("holds %s, not text", a.datatype.name())
		}
	}
	return texts, nil
}

// attributes reads the attributes of an object by name.
func (f *File) attributes(o *object) (map[string]attribute, error) {
	found := map[string]attribute{}
	for _, m := range o.messages {
		if m.kind != attributeMessage {
			continue
		}
		if m.shared {
			return nil, errors.New("shared attributes, which are not read")
		}
		if err := addAttribute(found, &cursor{data: m.data}); err != nil {
			return nil, err
		}
	}
	c, ok := o.find(attributeInfoMessage)
	if !ok {
		return found, nil
	}
	c.skip(1)
	if c.u8()&1 != 0 {
		c.skip(2)
	}
	dense, err := f.dense(c, attributeNameRecord)
	if err != nil {
		return nil, err
	}
	for _, d := range dense {
		if err := addAttribute(found, d.data); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addAttribute parses an attribute message. Version 1 pads its parts to eight bytes.
func addAttribute(found map[string]attribute, c *cursor) error {
	version, flags := c.u8(), c.u8()
	nameSize, typeSize, spaceSize := int(c.u16()), int(c.u16()), int(c.u16())
	padded := func(n int) int { return n }
	switch version {
	case 1:
		padded = func(n int) int { return (n + 7) &^ 7 }
	case 2:
	case 3:
		c.skip(1)
	default:
		return fmt.Errorf("attribute message of version %d, which is not known", version)
	}
	name, _, _ := strings.Cut(string(c.take(padded(nameSize))), "\x00")
	typeData, spaceData := c.take(padded(typeSize)), c.take(padded(spaceSize))
	if c.short {
		return errors.New("an attribute is cut off")
	}
	if version > 1 && flags&3 != 0 {
		found[name] = attribute{datatype: datatype{class: sharedClass}}
		return nil
	}
	t, err := parseDatatype(&cursor{data: typeData})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	dims, err := parseDataspace(&cursor{data: spaceData})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	found[name] = attribute{t, dims, c.data}
	return nil
}

// globalText reads a text of variable length: its length, and where in which collection of the global heap it is.
func (f *File) globalText(element []byte) (string, error) {
	c := cursor{data: element}
	length, address, index := c.u32(), c.u64(), c.u32()
	if length == 0 {
		return "", nil
	}
	collection, err := f.globalHeap(address)
	if err != nil {
		return "", err
	}
	text, ok := collection[uint16(index)]
	if !ok || uint64(length) > uint64(len(text)) {
		return "", fmt.Errorf("damaged HDF5 file: text %d of the global heap at %d", index, address)
	}
	return strings.TrimRight(text[:length], "\x00"), nil
}

// globalHeap reads a collection of the global heap, once.
func (f *File) globalHeap(address uint64) (map[uint16]string, error) {
	if collection, ok := f.heaps[address]; ok {
		return collection, nil
	}
	c, err := f.source.block(address, 16, "GCOL")
	if err != nil {
		return nil, err
	}
	c.skip(4)
	size := c.u64()
	if size < 16 {
		return nil, fmt.Errorf("damaged HDF5 file: global heap at %d", address)
	}
	if c, err = f.source.read(address+16, size-16); err != nil {
		return nil, fmt.Errorf("global heap: %w", err)
	}
	collection := map[uint16]string{}
	for len(c.data) >= 16 {
		index := c.u16()
		c.skip(6)
		length := c.u64()
		if index == 0 { // the free space at the end
			break
		}
		if length > uint64(len(c.data)) {
			return nil, fmt.Errorf("damaged HDF5 file: global heap at %d", address)
		}
		collection[index] = string(c.take(int(length)))
		c.take(min(len(c.data), int(-length&7)))
	}
	f.heaps[address] = collection
	return collection, nil
}
