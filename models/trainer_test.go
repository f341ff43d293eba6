package models_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
)

// TestGoMLXTrainer shows a network in GoMLX's own trainer: GoMLX tells by the scope whether the graph is for training, and
// the parameters lie at the store's root. The loss before the first step must be that of the network's logits.
func TestGoMLXTrainer(t *testing.T) {
	backend := xlatest.Open(t)
	net, err := models.New("densenet_mini", models.Head{Classes: 3})
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	logits := func(scope *model.Scope, pictures *Node) *Node {
		b := nn.NewBuilder(scope.Store(), nn.Options{Seed: 1, Training: scope.IsTraining(pictures.Graph())})
		return net.Logits(b, pictures, "head")
	}
	sgd := optimizer.StochasticGradientDescent().WithLearningRate(0.005).WithDecay(false).Done()
	trainer := train.NewTrainer(backend, store, logits, loss.SparseCategoricalCrossEntropyLogits, sgd, nil, nil)

	const n, size = 8, 32
	rng := seed.New(1)
	pixels, labels := make([]uint8, n*size*size*3), make([]int32, n)
	for i := range pixels {
		pixels[i] = uint8(rng.IntN(256))
	}
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	batch := func() train.Batch { // the trainer takes the tensors over
		return train.Batch{
			Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(pixels, n, size, size, 3)},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, n, 1)},
		}
	}
	var losses []float64
	for range 5 {
		metrics, err := trainer.TrainStep(batch())
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, float64(tensors.ToScalar[float32](metrics[0])))
	}

	fresh := model.NewStore() // the same seed gives the parameters of before the first step
	values, err := model.MustNewExec(backend, fresh, func(_ *model.Scope, pictures *Node) *Node {
		return net.Logits(nn.NewBuilder(fresh, nn.Options{Seed: 1}), pictures, "head")
	}).Call1(tensors.FromFlatDataAndDimensions(pixels, n, size, size, 3))
	if err != nil {
		t.Fatal(err)
	}
	want, flat := 0.0, tensors.MustCopyFlatData[float32](values)
	for i, label := range labels {
		sum := 0.0
		for class := range 3 {
			sum += math.Exp(float64(flat[3*i+class] - flat[3*i+int(label)]))
		}
		want += math.Log(sum) / n
	}
	if math.Abs(losses[0]-want) > 1e-5*want {
		t.Errorf("first loss %g, that of the logits is %g", losses[0], want)
	}
	if !(losses[4] < losses[0]) {
		t.Errorf("the losses don't fall: %v", losses)
	}
}
