package finetune

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

// graphs are the compiled programs of a stage.
type graphs struct {
	train *model.Exec // one step of training; nil where only predictions are made
	infer *model.Exec // pictures → logits
}

// buildGraphs compiles a stage's programs for its one batch shape, so that no epoch's time has it in.
func (e *engine) buildGraphs(stage Stage, plan *stagePlan) (*graphs, error) {
	train, err := model.NewExec(e.backend, e.store, func(_ *model.Scope, inputs []*Node) []*Node {
		pictures, labels, weights, seeds, lr := inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]
		b := nn.NewBuilder(e.store, nn.Options{Seed: e.recipe.Seed, Training: true, BN: stage.BN, RandomSeeds: seeds})
		pictures = e.recipe.Augment.Apply(ConvertDType(pictures, lr.DType()), seeds)
		logits := e.net.Logits(b, pictures, stage.FreezeBelow)
		value := plan.loss.Mean(logits, labels, weights)
		norm := stage.Optimizer.Step(e.store, value, lr)
		return []*Node{value, loss.Hits(logits, labels, weights), norm}
	})
	if err != nil {
		return nil, fmt.Errorf("training graph: %w", err)
	}
	g := &graphs{train: train.WithName("train")}
	if _, err := g.train.Compile(append(inputShapes(e.recipe.Size, stage.Batch), shapes.Make(dtypes.Float32))...); err != nil {
		g.finalize()
		return nil, fmt.Errorf("compiling the training step: %w", err)
	}
	if g.infer, err = e.inference(stage); err != nil {
		g.finalize()
		return nil, err
	}
	return g, nil
}

// buildInference compiles what predictions of a stage need, unless it is there.
func (e *engine) buildInference(stageIndex int) (err error) {
	if e.graphs == nil {
		e.graphs = &graphs{}
	}
	if e.graphs.infer == nil {
		e.graphs.infer, err = e.inference(e.recipe.Stages[stageIndex])
	}
	return err
}

func (e *engine) inference(stage Stage) (*model.Exec, error) {
	infer, err := model.NewExec(e.backend, e.store, func(_ *model.Scope, pictures *Node) *Node {
		return e.net.Logits(nn.NewBuilder(e.store, nn.Options{}), pictures, stage.FreezeBelow)
	})
	if err != nil {
		return nil, fmt.Errorf("inference graph: %w", err)
	}
	infer = infer.WithName("infer")
	if _, err := infer.Compile(inputShapes(e.recipe.Size, stage.Batch)[0]); err != nil {
		infer.Finalize()
		return nil, fmt.Errorf("compiling inference: %w", err)
	}
	return infer, nil
}

func (g *graphs) finalize() {
	for _, exec := range []*model.Exec{g.train, g.infer} {
		if exec != nil {
			exec.Finalize()
		}
	}
}

// stepResult is what a training step tells.
type stepResult struct {
	loss         float64 // of the batch, before the update
	hits         float64 // pictures classified right, before the update
	gradientNorm float64 // global L2 norm
}

func (g *graphs) step(b batch, lr float64) (stepResult, error) {
	outputs, err := g.train.Call(b.pictures, b.labels, b.weights, b.seeds, float32(lr))
	if err != nil {
		return stepResult{}, err
	}
	var values [3]float64
	for i, t := range outputs {
		values[i] = float64(tensors.ToScalar[float32](t))
		_ = t.FinalizeAll()
	}
	return stepResult{values[0], values[1], values[2]}, nil
}

// logits returns [batch, classes] row-major, filling included.
func (g *graphs) logits(b batch) ([]float32, error) {
	t, err := g.infer.Call1(b.pictures)
	if err != nil {
		return nil, err
	}
	values, err := tensors.CopyFlatData[float32](t)
	_ = t.FinalizeAll()
	return values, err
}
