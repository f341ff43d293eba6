package finetune

import (
	"context"
	"fmt"
	"math"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// SweepResult is what a learning-rate sweep found.
type SweepResult struct {
	Rates, Losses, Smooth []float64 // of each step that was made; Smooth is optim.Smooth of Losses
	optim.Suggestion
}

// Sweep finds learning rates for a stage of a recipe, numbered from 1: it trains that stage from the recipe's initial
// parameters, at rates that grow from step to step, until the loss runs away. Nothing is stored; the recipe's own rate and
// schedule play no part. The same seed gives the same result. Besides Train's errors for recipe and pictures, it is one
// if the loss falls at no rate.
func Sweep(ctx context.Context, recipe *Recipe, pictures *data.Pictures, stage int, sweep optim.Sweep, options Options) (*SweepResult, error) {
	if err := sweep.Check(); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	e, err := newEngine(recipe, pictures, options)
	if err != nil {
		return nil, err
	}
	defer e.close()
	if stage < 1 || stage > len(recipe.Stages) {
		return nil, fmt.Errorf("stage %d: the recipe has stages 1 to %d", stage, len(recipe.Stages))
	}
	if err := e.settle(ctx, ""); err != nil {
		return nil, err
	}
	if err := e.prepare(ctx, pictures, options); err != nil {
		return nil, err
	}
	e.state.Stage = stage - 1
	s := recipe.Stages[stage-1]
	e.observer.Say("compiling")
	e.graphs = &graphs{}
	if e.graphs.train, err = e.buildTraining(s, e.plan(), false, pictureShape(recipe.Size, s.Batch)); err != nil {
		return nil, err
	}
	result := &SweepResult{}
	for epoch := 0; len(result.Losses) < sweep.Steps; epoch++ {
		e.state.Epoch, e.state.Within = epoch, epoch
		ended, err := e.sweepEpoch(ctx, s, sweep, result)
		if err != nil {
			return nil, err
		}
		if ended {
			break
		}
	}
	result.Suggestion, err = sweep.Suggest(result.Smooth)
	return result, err
}

// sweepEpoch makes steps on the rows of an epoch and tells whether the sweep is over.
func (e *engine) sweepEpoch(ctx context.Context, stage Stage, sweep optim.Sweep, r *SweepResult) (ended bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	batches := e.train.batches(ctx, e.batching(e.plan().rows(e.state.Within), stage, 0))
	defer drain(batches, stop)
	for b := range batches {
		rate := sweep.Rate(len(r.Losses))
		inputs, err := e.devices.put(e.backend, b.tensors())
		if err != nil {
			return false, fmt.Errorf("step %d: moving the batch to the device: %w", len(r.Losses)+1, err)
		}
		result, err := e.step(inputs, rate, true)
		if err != nil {
			return false, fmt.Errorf("step %d: %w", len(r.Losses)+1, err)
		}
		e.devices.release(inputs)
		b.release()
		if math.IsNaN(result.loss) || math.IsInf(result.loss, 0) {
			return true, nil
		}
		r.Rates, r.Losses = append(r.Rates, rate), append(r.Losses, result.loss)
		r.Smooth = optim.Smooth(r.Losses)
		done := len(r.Losses)
		e.observer.Progress("sweeping", done, sweep.Steps, fmt.Sprintf("rate %.2g loss %.3f", rate, r.Smooth[done-1]))
		if done == sweep.Steps || done > 10 && optim.RunsAway(r.Smooth) {
			return true, nil
		}
	}
	return false, ctx.Err()
}
