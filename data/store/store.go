// Package store keeps every picture of a set decoded and scaled to one size, so that training reads bytes and not
// files.
//
// A store is a memory-mapped file of 8-bit RGB and a small index beside it. Building one runs in parallel, goes on
// where it stopped after a kill, and leaves out pictures that can't be read, each listed with its reason. The format is
// described in docs/store.md.
//
//	pictures, err := store.Build(ctx, set, "flowers-224.store", store.Options{Size: 224})
//	if err != nil {
//		return err
//	}
//	defer pictures.Close()
//	rgb, ok := pictures.Pixels(17) // 224·224·3 bytes
package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

const channels = 3 // red, green, blue

// Store is an open store. It may be read by several goroutines at once.
type Store struct {
	path   string
	index  *index
	pixels []byte // the mapped file: rows · size · size · 3
	broken map[int]bool
}

// Open maps a finished store. Errors: no store at path, an unfinished one, a damaged index, a file of another length
// than its index says. The pixels themselves are checked by Verify.
func Open(path string) (*Store, error) {
	index, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("store %s is unfinished: build it again to go on: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	defer f.Close() // the map stays
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	if info.Size() != index.bytes() {
		return nil, fmt.Errorf("store %s is damaged: %d bytes long; its index says %d: delete both and build it again", path, info.Size(), index.bytes())
	}
	pixels, err := unix.Mmap(int(f.Fd()), 0, int(index.bytes()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("store %s: mapping %d bytes: %w", path, index.bytes(), err)
	}
	s := &Store{path: path, index: index, pixels: pixels, broken: make(map[int]bool, len(index.Broken))}
	for _, b := range index.Broken {
		s.broken[b.Row] = true
	}
	return s, nil
}

// Len is the number of rows, broken ones included.
func (s *Store) Len() int { return s.index.Rows }

// Size is the side of a picture, px.
func (s *Store) Size() int { return s.index.Size }

// Channels is 3.
func (s *Store) Channels() int { return channels }

// Fingerprint is that of the set the store was built from.
func (s *Store) Fingerprint() string { return s.index.Fingerprint }

// Broken lists the pictures that could not be read, by row.
func (s *Store) Broken() []Broken { return s.index.Broken }

// Pixels returns a row's picture, Size·Size·3 bytes: rows from top to bottom, red, green and blue of each pixel. The
// slice is a view into the mapped file: it can't be written to, and is gone after Close. It is false for a picture that
// could not be read.
func (s *Store) Pixels(row int) ([]byte, bool) {
	if s.broken[row] {
		return nil, false
	}
	return s.view(row), true
}

func (s *Store) view(row int) []byte {
	n := s.index.rowBytes()
	return s.pixels[row*n : (row+1)*n : (row+1)*n]
}

// Image copies a row's picture for display. It is an error if the picture could not be read.
func (s *Store) Image(row int) (*image.RGBA, error) {
	if row < 0 || row >= s.Len() {
		return nil, fmt.Errorf("store %s: row %d is outside 0…%d", s.path, row, s.Len()-1)
	}
	rgb, ok := s.Pixels(row)
	if !ok {
		return nil, fmt.Errorf("store %s: row %d could not be read when the store was built", s.path, row)
	}
	img := image.NewRGBA(image.Rect(0, 0, s.Size(), s.Size()))
	for i := 0; i < len(rgb)/channels; i++ {
		p := img.Pix[4*i : 4*i+4]
		p[0], p[1], p[2], p[3] = rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255
	}
	return img, nil
}

// Checksums are the CRC-32C of every row's pixels, as they were written.
func (s *Store) Checksums() []uint32 { return slices.Clone(s.index.sums) }

// Verify reads the whole store and compares every row with its checksum. The error names the first row that differs.
func (s *Store) Verify() error {
	for row := range s.Len() {
		if sum := crc32.Checksum(s.view(row), castagnoli); sum != s.index.sums[row] {
			return fmt.Errorf("store %s is damaged: row %d has checksum %08x; its index says %08x: delete both and build it again", s.path, row, sum, s.index.sums[row])
		}
	}
	return nil
}

// Close unmaps the file. Slices that Pixels returned must not be used any more.
func (s *Store) Close() error {
	if s.pixels == nil {
		return nil
	}
	pixels := s.pixels
	s.pixels = nil
	if err := unix.Munmap(pixels); err != nil {
		return fmt.Errorf("store %s: unmapping: %w", s.path, err)
	}
	return nil
}
