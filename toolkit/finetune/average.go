package finetune

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// useAverage puts averaged parameters in the place of the raw ones, with running statistics that belong to them, until
// undo is called. Where the stage has no average yet, nothing changes.
func (e *engine) useAverage(ctx context.Context, stage Stage) (undo func() error, err error) {
	if !optim.HasAverages(e.store) {
		return func() error { return nil }, nil
	}
	if err := optim.Swap(e.store); err != nil {
		return nil, err
	}
	if e.graphs.statistics == nil {
		return func() error { return optim.Swap(e.store) }, nil
	}
	kept, err := e.statistics()
	if err != nil {
		return nil, err
	}
	if err := e.estimateStatistics(ctx, stage); err != nil {
		return nil, err
	}
	return func() error {
		for v, value := range kept {
			if err := v.SetValue(value); err != nil {
				return err
			}
		}
		return optim.Swap(e.store)
	}, nil
}

// statistics copies the running statistics.
func (e *engine) statistics() (map[*model.Variable]*tensors.Tensor, error) {
	copies := make(map[*model.Variable]*tensors.Tensor)
	for v := range e.store.IterVariables() {
		if isState(v.Path()) || !models.IsStatistic(v.Path()) {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		if copies[v], err = value.LocalClone(); err != nil {
			return nil, err
		}
	}
	return copies, nil
}

// buildStatistics compiles the program that takes a batch into the running statistics of what a stage trains.
func (e *engine) buildStatistics(stage Stage, isCached bool, input shapes.Shape) (*model.Exec, error) {
	exec, err := model.NewExec(e.backend, e.store, func(_ *model.Scope, inputs []*Node) []*Node {
		x, seeds, views, momentum := inputs[0], inputs[3], inputs[4], inputs[5]
		b := nn.NewBuilder(e.store, nn.Options{Training: true, BN: stage.BN, RandomSeeds: seeds, BNMomentum: momentum, Compute: e.recipe.compute()})
		if !isCached {
			x = e.buildTrunk(b, e.recipe.Augment.Apply(ConvertDType(x, dtypes.Float32), views), stage)
		}
		return []*Node{ReduceAllMax(e.net.Tail(b, ConvertDType(x, e.recipe.compute()), stage.FreezeBelow))}
	})
	if err != nil {
		return nil, fmt.Errorf("statistics graph: %w", err)
	}
	exec = exec.WithName("statistics")
	if err := e.devices.compile(exec, inputShapes(input), shapes.Make(dtypes.Float32)); err != nil {
		exec.Finalize()
		return nil, fmt.Errorf("compiling statistics: %w", err)
	}
	return exec, nil
}

// estimateStatistics makes the running statistics the means over the batches of the epoch in progress.
func (e *engine) estimateStatistics(ctx context.Context, stage Stage) error {
	order := e.plan().rows(e.state.Within)
	ctx, stop := context.WithCancel(ctx)
	batches := e.train.part(nil, e.trunk).batches(ctx, e.batching(order, stage, 0))
	defer drain(batches, stop)
	n, all := 0, (len(order)+stage.Batch-1)/stage.Batch
	for b := range batches {
		inputs, err := e.devices.put(e.backend, b.tensors())
		if err == nil {
			_, err = e.devices.call(e.graphs.statistics, inputs, float32(n)/float32(n+1))
		}
		if err != nil {
			return fmt.Errorf("estimating running statistics: %w", err)
		}
		e.devices.release(inputs)
		b.release()
		n++
		e.observer.Progress(fmt.Sprintf("epoch %d, running statistics", e.state.Epoch+1), n, all, "")
	}
	return ctx.Err()
}

// batching says which batches are made of the rows of the epoch in progress, after the first ones.
func (e *engine) batching(order []int, stage Stage, first int) batching {
	return batching{order: order, size: stage.Batch, first: first, seed: e.recipe.Seed, epoch: e.state.Epoch,
		views: views{stage.Views, e.state.Stage, e.state.Within}}
}
