package finetune

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models/nn"
)

// fillTrunk opens the trunk cache of the stage in progress, which an earlier call of this run may have left, or computes
// it. Without a cache in the recipe it does nothing.
func (e *engine) fillTrunk(ctx context.Context, stage Stage) error {
	if stage.TrunkCache.DType == "" {
		return nil
	}
	if len(e.net.FrozenStages(stage.FreezeBelow)) == 0 {
		return fmt.Errorf("key trunk_cache: nothing lies below the cut point %s", stage.FreezeBelow)
	}
	train, valid := e.plan().split.Rows(), e.plan().valid
	key, err := e.trunkKey(stage, train, valid)
	if err != nil {
		return fmt.Errorf("trunk cache: %w", err)
	}
	fill := &trunkFill{engine: e, stage: stage}
	if err := fill.compile(); err != nil {
		return fmt.Errorf("trunk cache: %w", err)
	}
	defer fill.finalize()
	h := trunkHeader{Key: key, DType: stage.TrunkCache.DType, Dims: fill.output.Dimensions[1:], Views: max(stage.Views, 1), Train: len(train), Valid: len(valid)}
	h.perItem = int(fill.output.ByteSize()) / stage.Batch
	path := e.trunkPath(e.state.Stage)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("trunk cache: %w", err)
	}
	e.trunk, err = openTrunk(path, h, train, valid)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	e.observer.Say("trunk cache: " + h.size())
	if err := h.checkSpace(filepath.Dir(path), stage.TrunkCache.LimitGB); err != nil {
		return err
	}
	since := time.Now()
	if err := writeTrunk(path, h, func(w io.Writer) error { return fill.write(ctx, w, train, valid) }); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("trunk cache: computed in %.1f s", time.Since(since).Seconds()))
	e.trunk, err = openTrunk(path, h, train, valid)
	return err
}

func (e *engine) trunkPath(stage int) string {
	return filepath.Join(e.run.Dir(), "cache", fmt.Sprintf("stage-%d.trunk", stage+1))
}

// dropTrunk closes the cache that is open and removes all that are there but that of the stage in progress.
func (e *engine) dropTrunk() {
	e.trunk.close()
	e.trunk = nil
	for stage := range e.recipe.Stages {
		if stage != e.state.Stage || e.state.finished(e.recipe) {
			_ = os.Remove(e.trunkPath(stage)) // it may be of none
		}
	}
	_ = os.Remove(filepath.Dir(e.trunkPath(0))) // if it is empty
}

// trunkFill computes the outputs of a trunk.
type trunkFill struct {
	*engine
	stage        Stage
	train, valid *model.Exec // pictures and seeds of their augmentation, or pictures → outputs
	output       shapes.Shape
}

func (f *trunkFill) compile() error {
	dtype := trunkHeader{DType: f.stage.TrunkCache.DType}.dtype()
	input := pictureShape(f.recipe.Size, f.stage.Batch)
	build := func(pictures *Node) *Node {
		x := f.engine.buildTrunk(nn.NewBuilder(f.store, nn.Options{Compute: f.recipe.compute()}), pictures, f.stage)
		f.output = x.Shape()
		f.output.DType = dtype
		return ConvertDType(x, dtype)
	}
	var err error
	if f.valid, err = compileOne(f.engine, "trunk", input, build); err != nil {
		return err
	}
	f.train, err = model.NewExec(f.backend, f.store, func(_ *model.Scope, pictures, seeds *Node) *Node {
		return build(f.recipe.Augment.Apply(ConvertDType(pictures, dtypes.Float32), seeds))
	})
	if err != nil {
		return fmt.Errorf("trunk graph: %w", err)
	}
	f.train = f.train.WithName("augmented trunk")
	if _, err := f.train.Compile(input, inputShapes(input)[4]); err != nil {
		return fmt.Errorf("compiling the trunk: %w", err)
	}
	return nil
}

func (f *trunkFill) finalize() {
	for _, exec := range []*model.Exec{f.train, f.valid} {
		if exec != nil {
			exec.Finalize()
		}
	}
}

// write puts out the training rows view by view, then the validation rows.
func (f *trunkFill) write(ctx context.Context, w io.Writer, train, valid []int) error {
	n := max(f.stage.Views, 1)
	for view := range n {
		what := fmt.Sprintf("trunk, view %d of %d", view+1, n)
		b := batching{order: train, size: f.stage.Batch, seed: f.recipe.Seed, views: views{n, f.state.Stage, view}}
		if err := f.part(ctx, w, what, f.engine.train, b, func(b batch) (*tensors.Tensor, error) { return f.train.Call1(b.pictures, b.views) }); err != nil {
			return err
		}
	}
	b := batching{order: valid, size: f.stage.Batch, seed: f.recipe.Seed}
	return f.part(ctx, w, "trunk, validation", f.engine.valid, b, func(b batch) (*tensors.Tensor, error) { return f.valid.Call1(b.pictures) })
}

func (f *trunkFill) part(ctx context.Context, w io.Writer, what string, s source, b batching, call func(b batch) (*tensors.Tensor, error)) error {
	ctx, stop := context.WithCancel(ctx)
	batches := s.batches(ctx, b)
	defer drain(batches, stop)
	perItem := int(f.output.ByteSize()) / b.size
	steps, step := (len(b.order)+b.size-1)/b.size, 0
	for batch := range batches {
		outputs, err := call(batch)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		var failed error
		if err := outputs.ConstBytes(func(content []byte) { _, failed = w.Write(content[:len(batch.rows)*perItem]) }); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		_ = outputs.FinalizeAll()
		batch.release()
		if failed != nil {
			return failed
		}
		step++
		f.observer.Progress(what, step, steps, "")
	}
	return ctx.Err()
}
