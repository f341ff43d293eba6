package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/longwing-ml/longwing/data"
)

const (
	// Pictures are decoded side by side as long as their memory, estimated from their headers, fits in this. A larger
	// one is decoded alone.
	memoryBudget = 512 << 20

	// After a picture that needed this much, the memory is given back before the next one.
	largePicture = 64 << 20

	// The header is read from this much of a file.
	headBytes = 4 << 20
)

// job fills the rows of a store that are not done yet.
type job struct {
	set     *data.Set
	id      identity
	opt     Options
	part    io.WriterAt
	journal *journal
	todo    []int // rows
	next    atomic.Int64
	memory  *semaphore.Weighted

	mu     sync.Mutex // guards what follows and the journal
	sums   []uint32   // row → checksum
	broken []Broken
	done   int
}

func newJob(set *data.Set, id identity, opt Options, part *os.File, journal *journal) *job {
	j := &job{set: set, id: id, opt: opt, part: part, journal: journal, sums: make([]uint32, id.Rows), broken: []Broken{}}
	j.memory = semaphore.NewWeighted(memoryBudget)
	for row := range id.Rows {
		if sum, ok := journal.done[row]; ok {
			j.sums[row] = sum
			j.done++
		} else {
			j.todo = append(j.todo, row)
		}
	}
	return j
}

func (j *job) run(ctx context.Context) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for range min(j.opt.Workers, len(j.todo)) {
		group.Go(func() error { return j.work(groupCtx) })
	}
	err := group.Wait()
	slices.SortFunc(j.broken, func(a, b Broken) int { return cmp.Compare(a.Row, b.Row) })
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("stopped after %d of %d pictures; the same call goes on from there: %w", j.done, j.id.Rows, ctx.Err())
	case errors.Is(err, errTooManyBroken):
		return fmt.Errorf("%w (%s): %s", err, j.allowance(), firstFew(j.broken))
	}
	return err
}

// work does rows until none is left.
func (j *job) work(ctx context.Context) error {
	decoder := &data.Decoder{Limits: data.Limits{MaxPixels: j.opt.MaxPixels}, Resize: j.id.Resize}
	pixels := make([]byte, j.id.rowBytes())
	head := make([]byte, headBytes)
	for ctx.Err() == nil {
		i := int(j.next.Add(1)) - 1
		if i >= len(j.todo) {
			return nil
		}
		row := j.todo[i]
		reason := j.decode(ctx, decoder, pixels, head, row)
		if err := ctx.Err(); err != nil {
			return err
		}
		if errors.Is(reason, syscall.EMFILE) || errors.Is(reason, syscall.ENFILE) {
			return reason // the machine's fault, not the picture's
		}
		if reason != nil {
			clear(pixels)
		}
		if _, err := j.part.WriteAt(pixels, int64(row)*int64(len(pixels))); err != nil {
			return err
		}
		if err := j.finish(row, crc32.Checksum(pixels, castagnoli), reason); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// decode reads one picture into pixels. The error is the reason why it can't be, or ctx's.
func (j *job) decode(ctx context.Context, decoder *data.Decoder, pixels, head []byte, row int) error {
	f, err := j.set.Open(row)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.ReadFull(f, head)
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return err
	}
	content := head[:n]
	header, err := data.ReadHeader(content, decoder.Limits)
	if err != nil {
		return err
	}
	need := header.Memory
	if !whole {
		need += fileBytes(f)
	}
	need = min(need, memoryBudget)
	if err := j.memory.Acquire(ctx, need); err != nil {
		return err
	}
	defer j.memory.Release(need)
	if need >= largePicture {
		defer debug.FreeOSMemory()
	}
	if !whole {
		if content, err = data.ReadFile(io.MultiReader(bytes.NewReader(content), f)); err != nil {
			return err
		}
	}
	return decoder.Square(pixels, j.id.Size, content)
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

var errTooManyBroken = errors.New("too many pictures can't be read")

// finish records a row that has been written.
func (j *job) finish(row int, sum uint32, reason error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sums[row] = sum
	j.done++
	if reason == nil {
		// Broken rows are not remembered: the next call tries them again.
		if err := j.journal.add(row, sum); err != nil {
			return err
		}
	} else {
		j.broken = append(j.broken, Broken{row, j.set.IDs[row], plainReason(reason)})
		if len(j.broken) > j.allowed() {
			return errTooManyBroken
		}
	}
	if j.opt.Progress != nil {
		j.opt.Progress(j.done, j.id.Rows)
	}
	return nil
}

func (j *job) allowed() int { return int(math.Floor(j.opt.MaxBroken*float64(j.id.Rows) + 1e-9)) }

func (j *job) allowance() string {
	return fmt.Sprintf("%d of %d tried, %d of %d rows allowed", len(j.broken), j.done, j.allowed(), j.id.Rows)
}

// plainReason leaves out the path that the picture's id already tells.
func plainReason(reason error) string {
	if pathError := (*fs.PathError)(nil); errors.As(reason, &pathError) {
		return pathError.Err.Error()
	}
	return reason.Error()
}

func firstFew(broken []Broken) string {
	const few = 3
	var list []string
	for _, b := range broken[:min(few, len(broken))] {
		list = append(list, fmt.Sprintf("row %d (%s): %s", b.Row, b.ID, b.Reason))
	}
	if more := len(broken) - few; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, "; ")
}
