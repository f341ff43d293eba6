package store

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// DefaultMaxBroken is the share of unreadable pictures that a build accepts unless told otherwise.
const DefaultMaxBroken = 0.01

const partSuffix = ".part"

// Options of a build. Only Size is needed.
type Options struct {
	Size      int         // side of the stored pictures, px, 1…MaxSize
	Resize    data.Resize // how pictures become squares
	Workers   int         // pictures decoded at a time; 0 = one a processor. Changes no byte of the store.
	MaxPixels int64       // refuse pictures with more; 0 = data.DefaultMaxPixels
	MaxBroken float64     // share of pictures that may be unreadable, 0…1; 0 = DefaultMaxBroken, negative = none

	// Progress is told how many rows are done, broken ones included; one call at a time. May be nil.
	Progress func(done, total int)
}

// Build decodes and scales every picture of a set into a store at path, or returns at once if it is there already. An
// interrupted build, be it by ctx, an error or a kill at any moment, goes on where it stopped when Build is called
// again. Two processes that build the same store take turns: the second finds it done.
//
// A picture that can't be read becomes a row of zeros, listed in Broken. It is an error if more than opt.MaxBroken are;
// if path holds a store of another set, size, resize rule or pixel limit, or something else; if the disk is full. Decoding takes
// some hundred MiB at most, however large a picture and however many workers.
//
// The pictures' content is not part of a store's identity: after exchanging pictures, delete the store.
func Build(ctx context.Context, set *data.Set, path string, opt Options) (*Store, error) {
	store, err := build(ctx, set, path, opt)
	if err != nil {
		return nil, fmt.Errorf("building store %s: %w", path, err)
	}
	return store, nil
}

func build(ctx context.Context, set *data.Set, path string, opt Options) (*Store, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	want := identity{Format: formatName, Fingerprint: set.Fingerprint(), Rows: set.Len(), Size: opt.Size, MaxPixels: opt.MaxPixels, Resize: opt.Resize.Complete()}
	if err := want.check(); err != nil {
		return nil, fmt.Errorf("set %s: %w", set.Name, err)
	}
	unlock, err := lock(ctx, path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	store, err := finished(path, want)
	if store != nil || err != nil {
		return store, err
	}
	if _, err := os.Stat(set.Root); err != nil {
		return nil, fmt.Errorf("the pictures of set %s are missing: %w", set.Name, err)
	}
	if err := fill(ctx, set, path, want, opt); err != nil {
		return nil, err
	}
	return Open(path)
}

func (opt Options) withDefaults() (Options, error) {
	switch {
	case opt.Size < 1 || opt.Size > MaxSize:
		return opt, fmt.Errorf("size %d px is outside 1…%d", opt.Size, MaxSize)
	case opt.Workers < 0:
		return opt, fmt.Errorf("%d workers: give a positive number, or 0 for one a processor", opt.Workers)
	case opt.MaxPixels < 0:
		return opt, fmt.Errorf("a limit of %d pixels is negative", opt.MaxPixels)
	case !(opt.MaxBroken <= 1):
		return opt, fmt.Errorf("a share of %v broken pictures is above 1", opt.MaxBroken)
	}
	if err := opt.Resize.Check(); err != nil {
		return opt, fmt.Errorf("resize: %w", err)
	}
	if opt.Workers == 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.MaxPixels == 0 {
		opt.MaxPixels = data.DefaultMaxPixels
	}
	if opt.MaxBroken == 0 {
		opt.MaxBroken = DefaultMaxBroken
	}
	opt.MaxBroken = max(opt.MaxBroken, 0)
	return opt, nil
}

// finished returns the store at path if it is complete and the one wanted, nil if there is none yet.
func finished(path string, want identity) (*Store, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if _, err := os.Lstat(path + indexSuffix); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("something that is not a store has this name: choose another file: %w", fs.ErrExist)
	}
	store, err := Open(path)
	if err != nil {
		return nil, err
	}
	if difference := want.difference(store.index.identity); difference != "" {
		_ = store.Close()
		return nil, fmt.Errorf("it holds %s: delete %s and %s%s, or choose another file", difference, path, path, indexSuffix)
	}
	return store, nil
}

// fill does the rows that are missing in the unfinished store and, when none is left, gives it its name. Until then the
// pixels are in path.part and the rows that are done in path.journal.
func fill(ctx context.Context, set *data.Set, path string, want identity, opt Options) (err error) {
	journal, err := openJournal(path, want)
	if err != nil {
		return err
	}
	defer journal.file.Close()
	part, err := openPart(path, want, journal)
	if err != nil {
		return err
	}
	defer part.Close()
	job := newJob(set, want, opt, part, journal)
	if err := job.run(ctx); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	index := &index{identity: want, Broken: job.broken, sums: job.sums}
	if err := index.write(path); err != nil { // before the pixels get their name: a store is never without its index
		return err
	}
	if err := os.Rename(path+partSuffix, path); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return os.Remove(path + journalSuffix)
}

// openPart opens or makes the file for the pixels, and drops from the journal the rows that are not in it after all.
func openPart(path string, want identity, journal *journal) (*os.File, error) {
	part, err := os.OpenFile(path+partSuffix, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	info, err := part.Stat()
	if err == nil && info.Size() != want.bytes() {
		clear(journal.done)
		if err = reserve(part, want.bytes()); err != nil {
			_ = os.Remove(part.Name())
			_ = os.Remove(journal.file.Name())
			err = fmt.Errorf("it needs %.1f MB: %w", float64(want.bytes())/1e6, err)
		}
	}
	pixels := make([]byte, want.rowBytes())
	for row, sum := range journal.done {
		if err != nil {
			break
		}
		if _, err = part.ReadAt(pixels, int64(row)*int64(len(pixels))); err == nil && crc32.Checksum(pixels, castagnoli) != sum {
			delete(journal.done, row)
		}
	}
	if err != nil {
		_ = part.Close()
		return nil, err
	}
	return part, nil
}
