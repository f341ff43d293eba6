package torchfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The opcodes that pickles of a state_dict are made of, in protocols 2 to 5. Python's pickletools describes them.
const (
	opMark           = '('
	opStop           = '.'
	opBinFloat       = 'G'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opBinInt2        = 'M'
	opNone           = 'N'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opBinString      = 'T' // str of Python 2, as is the next
	opShortBinString = 'U'
	opBinUnicode     = 'X'
	opEmptyList      = ']'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opAppends        = 'e'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opSetItems       = 'u'
	opEmptyDict      = '}'
	opProto          = 0x80
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opNewTrue        = 0x88
	opNewFalse       = 0x89
	opLong1          = 0x8a
	opShortUnicode   = 0x8c
	opStackGlobal    = 0x93
	opMemoize        = 0x94
	opFrame          = 0x95
)

// A pickle takes some fifty steps and 200 bytes per tensor: these limits admit twenty thousand tensors. A step makes at
// most about a hundred bytes of memory, so that they also bound what a hostile file can use up.
const (
	maxPickle = 64 << 20 // bytes of all pickles of a file
	maxSteps  = 1 << 20
)

// machine runs pickles one after the other. Nothing in it recurses, and it never looks into the values that it makes
// unless they are arguments of one of the known functions.
type machine struct {
	in      *bufio.Reader
	at, end int64 // bytes read, and how many there are at most
	steps   int
	stack   []any
	marks   []int // heights of the stack
	memo    map[uint32]any

	// openStorage makes a storage from a persistent id; nil where none may occur.
	openStorage func(id tuple) (*storage, error)
}

func newMachine(r io.Reader, size int64) *machine {
	return &machine{in: bufio.NewReader(r), end: min(size, maxPickle)}
}

// load runs the next pickle and returns its value.
func (m *machine) load() (any, error) {
	value, err := m.run()
	if err != nil {
		return nil, fmt.Errorf("pickle, byte %d: %w", m.at, err)
	}
	return value, nil
}

func (m *machine) run() (any, error) {
	m.stack, m.marks, m.memo = nil, nil, make(map[uint32]any)
	for {
		op, err := m.uint(1)
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return m.pop()
		}
		if err := m.spend(1); err != nil {
			return nil, err
		}
		if err := m.step(byte(op)); err != nil {
			return nil, err
		}
	}
}

// spend counts n steps.
func (m *machine) spend(n int) error {
	if n > maxSteps-m.steps {
		return fmt.Errorf("it takes more than %d steps", maxSteps)
	}
	m.steps += n
	return nil
}

// step runs one opcode.
func (m *machine) step(op byte) error {
	switch op {
	case opProto:
		version, err := m.uint(1)
		if err == nil && (version < 2 || version > 5) {
			err = fmt.Errorf("protocol %d, 2 to 5 are read", version)
		}
		return err
	case opFrame: // a hint for reading ahead
		_, err := m.uint(8)
		return err
	case opNone, opNewTrue, opNewFalse, opBinInt, opBinInt1, opBinInt2, opLong1, opBinFloat:
		return m.number(op)
	case opBinUnicode, opBinString:
		return m.pushString(4)
	case opShortUnicode, opShortBinString:
		return m.pushString(1)
	case opMark:
		m.marks = append(m.marks, len(m.stack))
		return nil
	case opEmptyTuple:
		m.push(tuple(nil))
		return nil
	case opTuple1, opTuple2, opTuple3:
		items, err := m.popN(int(op-opTuple1) + 1)
		m.push(tuple(items))
		return err
	case opTuple:
		items, err := m.popMark()
		m.push(tuple(items))
		return err
	case opEmptyList:
		m.push(&list{})
		return nil
	case opAppend:
		items, err := m.popN(1)
		return m.appendItems(items, err)
	case opAppends:
		items, err := m.popMark()
		return m.appendItems(items, err)
	case opEmptyDict:
		m.push(&dict{})
		return nil
	case opSetItem:
		items, err := m.popN(2)
		return m.setItems(items, err)
	case opSetItems:
		items, err := m.popMark()
		return m.setItems(items, err)
	case opBinPut, opLongBinPut, opMemoize, opBinGet, opLongBinGet:
		return m.remember(op)
	case opGlobal, opStackGlobal:
		return m.global(op)
	case opReduce:
		return m.reduce()
	case opBuild:
		return m.build()
	case opBinPersID:
		return m.persistent()
	}
	return fmt.Errorf("opcode %q does not occur in a state_dict", rune(op))
}

