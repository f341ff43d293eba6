package finetune

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// prepare opens all that a run needs, and for a new one its initial parameters. Nothing in the run directory is written:
// what can't start leaves no run behind.
func (e *engine) prepare(ctx context.Context, pictures *data.Pictures, options Options) (err error) {
	if e.stores, err = openStores(ctx, pictures, e.recipe.Size, e.recipe.Resize.of(e.net.Convention), options, e.observer); err != nil {
		return err
	}
	e.train = newSource(e.stores.train, pictures.Train.Labels, e.rows.Train)
	e.valid = newSource(e.stores.train, pictures.Train.Labels, e.rows.Valid)
	e.outer = newSource(e.stores.train, pictures.Train.Labels, e.rows.Outer)
	e.test = newSource(e.stores.test, e.testSet.Labels, e.rows.Test)
	for _, part := range []struct {
		name   string
		source source
	}{{run.Valid, e.valid}, {run.Test, e.test}} {
		if len(part.source.rows) == 0 {
			return fmt.Errorf("%s: none of the pictures of the %s part can be read", pictures.Path, part.name)
		}
	}
	readable := &Rows{Train: e.train.rows, Valid: e.valid.rows, Test: e.test.rows}
	if e.plans, err = e.recipe.plans(e.trainSet, readable); err != nil {
		return err
	}
	if e.backend, e.backendInfo, err = backend.Open(); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("computing with %s on %s", e.backendInfo.Backend, e.backendInfo.Platform))
	if e.devices, err = newDevices(options.Devices, e.backend, e.recipe.Stages); err != nil {
		return err
	}
	e.store = model.NewStore()
	if e.continues {
		return nil
	}
	return e.initialise()
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
	newest, err := newestCheckpoint(e.run.CheckpointDir(), e.observer)
	if err != nil {
		return err
	}
	if newest == nil {
		if e.continues {
			return fmt.Errorf("run %s: its checkpoints are gone; start again in another directory", e.run.Dir())
		}
		return e.run.TruncateRecords(0, 0)
	}
	if err := e.load(newest); err != nil {
		return err
	}
	e.state = newest.state
	return e.goOn()
}

// load puts a checkpoint of this run into the store.
func (e *engine) load(c *checkpoint) error {
	s := c.state
	if s.Recipe != e.state.Recipe || s.Classes != e.state.Classes {
		return fmt.Errorf("%s is of another run", c.path)
	}
	return c.restore(e.store, e.net, e.recipe.Size)
}

// goOn makes sure that what came before the state is there, as far as the rest of the run needs it.
func (e *engine) goOn() error {
	e.observer.Say(fmt.Sprintf("continuing after %s of %d", e.state.done(), e.recipe.Epochs()))
	if e.state.BestEpoch > 0 && !e.state.finished(e.recipe) {
		if _, err := e.best(); err != nil {
			return err
		}
	}
	if err := e.run.TruncateRecords(e.state.Epoch, e.state.Step); err != nil {
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
