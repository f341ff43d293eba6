package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

const (
	journalSuffix = ".journal"
	recordBytes   = 12
)

// journal remembers, on disk, which rows of an unfinished store are done. After a line of JSON (the identity) it holds
// one record per row: row, checksum of its pixels, checksum of these two; uint32 each, little-endian. A kill may cut
// the last record; a power cut may also lose pixels that the journal speaks of, which their checksum then shows.
type journal struct {
	file *os.File
	done map[int]uint32 // row → checksum, as found when it was opened
}

// openJournal opens the journal of an unfinished store, or starts one. A journal of another store is an error, except
// that one which differs in the pixel limit only is started afresh.
func openJournal(path string, want identity) (*journal, error) {
	name := path + journalSuffix
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	header, records, whole := bytes.Cut(content, []byte("\n"))
	var found identity
	if !whole || json.Unmarshal(header, &found) != nil || found.check() != nil {
		return startJournal(name, want)
	}
	found.Resize = found.Resize.Complete()
	if other := want; found != want {
		other.MaxPixels = found.MaxPixels
		if found == other {
			return startJournal(name, want)
		}
		return nil, fmt.Errorf("an unfinished build of %s lies there: delete %s and %s%s, or choose another file", want.difference(found), name, path, partSuffix)
	}
	done, length := parseRecords(records, want.Rows)
	file, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(int64(len(header) + 1 + length)); err != nil {
		_ = file.Close()
		return nil, err
	}
	return &journal{file, done}, nil
}

func startJournal(name string, id identity) (*journal, error) {
	header, err := json.Marshal(id)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.WriteBytes(name, append(header, '\n')); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &journal{file, map[int]uint32{}}, nil
}

// parseRecords reads records up to the first damaged one and returns the length of the good part.
func parseRecords(records []byte, rows int) (done map[int]uint32, length int) {
	done = map[int]uint32{}
	for ; len(records)-length >= recordBytes; length += recordBytes {
		record := records[length:][:recordBytes]
		row := binary.LittleEndian.Uint32(record)
		if crc32.Checksum(record[:8], castagnoli) != binary.LittleEndian.Uint32(record[8:]) || int64(row) >= int64(rows) {
			break
		}
		done[int(row)] = binary.LittleEndian.Uint32(record[4:])
	}
	return done, length
}

// add records that a row's pixels, whose checksum is sum, have been written.
func (j *journal) add(row int, sum uint32) error {
	record := make([]byte, 0, recordBytes)
	record = binary.LittleEndian.AppendUint32(record, uint32(row))
	record = binary.LittleEndian.AppendUint32(record, sum)
	record = binary.LittleEndian.AppendUint32(record, crc32.Checksum(record, castagnoli))
	_, err := j.file.Write(record)
	return err
}
