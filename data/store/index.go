package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
)

const (
	formatName  = "longwing-store/1"
	indexSuffix = ".index"

	// MaxSize is the largest side of a stored picture, px.
	MaxSize = 4096

	maxRows = 1 << 31
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Broken is a picture that could not be read.
type Broken struct {
	Row    int    `json:"row"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// identity is what makes two stores the same.
type identity struct {
	Format      string `json:"format"`
	Fingerprint string `json:"fingerprint"` // of the set
	Rows        int    `json:"rows"`
	Size        int    `json:"size"`       // px
	MaxPixels   int64  `json:"max_pixels"` // limit above which pictures were refused
	// Resize is how pictures became squares. An index of before there was a choice has none, which is the zero value's rule.
	Resize data.Resize `json:"resize"`
}

func (id identity) rowBytes() int { return id.Size * id.Size * channels }
func (id identity) bytes() int64  { return int64(id.Rows) * int64(id.rowBytes()) }

// difference says in which way other is not the store wanted; "" if it is.
func (id identity) difference(other identity) string {
	switch {
	case other.Fingerprint != id.Fingerprint || other.Rows != id.Rows:
		return fmt.Sprintf("another set of pictures (%d rows, fingerprint %.8s; wanted are %d rows, %.8s)", other.Rows, other.Fingerprint, id.Rows, id.Fingerprint)
	case other.Size != id.Size:
		return fmt.Sprintf("pictures of %d px; wanted are %d px", other.Size, id.Size)
	case other.Resize != id.Resize:
		return fmt.Sprintf("pictures resized by rule %v; wanted is %v", other.Resize, id.Resize)
	case other.MaxPixels != id.MaxPixels:
		return fmt.Sprintf("pictures of up to %d pixels; wanted is a limit of %d", other.MaxPixels, id.MaxPixels)
	}
	return ""
}

// check rejects what no build can have written, before anything is allocated or computed from it.
func (id identity) check() error {
	switch {
	case id.Format != formatName:
		return fmt.Errorf("its format is %q; this program reads %q", id.Format, formatName)
	case id.Rows < 1 || id.Rows > maxRows:
		return fmt.Errorf("%d rows are outside 1…%d", id.Rows, maxRows)
	case id.Size < 1 || id.Size > MaxSize:
		return fmt.Errorf("size %d px is outside 1…%d", id.Size, MaxSize)
	}
	if err := id.Resize.Check(); err != nil {
		return fmt.Errorf("resize: %w", err)
	}
	return nil
}

// index is the file beside the pixels.
type index struct {
	identity
	Checksums []byte   `json:"checksums"` // CRC-32C of each row, little-endian
	Broken    []Broken `json:"broken"`    // by row
	sums      []uint32
}

func (x *index) write(path string) error {
	x.Checksums = make([]byte, 0, 4*len(x.sums))
	for _, sum := range x.sums {
		x.Checksums = binary.LittleEndian.AppendUint32(x.Checksums, sum)
	}
	return atomicfile.Write(path+indexSuffix, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		return encoder.Encode(x)
	})
}

func readIndex(path string) (*index, error) {
	text, err := os.ReadFile(path + indexSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no store at %s: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	x := &index{}
	if err := x.parse(text); err != nil {
		return nil, fmt.Errorf("store %s: its index %s%s is damaged: %w", path, path, indexSuffix, err)
	}
	return x, nil
}

func (x *index) parse(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(x); err != nil {
		return err
	}
	if err := x.check(); err != nil {
		return err
	}
	x.Resize = x.Resize.Complete()
	if len(x.Checksums) != 4*x.Rows {
		return fmt.Errorf("%d bytes of checksums for %d rows", len(x.Checksums), x.Rows)
	}
	x.sums = make([]uint32, x.Rows)
	for row := range x.sums {
		x.sums[row] = binary.LittleEndian.Uint32(x.Checksums[4*row:])
	}
	previous := -1
	for _, b := range x.Broken {
		if b.Row <= previous || b.Row >= x.Rows {
			return fmt.Errorf("broken row %d is out of order or outside 0…%d", b.Row, x.Rows-1)
		}
		previous = b.Row
	}
	return nil
}
