package finetune

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// Options of Train that do not change its numbers.
type Options struct {
	Observer Observer // nil for none
	// StoreDir is where decoded pictures are kept for later runs; the folder "stores" in longwing's cache if empty.
	StoreDir string
	Workers  int // for decoding; one per core if zero

	// A checkpoint is written after each epoch, and within one whenever SaveEvery has passed or SaveSteps steps were made
	// since the last. Zero stands for two minutes and for no number of steps.
	SaveEvery time.Duration
	SaveSteps int
	Keep      int // checkpoints of finished epochs that stay, so that a damaged newest one costs one epoch; 2 if zero

	// Devices of the machine that share the training; one if zero. Losses are those of one device but for rounding, so a run
	// that is to go on to the bit needs the same number.
	Devices int

	// Force lets a changed recipe, other pictures or another weight file go on from what a run has come to, in a new
	// directory beside it. Without it they are a *DifferentRunError.
	Force bool
}

func (o Options) filled() (Options, error) {
	if o.SaveEvery < 0 || o.SaveSteps < 0 || o.Keep < 0 || o.Workers < 0 || o.Devices < 0 {
		return o, fmt.Errorf("options: SaveEvery %s, SaveSteps %d, Keep %d, Workers %d and Devices %d must not be below 0", o.SaveEvery, o.SaveSteps, o.Keep, o.Workers, o.Devices)
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	if o.SaveEvery == 0 {
		o.SaveEvery = 2 * time.Minute
	}
	if o.Keep == 0 {
		o.Keep = 2
	}
	return o, nil
}

// Result is what a finished run measured with its best checkpoint.
type Result struct {
	Run         *run.Run
	BestEpoch   int
	Valid, Test *metric.Report
	Outer       *metric.Report // nil if the recipe holds no outer part out
}

// Train runs a recipe on pictures into the run directory dir, or continues the run that is there. When all epochs are
// done it predicts the validation and test parts with the best checkpoint and stores the predictions.
//
// Stopped at any moment, by ctx, an error or a kill, the same call continues from the last checkpoint, with the same
// numbers as if it had not been stopped. Ended by ctx it writes one at once. A loss that is not finite ends the run
// before anything is saved.
func Train(ctx context.Context, recipe *Recipe, pictures *data.Pictures, dir string, options Options) (*Result, error) {
	result, err := train(ctx, recipe, pictures, dir, "", options)
	if different := (*DifferentRunError)(nil); options.Force && errors.As(err, &different) {
		branch := besides(dir)
		if options.Observer != nil {
			options.Observer.Say(fmt.Sprintf("%s %s: branching off into %s", different.Dir, different.Difference, branch))
		}
		return train(ctx, recipe, pictures, branch, dir, options)
	}
	return result, err
}

// train is Train that starts a new run in dir from what the run in the directory from has come to, unless that is empty.
func train(ctx context.Context, recipe *Recipe, pictures *data.Pictures, dir, from string, options Options) (*Result, error) {
	e, err := newEngine(recipe, pictures, options)
	if err != nil {
		return nil, err
	}
	defer e.close()
	e.from = from
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
	if e.run, unlock, err = e.openRun(dir, e.identify(pictures)); err != nil {
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
	options  Options
	observer Observer
	rows     *Rows

	net       *models.Network
	from      string              // run directory that a new run branches off from; empty for none
	continues bool                // the parameters are those of a checkpoint
	origin    origin              // the weight file that the run started from
	weights   *pretrained.Weights // open, if the run is new and not from random parameters

	run                       *run.Run
	backend                   compute.Backend
	backendInfo               *backend.Info
	devices                   *devices
	store                     *model.Store
	stores                    stores
	train, valid, outer, test source
	plans                     []*stagePlan
	testSet                   *data.Set // the one that test rows are of
	trainSet                  *data.Set
	state                     state
	saved                     time.Time   // when the last checkpoint was written
	savedStep                 int         // and after which step
	testSeconds               float64     // wall time of predicting the test part
	graphs                    *graphs     // of the current stage
	trunk                     *trunkCache // of the current stage; nil for none
}

// newEngine checks what recipe and tables tell, before a picture is opened.
func newEngine(recipe *Recipe, pictures *data.Pictures, options Options) (*engine, error) {
	if err := recipe.Check(); err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	options, err := options.filled()
	if err != nil {
		return nil, err
	}
	e := &engine{recipe: recipe, options: options, observer: options.Observer, trainSet: pictures.Train, testSet: pictures.Test}
	if e.testSet == nil {
		e.testSet = pictures.Train
	}
	if e.rows, err = recipe.Divide(pictures); err != nil {
		return nil, err
	}
	_, err = recipe.plans(e.trainSet, e.rows)
	return e, err
}

func (e *engine) close() {
	if e.weights != nil {
		_ = e.weights.Close()
	}
	if e.graphs != nil {
		e.graphs.finalize()
	}
	e.trunk.close()
	e.stores.close()
}

// save writes a checkpoint of the present state.
func (e *engine) save() error {
	path := filepath.Join(e.run.CheckpointDir(), e.state.extent().fileName())
	if err := saveCheckpoint(path, e.store, e.net, e.state); err != nil {
		return err
	}
	e.saved, e.savedStep = time.Now(), e.state.Step
	return prune(e.run.CheckpointDir(), e.state.extent(), e.options.Keep)
}
