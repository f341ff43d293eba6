package colour

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// A cache file is a line that names the format and the set's fingerprint, a record for each picture that was read, by
// ascending row, and the CRC-32C of all that; numbers are little-endian.
type record struct {
	Row uint32
	Histogram
}

const recordBytes = 4 + 2*2*Bins

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func cacheHead(set *data.Set) string {
	return "longwing colour histograms 1 " + set.Fingerprint() + "\n"
}

// readCache returns the histograms in a cache file by row; none if path is empty or nothing is there.
func readCache(path string, set *data.Set) (map[int]*Histogram, error) {
	known := map[int]*Histogram{}
	if path == "" {
		return known, nil
	}
	content, err := readLimited(path, int64(len(cacheHead(set))+set.Len()*recordBytes+crc32.Size))
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading colour cache: %w", err)
	}
	bad := func(problem string) (map[int]*Histogram, error) {
		return nil, fmt.Errorf("colour cache %s %s: delete it, or choose another file", path, problem)
	}
	records, ok := bytes.CutPrefix(content, []byte(cacheHead(set)))
	if !ok {
		return bad("holds something else than pictures of set " + set.Name)
	}
	size := len(records) - crc32.Size
	if size < 0 || size%recordBytes != 0 || binary.LittleEndian.Uint32(records[size:]) != crc32.Checksum(content[:len(content)-crc32.Size], castagnoli) {
		return bad("is damaged")
	}
	list := make([]record, size/recordBytes)
	if err := binary.Read(bytes.NewReader(records), binary.LittleEndian, list); err != nil {
		return nil, fmt.Errorf("colour cache %s: %w", path, err)
	}
	for i := range list {
		if int64(list[i].Row) >= int64(set.Len()) {
			return bad("is damaged")
		}
		known[int(list[i].Row)] = &list[i].Histogram
	}
	return known, nil
}

// readLimited reads a file of limit bytes at most; what is beyond is left out.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func writeCache(path string, set *data.Set, known map[int]*Histogram) error {
	if path == "" {
		return nil
	}
	var list []record
	for _, row := range slices.Sorted(maps.Keys(known)) {
		list = append(list, record{uint32(row), *known[row]})
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		sum := crc32.New(castagnoli)
		both := io.MultiWriter(w, sum)
		if _, err := io.WriteString(both, cacheHead(set)); err != nil {
			return err
		}
		if err := binary.Write(both, binary.LittleEndian, list); err != nil {
			return err
		}
		return binary.Write(w, binary.LittleEndian, sum.Sum32())
	})
}
