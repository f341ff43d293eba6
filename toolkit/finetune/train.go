package finetune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/optim"
	"github.com/longwing-ml/longwing/toolkit/run"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// Options of Train that do not change its numbers.
type Options struct {
	Observer Observer // nil for none
	// StoreDir is where decoded pictures are kept for later runs; the folder "stores" in longwing's cache if empty.
	StoreDir string
	Workers  int // for decoding; one per core if zero
}

// Result is what a finished run measured with its best checkpoint.
type Result struct {
	Run         *run.Run
	BestEpoch   int
	Valid, Test *metric.Report
}

// Train runs a recipe on pictures into the run directory dir, or continues the run that is there. When all epochs are
// done it predicts the validation and test parts with the best checkpoint and stores the predictions.
//
// Stopped at any moment, by ctx, an error or a kill, the same call continues after the last finished epoch, with the
// same numbers as if it had not been stopped. A loss that is not finite ends the run before anything is saved.
func Train(ctx context.Context, recipe *Recipe, pictures *data.Pictures, dir string, options Options) (*Result, error) {
	e, err := newEngine(recipe, pictures, options)
	if err != nil {
		return nil, err
	}
	defer e.close()
	if run.Exists(dir) { // before the pictures are decoded
		if err := checkRecipe(dir, recipe); err != nil {
			return nil, err
		}
	}
	if err := e.settle(ctx, dir); err != nil {
		return nil, err
	}
	if err := e.prepare(ctx, pictures, options); err != nil {
		return nil, err
	}
	var unlock func()
	if e.run, unlock, err = openRun(dir, recipe, identify(pictures, e.stores, e.origin)); err != nil {
		return nil, err
	}
	defer unlock()
	if err := e.recordCircumstances(); err != nil {
		return nil, err
	}
	if err := e.loadState(); err != nil {
		return nil, err
	}
	if err := e.epochs(ctx); err != nil {
		return nil, err
	}
	return e.finish(ctx)
}

// engine is a run in progress.
type engine struct {
	recipe   *Recipe
	observer Observer
	rows     *Rows
	value    func(run.Record) float64 // of a validation record, larger is better

	net       *models.Network
	continues bool                // the parameters are those of a checkpoint
	origin    origin              // the weight file that the run started from
	weights   *pretrained.Weights // open, if the run is new and not from random parameters

	run                *run.Run
	backend            compute.Backend
	backendInfo        *backend.Info
	store              *model.Store
	stores             stores
	train, valid, test source
	testSet            *data.Set // the one that test rows are of
	trainSet           *data.Set
	state              state
	testSeconds        float64 // wall time of predicting the test part
	graphs             *graphs // of the current stage
}

// newEngine checks what recipe and tables tell, before a picture is opened.
func newEngine(recipe *Recipe, pictures *data.Pictures, options Options) (*engine, error) {
	if err := recipe.Check(); err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	e := &engine{recipe: recipe, observer: options.Observer, trainSet: pictures.Train, testSet: pictures.Test}
	if e.observer == nil {
		e.observer = silent{}
	}
	if e.testSet == nil {
		e.testSet = pictures.Train
	}
	var err error
	if e.value, err = better(recipe.Best); err != nil {
		return nil, err
	}
	if e.rows, err = recipe.Divide(pictures); err != nil {
		return nil, err
	}
	return e, e.checkBatches(len(e.rows.Train))
}

func (e *engine) checkBatches(trainRows int) error {
	for i, stage := range e.recipe.Stages {
		if stage.Batch > trainRows {
			return fmt.Errorf("recipe: stage %d: key batch: %d is larger than the %d pictures of the training part", i+1, stage.Batch, trainRows)
		}
	}
	return nil
}

func (e *engine) close() {
	if e.weights != nil {
		_ = e.weights.Close()
	}
	if e.graphs != nil {
		e.graphs.finalize()
	}
	e.stores.close()
}

// epochs runs what is left of the recipe.
func (e *engine) epochs(ctx context.Context) error {
	current := -1
	for epoch := e.state.Epoch; epoch < e.recipe.Epochs(); epoch++ {
		stage, within := e.recipe.stageOf(epoch)
		if stage != current {
			if err := e.enter(stage, within); err != nil {
				return err
			}
			current = stage
		}
		if err := e.epoch(ctx, stage, within); err != nil {
			if errors.Is(err, context.Canceled) {
				return fmt.Errorf("stopped in epoch %d; the same command goes on from there: %w", epoch+1, err)
			}
			return err
		}
	}
	return nil
}

