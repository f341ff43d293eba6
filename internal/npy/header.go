package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 64 << 10 // bytes; NumPy itself writes 118
)

type header struct {
	descr string
	shape []int
	bytes int64 // of magic, version, length and dictionary together
}

// WriteHeader starts a float32 array of the given shape. The header is padded so that the numbers begin at a multiple of
// 64 bytes, as NumPy does.
func WriteHeader(w io.Writer, shape []int) error {
	axes := make([]string, len(shape))
	for i, axis := range shape {
		axes[i] = strconv.Itoa(axis)
	}
	tuple := strings.Join(axes, ", ")
	if len(shape) == 1 {
		tuple += ","
	}
	dictionary := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", tuple)
	const fixed = len(magic) + 2 + 2
	padding := 63 - (fixed+len(dictionary))%64 // leaves one byte for the newline
	dictionary += strings.Repeat(" ", padding) + "\n"
	if len(dictionary) > maxHeader-1 {
		return fmt.Errorf("array of %d axes doesn't fit a header", len(shape))
	}
	start := append([]byte(magic), 1, 0)
	start = binary.LittleEndian.AppendUint16(start, uint16(len(dictionary)))
	_, err := w.Write(append(start, dictionary...))
	return err
}

func readHeader(r io.Reader) (header, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return header{}, errors.New("not a .npy file")
	}
	lengthBytes := 2
	switch version := start[len(magic)]; version {
	case 1:
	case 2, 3:
		lengthBytes = 4
	default:
		return header{}, fmt.Errorf("version %d of the .npy format, need 1 to 3", version)
	}
	raw := make([]byte, 4)
	if _, err := io.ReadFull(r, raw[:lengthBytes]); err != nil {
		return header{}, fmt.Errorf("header is cut short: %w", err)
	}
	length := binary.LittleEndian.Uint32(raw)
	if length > maxHeader {
		return header{}, fmt.Errorf("header of %d bytes, at most %d are allowed", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf("header is cut short: %w", err)
	}
	h, err := parseDictionary(string(text))
	h.bytes = int64(len(start)+lengthBytes) + int64(length)
	return h, err
}

var (
	descrPattern   = regexp.MustCompile(`['"]descr['"]\s*:\s*(?:'([^']*)'|"([^"]*)"|(\[))`)
	fortranPattern = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	shapePattern   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9,\sL]*)\)`)
)

func parseDictionary(text string) (header, error) {
	descr, order, shape := descrPattern.FindStringSubmatch(text), fortranPattern.FindStringSubmatch(text), shapePattern.FindStringSubmatch(text)
	if descr == nil || order == nil || shape == nil {
		return header{}, fmt.Errorf("header %.80q lacks descr, fortran_order or shape", text)
	}
	h := header{descr: descr[1] + descr[2]}
	if h.descr != "<f4" && h.descr != "<f8" {
		return header{}, fmt.Errorf("numbers are %q, need little-endian float32 or float64; save array.astype('float32')",
			descr[1]+descr[2]+descr[3])
	}
	for _, axis := range strings.Split(shape[1], ",") {
		axis = strings.TrimSuffix(strings.TrimSpace(axis), "L")
		if axis == "" {
			continue
		}
		length, err := strconv.Atoi(axis)
		if err != nil {
			return header{}, fmt.Errorf("shape (%s): axis %q is not a length", shape[1], axis)
		}
		h.shape = append(h.shape, length)
	}
	if order[1] == "True" && len(h.shape) > 1 {
		return header{}, errors.New("numbers are in column-major order; save numpy.ascontiguousarray(array)")
	}
	return h, nil
}
