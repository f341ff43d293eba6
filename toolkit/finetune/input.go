package finetune

import (
	"context"

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
	trunk  *trunkCache // in the place of pictures, if not nil
	labels []int32     // of all rows of the store
	rows   []int       // those of the phase, without the pictures that could not be read
}

func newSource(s *store.Store, labels []int32, rows []int) source {
	readable := make([]int, 0, len(rows))
	for _, row := range rows {
		if _, ok := s.Pixels(row); ok {
			readable = append(readable, row)
		}
	}
	return source{store: s, labels: labels, rows: readable}
}

// part is the source with some of its rows, and with the outputs of a trunk in the place of pictures if that is not nil.
func (s source) part(rows []int, trunk *trunkCache) source {
	s.rows, s.trunk = rows, trunk
	return s
}

// batch is one step's input. The last batch of an epoch is filled up with the epoch's first rows at weight 0, so that
// every batch has the same shape and batch normalisation sees real pictures only.
type batch struct {
	rows     []int           // without the filling
	pictures *tensors.Tensor // [batch, size, size, 3] uint8, or from a trunk cache [batch, …] of its type
	labels   *tensors.Tensor // [batch] int32
	weights  *tensors.Tensor // [batch] float32, 0 for filling
	seeds    *tensors.Tensor // [batch, 2] uint32, of the pictures in this epoch
	views    *tensors.Tensor // [batch, 2] uint32, of their augmentation
}

func (b batch) tensors() []*tensors.Tensor {
	return []*tensors.Tensor{b.pictures, b.labels, b.weights, b.seeds, b.views}
}

// batching says which batches are made of an epoch's rows.
type batching struct {
	order []int // rows of the epoch
	size  int   // rows of a batch
	first int   // batches to leave out
	seed  uint64
	epoch int
	views views
}

// views says which views of pictures an epoch shows.
type views struct {
	n      int // how many there are; 0 for ever new ones
	stage  int
	within int // epoch of the stage
}

// of returns the view of a row that the epoch has shown so many times before.
func (v views) of(times int) int { return (v.within + times) % max(v.n, 1) }

// seed is that of a view's augmentation.
func (v views) seed(runSeed uint64, view, row int) [2]uint32 {
	return augment.Seed(seed.Derive(runSeed, seed.View, uint64(v.stage)), view, row)
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
	x, entry := s.inputs(b.size)
	labels := make([]int32, b.size)
	weights := make([]float32, b.size)
	seeds := make([]uint32, 0, 2*b.size)
	viewSeeds := make([]uint32, 0, 2*b.size)
	err := x.MutableBytes(func(content []byte) {
		for i := range b.size {
			at := (start + i) % len(b.order)
			row, before := b.order[at], 0
			if times != nil {
				before = times[at]
			}
			view := b.views.of(before)
			from := entry(row, view)
			copy(content[i*len(from):], from)
			labels[i] = s.labels[row]
			if start+i < len(b.order) {
				weights[i] = 1
			}
			runSeed := b.seed
			if before > 0 { // a repeated picture is changed in another way each time
				runSeed = seed.Derive(b.seed, seed.Repeat, uint64(before))
			}
			own := augment.Seed(runSeed, b.epoch, row)
			seeds = append(seeds, own[:]...)
			if b.views.n > 0 {
				own = b.views.seed(b.seed, view, row)
			}
			viewSeeds = append(viewSeeds, own[:]...)
		}
	})
	if err != nil {
		panic(err) // a new tensor has bytes
	}
	return batch{
		rows:     b.order[start:min(start+b.size, len(b.order))],
		pictures: x,
		labels:   tensors.FromFlatDataAndDimensions(labels, b.size),
		weights:  tensors.FromFlatDataAndDimensions(weights, b.size),
		seeds:    tensors.FromFlatDataAndDimensions(seeds, b.size, 2),
		views:    tensors.FromFlatDataAndDimensions(viewSeeds, b.size, 2),
	}
}

// inputs returns an empty tensor for what the network is given of a batch, and where the bytes of each picture come from.
func (s source) inputs(batchSize int) (x *tensors.Tensor, entry func(row, view int) []byte) {
	if s.trunk != nil {
		return tensors.FromShape(s.trunk.shape(batchSize)), s.trunk.entry
	}
	return tensors.FromShape(pictureShape(s.store.Size(), batchSize)), func(row, _ int) []byte {
		pixels, _ := s.store.Pixels(row)
		return pixels
	}
}

// release frees the batch's memory at once instead of waiting for the collector.
func (b batch) release() {
	for _, t := range b.tensors() {
		_ = t.FinalizeAll()
	}
}

func pictureShape(size, batchSize int) shapes.Shape {
	return shapes.Make(dtypes.Uint8, batchSize, size, size, 3)
}

// inputShapes are those of a batch's tensors, in order.
func inputShapes(x shapes.Shape) []shapes.Shape {
	n := x.Dim(0)
	seeds := shapes.Make(dtypes.Uint32, n, 2)
	return []shapes.Shape{x, shapes.Make(dtypes.Int32, n), shapes.Make(dtypes.Float32, n), seeds, seeds}
}
