package finetune

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/data/store"
	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/toolkit/augment"
)

// source is the rows of one picture store that a phase goes through.
type source struct {
	store  *store.Store
	labels []int32 // of all rows of the store
	rows   []int   // those of the phase, without the pictures that could not be read
}

func newSource(s *store.Store, labels []int32, rows []int) source {
	readable := make([]int, 0, len(rows))
	for _, row := range rows {
		if _, ok := s.Pixels(row); ok {
			readable = append(readable, row)
		}
	}
	return source{s, labels, readable}
}

// only is the source with some of its rows.
func (s source) only(rows []int) source {
	s.rows = rows
	return s
}

// batch is one step's input. The last batch of an epoch is filled up with the epoch's first rows at weight 0, so that
// every batch has the same shape and batch normalisation sees real pictures only.
type batch struct {
	rows     []int           // without the filling
	pictures *tensors.Tensor // [batch, size, size, 3] uint8
	labels   *tensors.Tensor // [batch] int32
	weights  *tensors.Tensor // [batch] float32, 0 for filling
	seeds    *tensors.Tensor // [batch, 2] uint32
}

func (b batch) tensors() []*tensors.Tensor {
	return []*tensors.Tensor{b.pictures, b.labels, b.weights, b.seeds}
}

// batching says which batches are made of an epoch's rows.
type batching struct {
	order []int // rows of the epoch
	size  int   // rows of a batch
	first int   // batches to leave out
	seed  uint64
	epoch int
}

// batches sends the batches of an epoch, prepared one ahead of the step that uses them. The channel is closed at the end,
// or early when ctx ends.
func (s source) batches(ctx context.Context, b batching) <-chan batch {
	out := make(chan batch, 1)
	go func() {
		defer close(out)
		times := occurrences(b.order)
		for start := b.first * b.size; start < len(b.order); start += b.size {
			select {
			case out <- s.batch(b, times, start):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// occurrences counts, for each position of an epoch, how often its row came before. It is nil if no row comes twice.
func occurrences(order []int) []int {
	seen := make(map[int]int, len(order))
	times := make([]int, len(order))
	repeats := false
	for i, row := range order {
		times[i] = seen[row]
		repeats = repeats || times[i] > 0
		seen[row]++
	}
	if !repeats {
		return nil
	}
	return times
}

// drain stops batches and waits until none is being prepared: the pictures must stay mapped until then.
func drain(batches <-chan batch, stop context.CancelFunc) {
	stop()
	for b := range batches {
		b.release()
	}
}

func (s source) batch(b batching, times []int, start int) batch {
	size := s.store.Size()
	picture := size * size * 3
	pixels := make([]uint8, b.size*picture)
	labels := make([]int32, b.size)
	weights := make([]float32, b.size)
	seeds := make([]uint32, 2*b.size)
	for i := range b.size {
		at := (start + i) % len(b.order)
		row := b.order[at]
		from, _ := s.store.Pixels(row)
		copy(pixels[i*picture:(i+1)*picture], from)
		labels[i] = s.labels[row]
		if start+i < len(b.order) {
			weights[i] = 1
		}
		runSeed := b.seed
		if times != nil && times[at] > 0 { // a repeated picture is changed in another way each time
			runSeed = seed.Derive(b.seed, seed.Repeat, uint64(times[at]))
		}
		halves := augment.Seed(runSeed, b.epoch, row)
		seeds[2*i], seeds[2*i+1] = halves[0], halves[1]
	}
	return batch{
		rows:     b.order[start:min(start+b.size, len(b.order))],
		pictures: tensors.FromFlatDataAndDimensions(pixels, b.size, size, size, 3),
		labels:   tensors.FromFlatDataAndDimensions(labels, b.size),
		weights:  tensors.FromFlatDataAndDimensions(weights, b.size),
		seeds:    tensors.FromFlatDataAndDimensions(seeds, b.size, 2),
	}
}

// transfer moves the batch to the device, so that its time can be told from computing.
func (b batch) transfer(backend compute.Backend) error {
	for _, t := range b.tensors() {
		if err := t.MaterializeOnDevice(backend, backend.HasSharedBuffers(), 0); err != nil {
			return err
		}
	}
	return nil
}

// release frees the batch's memory at once instead of waiting for the collector.
func (b batch) release() {
	for _, t := range b.tensors() {
		_ = t.FinalizeAll()
	}
}

// inputShapes are those of a batch's tensors, in order.
func inputShapes(size, batchSize int) []shapes.Shape {
	return []shapes.Shape{
		shapes.Make(dtypes.Uint8, batchSize, size, size, 3),
		shapes.Make(dtypes.Int32, batchSize),
		shapes.Make(dtypes.Float32, batchSize),
		shapes.Make(dtypes.Uint32, batchSize, 2),
	}
}
