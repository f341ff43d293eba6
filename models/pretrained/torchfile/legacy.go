package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

const (
	legacyMagic   = bigInt("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
	legacyVersion = int64(1001)
)

// readLegacy returns the object of a file of torch before 1.6: pickles of a magic number, a version, facts of the
// machine, the object, and the keys of its storages; then for each key the number of elements in eight bytes, and the
// elements. They are little-endian on all machines.
func readLegacy(r io.ReaderAt, size int64) (any, error) {
	m := newMachine(io.NewSectionReader(r, 0, size), size)
	magic, err := m.load()
	if err != nil {
		return nil, fmt.Errorf("neither an archive nor torch's older format: %w", err)
	}
	if magic != legacyMagic {
		return nil, errors.New("neither an archive nor torch's older format: it does not begin with the magic number")
	}
	version, err := m.load()
	if err != nil {
		return nil, err
	}
	if version != legacyVersion {
		return nil, fmt.Errorf("its version is not %d", legacyVersion)
	}
	if _, err := m.load(); err != nil { // facts of the machine
		return nil, err
	}
	storages := make(map[string]*storage)
	m.openStorage = func(id tuple) (*storage, error) { return legacyStorage(storages, id, size) }
	object, err := m.load()
	if err != nil {
		return nil, err
	}
	m.openStorage = nil
	keys, err := m.load()
	if err != nil {
		return nil, err
	}
	if err := placeStorages(storages, keys, r, m.at, size); err != nil {
		return nil, err
	}
	return object, nil
}

// legacyStorage takes the id ("storage", type, key, location, number of elements, view). Each storage is made once.
func legacyStorage(storages map[string]*storage, id tuple, size int64) (*storage, error) {
	if len(id) != 6 {
		return nil, fmt.Errorf("a storage of %d fields, want 6", len(id))
	}
	key, s, err := newStorage(id, size)
	if err != nil {
		return nil, err
	}
	if id[5] != nil {
		return nil, fmt.Errorf("storage %q is a view of another: load the file with torch and save it again", key)
	}
	if known := storages[key]; known != nil {
		if known.numbers != s.numbers || known.bytes != s.bytes {
			return nil, fmt.Errorf("storage %q has two types or sizes", key)
		}
		return known, nil
	}
	storages[key] = s
	return s, nil
}

// placeStorages finds where each storage starts. The first is at byte offset.
func placeStorages(storages map[string]*storage, keys any, r io.ReaderAt, offset, size int64) error {
	l, ok := keys.(*list)
	if !ok {
		return fmt.Errorf("a %s where the keys of storages are expected", kind(keys))
	}
	for _, item := range l.items {
		key, ok := item.(string)
		s := storages[key]
		if !ok || s == nil || s.start != nil {
			return fmt.Errorf("storage %q is listed twice or belongs to no tensor", key)
		}
		var prefix [8]byte
		if err := tensorfile.ReadFull(r, prefix[:], offset); err != nil {
			return fmt.Errorf("storage %q: %w", key, err)
		}
		start := offset + int64(len(prefix))
		if count := binary.LittleEndian.Uint64(prefix[:]); count != uint64(s.bytes/s.numbers.width) || s.bytes > size-start {
			return fmt.Errorf("storage %q of %d numbers does not fit bytes %d to %d", key, count, start, size)
		}
		s.start = func() (int64, error) { return start, nil }
		offset = start + s.bytes
	}
	for key, s := range storages {
		if s.start == nil {
			return fmt.Errorf("storage %q is not in the file", key)
		}
	}
	return nil
}
