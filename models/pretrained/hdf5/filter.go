package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// filter is a step of what was done to chunks before they were written.
type filter struct {
	id          uint16
	elementSize int // of shuffle
}

const (
	deflateFilter  = 1
	shuffleFilter  = 2
	checksumFilter = 3
)

var filterNames = map[uint16]string{4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32015: "zstd"}

func parseFilters(c *cursor) ([]filter, error) {
	version, count := c.u8(), int(c.u8())
	if version == 1 {
		c.skip(6)
	} else if version != 2 {
		return nil, fmt.Errorf("filter message of version %d, which is not known", version)
	}
	var filters []filter
	for range count {
		f := filter{id: c.u16()}
		nameSize := 0
		if version == 1 || f.id >= 256 {
			nameSize = int(c.u16())
		}
		c.skip(2)
		values := int(c.u16())
		if version == 1 {
			nameSize = (nameSize + 7) &^ 7
			values += values & 1
		}
		c.skip(nameSize)
		settings := cursor{data: c.take(4 * values)}
		switch f.id {
		case shuffleFilter:
			f.elementSize = int(settings.u32())
		case deflateFilter, checksumFilter:
		default:
			return nil, fmt.Errorf("filter %d (%s), which is not read; h5repack -f GZIP=1 writes one that is", f.id, filterNames[f.id])
		}
		filters = append(filters, f)
	}
	if c.short {
		return nil, errors.New("a dataset's filters are cut off")
	}
	return filters, nil
}

// undo takes the filters off a chunk that has size bytes without them. A set bit of mask says that a filter was not
// used on this chunk.
func undo(filters []filter, mask uint32, data []byte, size uint64) ([]byte, error) {
	for i := len(filters) - 1; i >= 0; i-- {
		if i < 32 && mask>>i&1 != 0 {
			continue
		}
		switch filters[i].id {
		case deflateFilter:
			inflated, err := inflate(data, size+4*uint64(len(filters))) // checksums may be inside
			if err != nil {
				return nil, err
			}
			data = inflated
		case shuffleFilter:
			data = unshuffle(data, filters[i].elementSize)
		case checksumFilter:
			data = data[:max(0, len(data)-4)]
		}
	}
	if uint64(len(data)) != size {
		return nil, fmt.Errorf("damaged HDF5 file: a chunk has %d bytes and should have %d", len(data), size)
	}
	return data, nil
}

func inflate(data []byte, limit uint64) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("deflate: %w", err)
	}
	inflated, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("deflate: %w", err)
	}
	if uint64(len(inflated)) > limit {
		return nil, fmt.Errorf("damaged HDF5 file: a chunk inflates to more than its %d bytes", limit)
	}
	return inflated, nil
}

// unshuffle puts the bytes of each element together again: shuffled, the first bytes of all elements come first, then all
// second bytes, and so on; what does not fill an element is at the end.
func unshuffle(data []byte, elementSize int) []byte {
	if elementSize < 2 {
		return data
	}
	count := len(data) / elementSize
	out := make([]byte, len(data))
	for b := range elementSize * min(1, count) {
		for i, value := range data[b*count : (b+1)*count] {
			out[i*elementSize+b] = value
		}
	}
	copy(out[elementSize*count:], data[elementSize*count:])
	return out
}
