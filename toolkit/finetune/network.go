package finetune

import (
	"context"
	"fmt"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// RandomWeights as a recipe's weights starts from initial values drawn from the seed.
const RandomWeights = "random"

// settle decides what the network is, before a picture is opened. Its convention belongs to the parameters: a run that
// goes on has it in its checkpoints, a new one takes that of its weights.
func (e *engine) settle(ctx context.Context, dir string) error {
	home := dir
	if e.from != "" {
		home = e.from
	}
	found, err := newestCheckpoint(run.CheckpointDirOf(home), silent{})
	if err != nil {
		return err
	}
	if e.from != "" {
		err = e.inheritOrigin()
	} else {
		e.origin, err = e.findOrigin(ctx, dir, found == nil)
	}
	if err != nil {
		return err
	}
	var convention models.Convention
	if e.continues = found != nil; e.continues {
		convention, err = found.convention()
	} else {
		convention, err = e.initialConvention()
	}
	if err != nil {
		return err
	}
	if e.net, err = e.recipe.network(e.trainSet.NumClasses(), convention); err != nil {
		return err
	}
	e.state.Classes = classesID(e.trainSet.ClassNames)
	if e.state.Recipe, err = e.recipe.id(); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("network: %s as in %s; pictures: %s, preprocessed as %s (%s)", e.net.Name, convention.Source,
		e.recipe.Resize.of(convention), convention.Preprocess.Mode, convention.Preprocess.Order))
	return nil
}

// initialConvention is that of the weights a new run starts from, which it opens and checks.
func (e *engine) initialConvention() (models.Convention, error) {
	if e.recipe.isRandom() {
		return e.recipe.convention()
	}
	w, err := pretrained.Open(e.origin.Path)
	if err != nil {
		return models.Convention{}, fmt.Errorf("key weights: %w", err)
	}
	e.weights = w
	if w.Model != e.recipe.Model {
		return w.Convention, fmt.Errorf("key weights: %s holds a %s, the recipe wants a %s", e.origin.Path, w.Model, e.recipe.Model)
	}
	if err := w.Check(); err != nil {
		return w.Convention, fmt.Errorf("key weights: %w", err)
	}
	return w.Convention, nil
}

// initialise gives the parameters of a new run their values.
func (e *engine) initialise() error {
	if e.weights == nil {
		e.observer.Say(fmt.Sprintf("initial parameters: random, head of %d classes", e.net.Head.Classes))
		return e.net.Init(e.store, e.recipe.Size, e.recipe.Seed)
	}
	loaded, err := e.weights.Load(e.store, e.net, e.recipe.Size, e.recipe.Seed)
	if err != nil {
		return fmt.Errorf("key weights: %w", err)
	}
	head := fmt.Sprintf("head of the same %d classes", e.net.Head.Classes)
	if !loaded.NewHead && classesOf(e.origin.Path) != e.state.Classes {
		// As many classes, but for all that is known others.
		loaded.NewHead = true
		if err := e.drawHead(); err != nil {
			return err
		}
	}
	if loaded.NewHead {
		head = fmt.Sprintf("new head of %d classes", e.net.Head.Classes)
	}
	e.observer.Say(fmt.Sprintf("initial parameters: %s, %s", e.origin.Path, head))
	return nil
}

// drawHead gives the last layer initial values.
func (e *engine) drawHead() error {
	if err := e.store.DeleteVariablesInScope("/" + models.HeadStage); err != nil {
		return err
	}
	return e.net.Init(e.store, e.recipe.Size, e.recipe.Seed)
}
