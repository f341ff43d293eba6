package hdf5

import "fmt"

// Kinds of header messages.
const (
	dataspaceMessage     = 0x01
	linkInfoMessage      = 0x02
	datatypeMessage      = 0x03
	fillMessage          = 0x05
	linkMessage          = 0x06
	externalMessage      = 0x07
	layoutMessage        = 0x08
	groupInfoMessage     = 0x0a
	filterMessage        = 0x0b
	attributeMessage     = 0x0c
	continuationMessage  = 0x10
	symbolTableMessage   = 0x11
	attributeInfoMessage = 0x15
)

// object is the header of a group or dataset, and what was found in it so far.
type object struct {
	messages   []message
	links      *links
	attributes map[string]attribute
}

type message struct {
	kind   uint16
	shared bool
	data   []byte
}

// find returns the first message of a kind.
func (o *object) find(kind uint16) (*cursor, bool) {
	for _, m := range o.messages {
		if m.kind == kind && !m.shared {
			return &cursor{data: m.data}, true
		}
	}
	return nil, false
}

func (o *object) isGroup() bool {
	for _, m := range o.messages {
		switch m.kind {
		case symbolTableMessage, linkInfoMessage, linkMessage, groupInfoMessage:
			return true
		}
	}
	return false
}

// object reads the object header at an address, once.
func (f *File) object(address uint64) (*object, error) {
	if o, ok := f.objects[address]; ok {
		return o, nil
	}
	c, err := f.source.read(address, 16)
	if err != nil {
		return nil, fmt.Errorf("object header: %w", err)
	}
	o := &object{}
	if string(c.data[:4]) == "OHDR" {
		err = f.readHeader2(address, o)
	} else if c.data[0] == 1 {
		err = f.readHeader1(address, c, o)
	} else {
		err = fmt.Errorf("object header at %d: %q is none", address, c.data)
	}
	if err != nil {
		return nil, err
	}
	f.objects[address] = o
	return o, nil
}

// piece is a part of an object header.
type piece struct{ address, size uint64 }

func (f *File) readHeader1(address uint64, c *cursor, o *object) error {
	c.skip(2)
	count := c.u16()
	c.skip(4)
	pieces := []piece{{address + 16, uint64(c.u32())}}
	for len(pieces) > 0 {
		c, err := f.source.read(pieces[0].address, pieces[0].size)
		if err != nil {
			return fmt.Errorf("object header: %w", err)
		}
		pieces = pieces[1:]
		for len(c.data) >= 8 && count > 0 {
			count--
			kind, size, flags := c.u16(), c.u16(), c.u8()
			c.skip(3)
			pieces = o.add(kind, flags, c.take(int(size)), pieces)
		}
		if c.short {
			return fmt.Errorf("object header at %d is cut off", address)
		}
	}
	return nil
}

func (f *File) readHeader2(address uint64, o *object) error {
	c, err := f.source.read(address, min(34, f.source.size-address))
	if err != nil {
		return fmt.Errorf("object header: %w", err)
	}
	whole := len(c.data)
	c.skip(5)
	flags := c.u8()
	if flags&0x20 != 0 {
		c.skip(16)
	}
	if flags&0x10 != 0 {
		c.skip(4)
	}
	size := c.uint(1 << (flags & 3))
	if c.short {
		return fmt.Errorf("object header at %d is cut off", address)
	}
	pieces := []piece{{address + uint64(whole-len(c.data)), size}}
	for first := true; len(pieces) > 0; first = false {
		c, err := f.source.read(pieces[0].address, pieces[0].size)
		if err != nil {
			return fmt.Errorf("object header: %w", err)
		}
		if !first {
			if string(c.take(4)) != "OCHK" || len(c.data) < 4 {
				return fmt.Errorf("object header at %d: its continuation is damaged", address)
			}
			c.data = c.data[:len(c.data)-4] // a checksum
		}
		pieces = pieces[1:]
		for len(c.data) >= 4 {
			kind, size, messageFlags := c.u8(), c.u16(), c.u8()
			if flags&4 != 0 {
				c.skip(2)
			}
			pieces = o.add(uint16(kind), messageFlags, c.take(int(size)), pieces)
		}
		if c.short {
			return fmt.Errorf("object header at %d is cut off", address)
		}
	}
	return nil
}

// add keeps a message, or appends the piece that it announces.
func (o *object) add(kind uint16, flags uint8, data []byte, pieces []piece) []piece {
	if kind == continuationMessage {
		c := cursor{data: data}
		next := piece{c.u64(), c.u64()}
		if c.short {
			return pieces
		}
		return append(pieces, next)
	}
	o.messages = append(o.messages, message{kind, flags&2 != 0, data})
	return pieces
}
