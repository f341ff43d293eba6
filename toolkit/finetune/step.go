package finetune

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
)

// graphs are the two compiled programs of a stage.
type graphs struct {
	train *model.Exec // one step of training
	infer *model.Exec // pictures → logits
}

func (r *Recipe) graphs(backend compute.Backend, store *model.Store, net *models.Network, stage Stage) (*graphs, error) {
	train, err := model.NewExec(backend, store, func(_ *model.Scope, inputs []*Node) []*Node {
		pictures, labels, weights, seeds, lr := inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]
		b := nn.NewBuilder(store, nn.Options{Seed: r.Seed, Training: true, BN: stage.BN, RandomSeeds: seeds})
		pictures = r.Augment.Apply(ConvertDType(pictures, lr.DType()), seeds)
		logits := net.Logits(b, pictures, stage.FreezeBelow)
		loss := crossEntropy(logits, labels, weights)
		norm := stage.Optimizer.Step(store, loss, lr)
		return []*Node{loss, hits(logits, labels, weights), norm}
	})
	if err != nil {
		return nil, fmt.Errorf("training graph: %w", err)
	}
	infer, err := model.NewExec(backend, store, func(_ *model.Scope, pictures *Node) *Node {
		return net.Logits(nn.NewBuilder(store, nn.Options{}), pictures, stage.FreezeBelow)
	})
	if err != nil {
		train.Finalize()
		return nil, fmt.Errorf("inference graph: %w", err)
	}
	g := &graphs{train.WithName("train"), infer.WithName("infer")}
	if err := g.compile(r.Size, stage.Batch); err != nil {
		g.finalize()
		return nil, err
	}
	return g, nil
}

// compile compiles both programs for the one batch shape of the stage, so that no epoch's time has it in.
func (g *graphs) compile(size, batchSize int) error {
	pictures := shapes.Make(dtypes.Uint8, batchSize, size, size, 3)
	perExample := func(dtype dtypes.DType, dims ...int) shapes.Shape {
		return shapes.Make(dtype, append([]int{batchSize}, dims...)...)
	}
	if _, err := g.train.Compile(pictures, perExample(dtypes.Int32), perExample(dtypes.Float32),
		perExample(dtypes.Uint32, 2), shapes.Make(dtypes.Float32)); err != nil {
		return fmt.Errorf("compiling the training step: %w", err)
	}
	if _, err := g.infer.Compile(pictures); err != nil {
		return fmt.Errorf("compiling inference: %w", err)
	}
	return nil
}

func (g *graphs) finalize() {
	g.train.Finalize()
	g.infer.Finalize()
}

// stepResult is what a training step tells.
type stepResult struct {
	loss         float64 // mean over the batch, before the update
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

// crossEntropy is the weighted mean of −log softmax(logits)[label]: logits [batch, classes], labels [batch] int32,
// weights [batch] → scalar.
func crossEntropy(logits, labels, weights *Node) *Node {
	oneHot := OneHot(labels, logits.Shape().Dim(1), logits.DType())
	perExample := Neg(ReduceSum(Mul(oneHot, LogSoftmax(logits)), 1))
	return Div(ReduceAllSum(Mul(perExample, weights)), ReduceAllSum(weights))
}

// hits is the number of examples of weight 1 whose largest logit is the label's.
func hits(logits, labels, weights *Node) *Node {
	right := Equal(ArgMax(logits, 1), labels)
	return ReduceAllSum(Where(right, weights, ZerosLike(weights)))
}
