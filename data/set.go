package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"unicode/utf8"
)

// Set is a table of pictures: one row a picture. Its fields are read-only once it is made.
type Set struct {
	Name       string   // short, for messages: "flowers", "train"
	Root       string   // the folder that ids are paths under
	IDs        []string // row → unique id: a slash-separated path under Root
	Labels     []int32  // row → class number in [0, len(ClassNames))
	ClassNames []string // class number → name

	// Ignored counts the files that were passed over: those that are not pictures by lower-case extension (".txt"),
	// links to other files of the set as "link". Nil when there were none.
	Ignored map[string]int
}

// NewSet makes a set from its columns, which it keeps without copying. It is an error when they differ in length, an
// id is empty, repeated, not UTF-8 or leads out of root, or a label is not a class number.
func NewSet(name, root string, ids []string, labels []int32, classNames []string) (*Set, error) {
	if len(ids) != len(labels) {
		return nil, fmt.Errorf("set %s: %d ids but %d labels", name, len(ids), len(labels))
	}
	seen := make(map[string]int, len(ids))
	for row, id := range ids {
		if !utf8.ValidString(id) || !filepath.IsLocal(filepath.FromSlash(id)) {
			return nil, fmt.Errorf("set %s: row %d: id %q is not a path inside %s", name, row, id, root)
		}
		if first, ok := seen[id]; ok {
			return nil, fmt.Errorf("set %s: row %d: id %q is already in row %d", name, row, id, first)
		}
		seen[id] = row
		if label := labels[row]; label < 0 || int(label) >= len(classNames) {
			return nil, fmt.Errorf("set %s: row %d: class %d is outside 0…%d", name, row, label, len(classNames)-1)
		}
	}
	return &Set{Name: name, Root: root, IDs: ids, Labels: labels, ClassNames: classNames}, nil
}

// Len is the number of rows.
func (s *Set) Len() int { return len(s.IDs) }

// NumClasses is the number of class names; a class may have no rows.
func (s *Set) NumClasses() int { return len(s.ClassNames) }

// Counts returns the number of rows of each class.
func (s *Set) Counts() []int {
	counts := make([]int, s.NumClasses())
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// Path is the file of a row's picture.
func (s *Set) Path(row int) string { return filepath.Join(s.Root, filepath.FromSlash(s.IDs[row])) }

// Open opens a row's picture for reading. Anything but a regular file in the picture's place is an error.
func (s *Set) Open(row int) (io.ReadCloser, error) {
	path := s.Path(row)
	info, err := os.Stat(path) // before opening: a pipe would wait for somebody to write into it
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("set %s: row %d: %w", s.Name, row, err)
	}
	return f, nil
}

// Subset returns a set of the given rows of s in the given order, with the same class names. A row given twice is an
// error.
func (s *Set) Subset(name string, rows []int) (*Set, error) {
	ids := make([]string, len(rows))
	labels := make([]int32, len(rows))
	for i, row := range rows {
		if row < 0 || row >= s.Len() {
			return nil, fmt.Errorf("set %s: row %d is outside 0…%d", s.Name, row, s.Len()-1)
		}
		ids[i], labels[i] = s.IDs[row], s.Labels[row]
	}
	return NewSet(name, s.Root, ids, labels, s.ClassNames)
}

// Fingerprint identifies the table: the hex SHA-256 of ids, labels and class names, in order. It does not cover the
// pictures' content, the set's name or the folder, so a copied set keeps its fingerprint.
func (s *Set) Fingerprint() string {
	digest := sha256.New()
	var number [8]byte
	writeNumber := func(n int) {
		binary.LittleEndian.PutUint64(number[:], uint64(n))
		digest.Write(number[:])
	}
	writeText := func(text string) {
		writeNumber(len(text))
		io.WriteString(digest, text)
	}
	writeNumber(len(s.ClassNames))
	for _, name := range s.ClassNames {
		writeText(name)
	}
	writeNumber(len(s.IDs))
	for row, id := range s.IDs {
		writeText(id)
		writeNumber(int(s.Labels[row]))
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// numberedNames names n classes by their numbers, for tables that come without names.
func numberedNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}
