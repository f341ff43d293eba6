package finetune

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/augment"
	"github.com/longwing-ml/longwing/toolkit/loss"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// graphs are the compiled programs of a stage.
type graphs struct {
	train *model.Exec // one step of training; nil where only predictions are made
	infer *model.Exec // pictures, or what a trunk cache holds of them → logits
	// statistics takes a batch into the running statistics alone; nil unless the stage keeps an average that needs it.
	statistics *model.Exec
}

// buildGraphs compiles a stage's programs for its one batch shape, so that no epoch's time has it in. Their input are
// pictures, or the outputs of a trunk cache if that is not nil.
func (e *engine) buildGraphs(stage Stage, plan *stagePlan, trunk *trunkCache) (*graphs, error) {
	input := pictureShape(e.recipe.Size, stage.Batch)
	if trunk != nil {
		input = trunk.shape(stage.Batch)
	}
	g := &graphs{}
	var err error
	if g.train, err = e.buildTraining(stage, plan, trunk != nil, input); err != nil {
		return nil, err
	}
	if stage.Average.Kind == optim.SWA && stage.BN.OrTrain() == nn.BNTrain {
		if g.statistics, err = e.buildStatistics(stage, trunk != nil, input); err != nil {
			g.finalize()
			return nil, err
		}
	}
	g.infer, err = compileOne(e, "inference", input, func(x *Node) *Node {
		b := nn.NewBuilder(e.store, nn.Options{Compute: e.recipe.compute()})
		if trunk == nil {
			x = e.buildTrunk(b, x, stage)
		}
		return e.net.Tail(b, ConvertDType(x, e.recipe.compute()), stage.FreezeBelow)
	})
	if err != nil {
		g.finalize()
		return nil, err
	}
	return g, nil
}

// buildTraining compiles a step of training.
func (e *engine) buildTraining(stage Stage, plan *stagePlan, isCached bool, input shapes.Shape) (*model.Exec, error) {
	train, err := model.NewExec(e.backend, e.store, func(_ *model.Scope, inputs []*Node) []*Node {
		x, labels, weights, seeds, views, lr, apply := inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], inputs[6]
		b := nn.NewBuilder(e.store, nn.Options{Seed: e.recipe.Seed, Training: true, BN: stage.BN, RandomSeeds: seeds,
			Compute: e.recipe.compute(), Recompute: stage.Recompute})
		var mixed augment.Mixed
		if !isCached {
			policy := e.recipe.Augment
			mixed = policy.Mix(policy.Apply(ConvertDType(x, dtypes.Float32), views), views, weights)
			x = e.buildTrunk(b, mixed.Pictures, stage)
		}
		logits := e.net.Tail(b, ConvertDType(x, e.recipe.compute()), stage.FreezeBelow)
		value := plan.loss.Mean(mixed.Targets(logits, labels, weights))
		norm := stage.Optimizer.StepWith(e.store, value, lr, optim.StepOptions{
			Multiplier: e.multiplier(stage), Weight: ReduceAllSum(weights), Apply: apply})
		if stage.Average.Kind == optim.EMA {
			if stage.Optimizer.Steps() == 1 {
				apply = nil
			}
			stage.Average.UpdateEMA(e.store, x.Graph(), apply)
		}
		return []*Node{value, loss.Hits(logits, labels, weights), norm}
	})
	if err != nil {
		return nil, fmt.Errorf("training graph: %w", err)
	}
	train = train.WithName("train")
	if err := e.devices.compile(train, inputShapes(input), shapes.Make(dtypes.Float32), shapes.Make(dtypes.Bool)); err != nil {
		train.Finalize()
		return nil, fmt.Errorf("compiling the training step: %w", err)
	}
	return train, nil
}

// multiplier is what the learning rate of a variable is multiplied by: the optimizer's layer decay once for each part of
// the network above the variable's own.
func (e *engine) multiplier(stage Stage) func(v *model.Variable) float64 {
	decay := stage.Optimizer.LayerDecay
	if decay == 0 {
		return nil
	}
	parts := e.net.CutPoints()
	return func(v *model.Variable) float64 {
		return math.Pow(decay, float64(len(parts)-1-slices.Index(parts, models.StageOf(v.Path()))))
	}
}

// buildTrunk builds a stage's frozen part on pictures.
func (e *engine) buildTrunk(b *nn.Builder, pictures *Node, stage Stage) *Node {
	return e.net.Trunk(b, e.net.Input(pictures), stage.FreezeBelow)
}

// buildInference compiles what predictions from pictures need.
func (e *engine) buildInference(stage Stage) error {
	if e.graphs != nil {
		e.graphs.finalize()
		e.graphs = nil
	}
	infer, err := compileOne(e, "inference", pictureShape(e.recipe.Size, stage.Batch), func(pictures *Node) *Node {
		return e.net.Logits(nn.NewBuilder(e.store, nn.Options{Compute: e.recipe.compute()}), pictures, stage.FreezeBelow)
	})
	if err != nil {
		return err
	}
	e.graphs = &graphs{infer: infer}
	return nil
}

// compileOne compiles a program of one input.
func compileOne(e *engine, name string, shape shapes.Shape, build func(x *Node) *Node) (*model.Exec, error) {
	exec, err := model.NewExec(e.backend, e.store, func(_ *model.Scope, x *Node) *Node { return build(x) })
	if err != nil {
		return nil, fmt.Errorf("%s graph: %w", name, err)
	}
	exec = exec.WithName(name)
	if _, err := exec.Compile(shape); err != nil {
		exec.Finalize()
		return nil, fmt.Errorf("compiling %s: %w", name, err)
	}
	return exec, nil
}

func (g *graphs) finalize() {
	for _, exec := range []*model.Exec{g.train, g.infer, g.statistics} {
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

// step takes a batch that was put on the devices; apply tells that accumulated gradients make a step after it.
func (e *engine) step(batch []any, lr float64, apply bool) (stepResult, error) {
	values, err := e.devices.call(e.graphs.train, batch, float32(lr), apply)
	if err != nil {
		return stepResult{}, err
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