func (m *machine) number(op byte) error {
	switch op {
	case opNone:
		m.push(nil)
	case opNewTrue, opNewFalse:
		m.push(op == opNewTrue)
	case opBinInt1, opBinInt2:
		width := 1
		if op == opBinInt2 {
			width = 2
		}
		v, err := m.uint(width)
		m.push(int64(v))
		return err
	case opBinInt:
		v, err := m.uint(4)
		m.push(int64(int32(v)))
		return err
	case opBinFloat:
		data, err := m.bytes(8)
		if err != nil {
			return err
		}
		m.push(math.Float64frombits(binary.BigEndian.Uint64(data)))
	case opLong1:
		width, err := m.uint(1)
		if err != nil {
			return err
		}
		data, err := m.bytes(width)
		if err != nil {
			return err
		}
		m.push(integer(data))
	}
	return nil
}

// integer is a little-endian two's complement of any width.
func integer(data []byte) any {
	if len(data) > 8 {
		return bigInt(data)
	}
	var v int64
	for i, b := range data {
		v |= int64(b) << (8 * i)
	}
	unused := 64 - 8*len(data)
	return v << unused >> unused
}

func (m *machine) pushString(lengthWidth int) error {
	length, err := m.uint(lengthWidth)
	if err != nil {
		return err
	}
	data, err := m.bytes(length)
	m.push(string(data))
	return err
}

func (m *machine) appendItems(items []any, err error) error {
	if err != nil {
		return err
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	l, ok := top.(*list)
	if !ok {
		return fmt.Errorf("it appends to a %s", kind(top))
	}
	l.items = append(l.items, items...)
	return nil
}

func (m *machine) setItems(items []any, err error) error {
	if err != nil {
		return err
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	d, ok := top.(*dict)
	if !ok || len(items)%2 != 0 {
		return fmt.Errorf("it sets %d keys and values of a %s", len(items), kind(top))
	}
	for i := 0; i < len(items); i += 2 {
		if err := d.set(items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// remember puts the top of the stack into the memo, or pushes a value from there.
func (m *machine) remember(op byte) error {
	index := uint64(len(m.memo))
	if op != opMemoize {
		width := 4
		if op == opBinPut || op == opBinGet {
			width = 1
		}
		var err error
		if index, err = m.uint(width); err != nil {
			return err
		}
	}
	if op == opBinGet || op == opLongBinGet {
		value, ok := m.memo[uint32(index)]
		if !ok {
			return fmt.Errorf("nothing is remembered as %d", index)
		}
		m.push(value)
		return nil
	}
	value, err := m.top()
	m.memo[uint32(index)] = value
	return err
}

func (m *machine) global(op byte) error {
	var module, name any
	if op == opStackGlobal {
		items, err := m.popN(2)
		if err != nil {
			return err
		}
		module, name = items[0], items[1]
	} else {
		var err error
		if module, err = m.line(); err != nil {
			return err
		}
		if name, err = m.line(); err != nil {
			return err
		}
	}
	moduleName, ok1 := module.(string)
	ownName, ok2 := name.(string)
	if !ok1 || !ok2 {
		return errors.New("the name of a global is no str")
	}
	full := moduleName + "." + ownName
	value, ok := globals[full]
	if !ok {
		return fmt.Errorf("it wants to use %.200q; only tensors are read: save them with torch.save(model.state_dict(), path)", full)
	}
	m.push(value)
	return nil
}

func (m *machine) reduce() error {
	items, err := m.popN(2)
	if err != nil {
		return err
	}
	call, ok1 := items[0].(function)
	args, ok2 := items[1].(tuple)
	if !ok1 || !ok2 {
		return fmt.Errorf("it calls a %s with a %s", kind(items[0]), kind(items[1]))
	}
	value, err := call(m, args)
	m.push(value)
	return err
}

// build drops the attributes of an object. A state_dict has the attribute _metadata: versions of its modules.
func (m *machine) build() error {
	if _, err := m.popN(1); err != nil {
		return err
	}
	top, err := m.top()
	if err != nil {
		return err
	}
	if _, ok := top.(*dict); !ok {
		return fmt.Errorf("it sets attributes of a %s", kind(top))
	}
	return nil
}

func (m *machine) persistent() error {
	id, err := m.pop()
	if err != nil {
		return err
	}
	fields, ok := id.(tuple)
	if !ok || m.openStorage == nil {
		return fmt.Errorf("a %s refers to data", kind(id))
	}
	s, err := m.openStorage(fields)
	m.push(s)
	return err
}