// enter makes ready for a stage: its graphs, and a fresh optimizer at its beginning.
func (e *engine) enter(stage, within int) error {
	if e.graphs != nil {
		e.graphs.finalize()
	}
	if within == 0 {
		if err := e.store.DeleteVariablesInScope(optim.Scope); err != nil {
			return err
		}
	}
	cut := e.recipe.Stages[stage].FreezeBelow
	table, err := models.Describe(e.net, e.recipe.Size, cut)
	if err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("stage %d of %d: %s", stage+1, len(e.recipe.Stages), table))
	e.observer.Say("compiling")
	since := time.Now()
	if e.graphs, err = e.recipe.graphs(e.backend, e.store, e.net, e.recipe.Stages[stage]); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("compiled in %.1f s", time.Since(since).Seconds()))
	return nil
}

// epoch trains on every training row once, validates, and saves.
func (e *engine) epoch(ctx context.Context, stageIndex, within int) error {
	stage := e.recipe.Stages[stageIndex]
	name := strconv.Itoa(stageIndex + 1)
	trained, err := e.trainEpoch(ctx, stage, within)
	if err != nil {
		return err
	}
	trained.Stage = name
	e.state.Epoch++
	since := time.Now()
	report, _, err := e.evaluate(ctx, fmt.Sprintf("epoch %d, validating", e.state.Epoch), e.valid, stage.Batch)
	if errors.Is(err, metric.ErrNotFinite) { // the epoch's last step did it
		return fmt.Errorf("%w: nothing was saved after epoch %d; %s", err, e.state.Epoch-1, divergedHint)
	}
	if err != nil {
		return err
	}
	valid := record(report, run.Valid, e.state.Epoch, e.state.Step, name, time.Since(since).Seconds())
	valid.LR = trained.LR

	for _, r := range []run.Record{trained, valid} {
		if err := e.run.Append(r); err != nil {
			return err
		}
	}
	best := e.state.BestEpoch == 0 || e.value(valid) > e.state.BestValue
	if best {
		e.state.BestValue, e.state.BestEpoch = e.value(valid), e.state.Epoch
		if err := saveCheckpoint(filepath.Join(e.run.CheckpointDir(), bestName), e.store, e.net, e.state); err != nil {
			return err
		}
	}
	if err := saveCheckpoint(filepath.Join(e.run.CheckpointDir(), epochName(e.state.Epoch)), e.store, e.net, e.state); err != nil {
		return err
	}
	e.observer.Epoch(trained, valid, best)
	return prune(e.run.CheckpointDir())
}

const divergedHint = "try a lower optimizer.lr or a longer schedule.warmup_epochs"

// trainEpoch makes the steps of an epoch; within is the epoch's number in its stage.
func (e *engine) trainEpoch(ctx context.Context, stage Stage, within int) (run.Record, error) {
	epoch := e.state.Epoch
	order := sampling.Shuffle(e.train.rows, e.recipe.Seed).Rows(epoch)
	steps := (len(order) + stage.Batch - 1) / stage.Batch
	what := fmt.Sprintf("epoch %d of %d", epoch+1, e.recipe.Epochs())
	ctx, stop := context.WithCancel(ctx)

	since := time.Now()
	var lossSum, hits, lr float64
	seen := 0
	batches := e.train.batches(ctx, order, stage.Batch, e.recipe.Seed, epoch)
	defer drain(batches, stop)
	for b := range batches {
		step := e.state.Step
		lr = stage.Optimizer.LR * stage.Schedule.Factor(within*steps+seen/stage.Batch, steps, stage.Epochs)
		result, err := e.graphs.step(b, lr)
		if err != nil {
			return run.Record{}, fmt.Errorf("step %d: %w", step+1, err)
		}
		if math.IsNaN(result.loss+result.gradientNorm) || math.IsInf(result.loss+result.gradientNorm, 0) {
			return run.Record{}, fmt.Errorf("step %d (epoch %d): loss %g, gradient norm %g at learning rate %g on rows %v: nothing was saved after epoch %d; %s",
				step+1, epoch+1, result.loss, result.gradientNorm, lr, b.rows[:min(8, len(b.rows))], epoch, divergedHint)
		}
		seen += len(b.rows)
		lossSum += result.loss * float64(len(b.rows))
		hits += result.hits
		e.state.Step++
		b.release()
		rate := float64(seen) / time.Since(since).Seconds()
		e.observer.Progress(what, min((seen+stage.Batch-1)/stage.Batch, steps), steps,
			fmt.Sprintf("loss %.3f accuracy %.3f %.0f img/s", lossSum/float64(seen), hits/float64(seen), rate))
	}
	if err := ctx.Err(); err != nil {
		return run.Record{}, err
	}
	seconds := time.Since(since).Seconds()
	return run.Record{Phase: run.Train, Epoch: epoch + 1, Step: e.state.Step,
		Loss: lossSum / float64(seen), Accuracy: hits / float64(seen), NLL: math.NaN(), F170: math.NaN(),
		LR: lr, Seconds: seconds, ImagesPerSecond: float64(seen) / seconds}, nil
}
