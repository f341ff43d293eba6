package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

const pieceBytes = 1 << 16 // are converted at a time

// Write writes tensors as F32 in the given order, and metadata if there is any. Equal input gives equal bytes: with plain
// names in sorted order, those of Python's library. It needs 64 KiB beside the header. It returns an error if a name is
// empty, reserved, not UTF-8 or used twice, or if a tensor's data does not fit its dims.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	text, err := makeHeader(tensors, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	buffer := binary.LittleEndian.AppendUint64(make([]byte, 0, pieceBytes), uint64(len(text)))
	if _, err := w.Write(buffer); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range tensors {
		for piece := range slices.Chunk(t.Data, pieceBytes/4) {
			buffer = buffer[:0]
			for _, v := range piece {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeHeader lists metadata first, then tensors in order, and pads with spaces so that the data is aligned to 8 bytes.
func makeHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	type entry struct {
		DType   string    `json:"dtype"`
		Shape   []int     `json:"shape"`
		Offsets [2]uint64 `json:"data_offsets"`
	}
	var fields [][]byte
	add := func(key string, value any) error {
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value) // sorts the keys of a map
		fields = append(fields, append(append(name, ':'), text...))
		return err
	}
	for key, value := range metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("metadata %q is not UTF-8", key)
		}
	}
	if len(metadata) > 0 {
		if err := add(metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	taken := map[string]bool{"": true, metadataKey: true}
	offset := uint64(0)
	for _, t := range tensors {
		if taken[t.Name] || !utf8.ValidString(t.Name) {
			return nil, fmt.Errorf("tensor name %q is empty, reserved, not UTF-8 or used twice", t.Name)
		}
		taken[t.Name] = true
		elements, err := tensorfile.Elements(t.Dims)
		if err != nil || elements != uint64(len(t.Data)) {
			return nil, fmt.Errorf("tensor %s of shape %v has %d values", t.Name, t.Dims, len(t.Data))
		}
		end := offset + 4*elements
		if err := add(t.Name, entry{"F32", append([]int{}, t.Dims...), [2]uint64{offset, end}}); err != nil {
			return nil, err
		}
		offset = end
	}
	text := slices.Concat([]byte("{"), bytes.Join(fields, []byte(",")), []byte("}"))
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	return text, nil
}
