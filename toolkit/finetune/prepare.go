package finetune

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// prepare opens all that a run needs, and for a new one its initial parameters. Nothing in the run directory dir is
// written: what can't start leaves no run behind.
func (e *engine) prepare(ctx context.Context, pictures *data.Pictures, dir string, options Options) (err error) {
	if e.stores, err = openStores(ctx, pictures, e.recipe.Size, options, e.observer); err != nil {
		return err
	}
	e.train = newSource(e.stores.train, pictures.Train.Labels, e.rows.Train)
	e.valid = newSource(e.stores.train, pictures.Train.Labels, e.rows.Valid)
	e.test = newSource(e.stores.test, e.testSet.Labels, e.rows.Test)
	if err := e.checkBatches(len(e.train.rows)); err != nil {
		return err
	}
	for _, part := range []struct {
		name   string
		source source
	}{{run.Valid, e.valid}, {run.Test, e.test}} {
		if len(part.source.rows) == 0 {
			return fmt.Errorf("%s: none of the pictures of the %s part can be read", pictures.Path, part.name)
		}
	}
	if e.backend, e.backendInfo, err = backend.Open(); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("computing with %s on %s", e.backendInfo.Backend, e.backendInfo.Platform))
	e.store = model.NewStore()
	if err := e.net.Init(e.store, e.recipe.Size, e.recipe.Seed); err != nil {
		return err
	}
	e.state = state{Model: e.net.Name, Classes: classesID(e.trainSet.ClassNames)}
	epochs, err := epochCheckpoints(run.CheckpointDirOf(dir))
	if err != nil || len(epochs) > 0 {
		return err
	}
	e.fresh = true
	said, err := loadWeights(e.recipe.Weights, e.store, e.state)
	if err != nil {
		return err
	}
	e.observer.Say(said)
	return nil
}

func (e *engine) recordCircumstances() error {
	info := e.backendInfo
	environment := run.CurrentEnvironment()
	environment.Backend, environment.Plugin = info.Backend, info.Plugin
	environment.Platform, environment.Devices = info.Platform, info.Devices
	if err := e.run.WriteEnvironment(environment); err != nil {
		return err
	}
	counts := make([]int, e.trainSet.NumClasses())
	for _, row := range e.train.rows {
		counts[e.trainSet.Labels[row]]++
	}
	return e.run.WriteClasses(run.Classes{Names: e.trainSet.ClassNames, TrainingCounts: counts})
}

// loadState continues from the newest checkpoint that is whole, if there is one.
func (e *engine) loadState() error {
	epochs, err := epochCheckpoints(e.run.CheckpointDir())
	if err != nil {
		return err
	}
	for _, epoch := range epochs {
		content, s, err := readCheckpoint(filepath.Join(e.run.CheckpointDir(), epochName(epoch)))
		if err != nil {
			e.observer.Say(fmt.Sprintf("passing over %v", err))
			continue
		}
		if err := restore(e.store, content); err != nil {
			return err
		}
		e.state = s
		return e.goOn()
	}
	if !e.fresh {
		return fmt.Errorf("run %s: none of its %d checkpoints can be read; start again in another directory", e.run.Dir(), len(epochs))
	}
	return e.run.TruncateRecords(-1)
}

// goOn makes sure that what came before the state's epoch is there, as far as the rest of the run needs it.
func (e *engine) goOn() error {
	e.observer.Say(fmt.Sprintf("continuing after epoch %d of %d", e.state.Epoch, e.recipe.Epochs()))
	if e.state.Epoch < e.recipe.Epochs() {
		if _, _, err := readCheckpoint(filepath.Join(e.run.CheckpointDir(), bestName)); err != nil {
			return fmt.Errorf("best checkpoint: %w; start again in another directory", err)
		}
	}
	if err := e.run.TruncateRecords(e.state.Step); err != nil {
		return err
	}
	records, err := e.run.Records()
	if err != nil {
		return err
	}
	epochs := 0
	for _, r := range records {
		if r.Phase == run.Valid {
			epochs++
		}
	}
	if epochs != e.state.Epoch {
		e.observer.Say(fmt.Sprintf("%s has lines of %d epochs, not of %d: what is missing stays missing", e.run.MetricsPath(), epochs, e.state.Epoch))
	}
	return nil
}
