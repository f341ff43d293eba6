package torchfile

import (
	"errors"
	"fmt"
	"io"
)

// uint reads a little-endian number of at most eight bytes.
func (m *machine) uint(width int) (uint64, error) {
	data, err := m.bytes(uint64(width))
	if err != nil {
		return 0, err
	}
	var v uint64
	for i, b := range data {
		v |= uint64(b) << (8 * i)
	}
	return v, nil
}

func (m *machine) bytes(n uint64) ([]byte, error) {
	if n > uint64(m.end-m.at) {
		return nil, fmt.Errorf("%d bytes are wanted, %d are left", n, m.end-m.at)
	}
	data := make([]byte, n)
	_, err := io.ReadFull(m.in, data)
	m.at += int64(n)
	return data, err
}

// line reads up to the next newline, which it leaves out.
func (m *machine) line() (string, error) {
	var text []byte
	for len(text) <= 200 {
		c, err := m.uint(1)
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return string(text), nil
		}
		text = append(text, byte(c))
	}
	return "", errors.New("the name of a global is too long")
}
