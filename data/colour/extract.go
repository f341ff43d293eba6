package colour

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/longwing-ml/longwing/data"
)

const (
	// Pictures are decoded side by side as long as their memory, estimated from their headers, fits in this.
	memoryBudget = 512 << 20

	// The header is read from this much of a file.
	headBytes = 256 << 10
)

// Options of Histograms. The zero value is usable.
type Options struct {
	Workers int // pictures decoded at a time; 0 = one a processor. Changes no result.

	// Cache is a file that keeps histograms for the next call, whatever its rows; "" = none. Like a picture store it
	// goes by the table alone: after exchanging pictures, delete it.
	Cache string

	// Progress is told how many pictures are done, broken ones included; one call at a time. May be nil.
	Progress func(done, total int)
}

// Broken is a picture that can't be read.
type Broken struct {
	Row    int    `json:"row"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Histograms describes the pictures of rows, in their order. A picture that can't be read has a nil histogram and is
// listed, by row. No other row's picture is opened. When ctx ends, what was done is kept in the cache.
//
// Errors: a row outside the set or given twice, missing pictures as a whole, a cache of another set or damaged.
func Histograms(ctx context.Context, set *data.Set, rows []int, opt Options) ([]*Histogram, []Broken, error) {
	if _, err := set.Subset(set.Name, rows); err != nil { // which checks the rows
		return nil, nil, err
	}
	if _, err := os.Stat(set.Root); err != nil {
		return nil, nil, fmt.Errorf("the pictures of set %s are missing: %w", set.Name, err)
	}
	known, err := readCache(opt.Cache, set)
	if err != nil {
		return nil, nil, err
	}
	job := &job{set: set, opt: opt, rows: rows, out: make([]*Histogram, len(rows)), memory: semaphore.NewWeighted(memoryBudget)}
	for i, row := range rows {
		if job.out[i] = known[row]; job.out[i] == nil {
			job.todo = append(job.todo, i)
		}
	}
	err = job.run(ctx)
	if len(job.todo) > 0 {
		for i, row := range rows {
			if job.out[i] != nil {
				known[row] = job.out[i]
			}
		}
		err = errors.Join(err, writeCache(opt.Cache, set, known))
	}
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(job.broken, func(a, b Broken) int { return cmp.Compare(a.Row, b.Row) })
	return job.out, job.broken, nil
}

// job makes the histograms that are missing.
type job struct {
	set    *data.Set
	opt    Options
	rows   []int
	out    []*Histogram
	todo   []int // places in rows and out
	next   atomic.Int64
	memory *semaphore.Weighted

	mu     sync.Mutex // guards what follows
	broken []Broken
	done   int
}

func (j *job) run(ctx context.Context) error {
	workers := j.opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	j.done = len(j.rows) - len(j.todo)
	group, groupCtx := errgroup.WithContext(ctx)
	for range min(workers, len(j.todo)) {
		group.Go(func() error { return j.work(groupCtx) })
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped after %d of %d pictures: %w", j.done, len(j.rows), ctx.Err())
	}
	return err
}

// work does pictures until none is left.
func (j *job) work(ctx context.Context) error {
	extractor := newExtractor()
	for ctx.Err() == nil {
		n := int(j.next.Add(1)) - 1
		if n >= len(j.todo) {
			return nil
		}
		i := j.todo[n]
		histogram, reason := j.histogram(ctx, extractor, j.rows[i])
		if err := ctx.Err(); err != nil {
			return err
		}
		if errors.Is(reason, syscall.EMFILE) || errors.Is(reason, syscall.ENFILE) {
			return reason // the machine's fault, not the picture's
		}
		if reason == nil {
			j.out[i] = &histogram
		}
		j.finish(j.rows[i], reason)
	}
	return ctx.Err()
}

// histogram describes one picture. The error is the reason why it can't be, or ctx's.
func (j *job) histogram(ctx context.Context, extractor *extractor, row int) (Histogram, error) {
	f, err := j.set.Open(row)
	if err != nil {
		return Histogram{}, err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, headBytes))
	if err != nil {
		return Histogram{}, err
	}
	need := int64(memoryBudget) // a header that is cut off, or none: decoding alone says what is wrong
	if header, err := data.ReadHeader(head, extractor.decoder.Limits); err == nil {
		need = min(need, header.Memory+fileBytes(f))
	}
	if err := j.memory.Acquire(ctx, need); err != nil {
		return Histogram{}, err
	}
	defer j.memory.Release(need)
	content, err := data.ReadFile(io.MultiReader(bytes.NewReader(head), f))
	if err != nil {
		return Histogram{}, err
	}
	return extractor.histogram(content)
}

// fileBytes is a file's length, or the most that would be read of it where that is unknown.
func fileBytes(r io.Reader) int64 {
	if f, ok := r.(fs.File); ok {
		if info, err := f.Stat(); err == nil {
			return min(info.Size(), data.MaxFileBytes)
		}
	}
	return data.MaxFileBytes
}

func (j *job) finish(row int, reason error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done++
	if reason != nil {
		text := reason.Error()
		if pathError := (*fs.PathError)(nil); errors.As(reason, &pathError) {
			text = pathError.Err.Error() // the id tells the path
		}
		j.broken = append(j.broken, Broken{row, j.set.IDs[row], text})
	}
	if j.opt.Progress != nil {
		j.opt.Progress(j.done, len(j.rows))
	}
}
