package finetune

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/data/store"
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

// batch is one step's input. The last batch of an epoch is filled up with the epoch's first rows at weight 0, so that
// every batch has the same shape and batch normalisation sees real pictures only.
type batch struct {
	rows     []int           // without the filling
	pictures *tensors.Tensor // [batch, size, size, 3] uint8
	labels   *tensors.Tensor // [batch] int32
	weights  *tensors.Tensor // [batch] float32, 0 for filling
	seeds    *tensors.Tensor // [batch, 2] uint32
}

// batches sends the batches of an epoch, prepared one ahead of the step that uses them. The channel
// is closed at the end, or early when ctx ends.
func (s source) batches(ctx context.Context, order []int, batchSize int, runSeed uint64, epoch int) <-chan batch {
	out := make(chan batch, 1)
	go func() {
		defer close(out)
		for start := 0; start < len(order); start += batchSize {
			select {
			case out <- s.batch(order, start, batchSize, runSeed, epoch):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// drain stops batches and waits until none is being prepared: the pictures must stay mapped until then.
func drain(batches <-chan batch, stop context.CancelFunc) {
	stop()
	for b := range batches {
		b.release()
	}
}

func (s source) batch(order []int, start, batchSize int, runSeed uint64, epoch int) batch {
	size := s.store.Size()
	picture := size * size * 3
	pixels := make([]uint8, batchSize*picture)
	labels := make([]int32, batchSize)
	weights := make([]float32, batchSize)
	seeds := make([]uint32, 2*batchSize)
	for i := range batchSize {
		row := order[(start+i)%len(order)]
		from, _ := s.store.Pixels(row)
		copy(pixels[i*picture:(i+1)*picture], from)
		labels[i] = s.labels[row]
		if start+i < len(order) {
			weights[i] = 1
		}
		halves := augment.Seed(runSeed, epoch, row)
		seeds[2*i], seeds[2*i+1] = halves[0], halves[1]
	}
	return batch{
		rows:     order[start:min(start+batchSize, len(order))],
		pictures: tensors.FromFlatDataAndDimensions(pixels, batchSize, size, size, 3),
		labels:   tensors.FromFlatDataAndDimensions(labels, batchSize),
		weights:  tensors.FromFlatDataAndDimensions(weights, batchSize),
		seeds:    tensors.FromFlatDataAndDimensions(seeds, batchSize, 2),
	}
}

// release frees the batch's memory at once instead of waiting for the collector.
func (b batch) release() {
	for _, t := range []*tensors.Tensor{b.pictures, b.labels, b.weights, b.seeds} {
		_ = t.FinalizeAll()
	}
}
