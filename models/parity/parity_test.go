package parity

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/models/pretrained"
)

func TestMain(m *testing.M) {
	// XLA reads it when the plugin is loaded. Programs compile twice as fast, by leaving out optimisations of the machine
	// code; those of the graph stay.
	_ = os.Setenv("XLA_FLAGS", strings.TrimSpace(os.Getenv("XLA_FLAGS")+" --xla_backend_optimization_level=0"))
	os.Exit(m.Run())
}

// What is allowed: relative to the largest number of a list (outputs), or to each number (the rest). The goldens are
// computed in float64, ours in float32.
//
// Gradients jump where rounding takes the input of a ReLU across 0. Inception-ResNet-v2 on small pictures has few pixels
// in its last blocks to even that out: Keras itself, in float64, changes its loss by 1.1e-5 and a stage's gradient by
// 1.9e-3 when the pictures are disturbed by 3e-6 of their size.
const (
	outputTolerance    = 1e-4
	lossTolerance      = 5e-5
	gradientTolerance  = 1e-2
	statisticTolerance = 1e-4
)

// TestNetworksEqualTheirLibraries loads each network of testdata from its library's tensors and compares logits, features
// and training steps.
func TestNetworksEqualTheirLibraries(t *testing.T) {
	for _, g := range readGoldens(t) {
		t.Run(g.Model+"-"+g.Source, func(t *testing.T) {
			p := &pair{golden: g}
			p.recognise(t)
			if testing.Short() {
				t.Skip("recognised; without -short its numbers are compared too, which takes minutes")
			}
			for _, want := range g.Inference {
				t.Run(fmt.Sprint("inference at ", want.Size), func(t *testing.T) { p.infer(t, want.Size, want.Logits, want.Features) })
			}
			for _, want := range g.Training.Steps {
				t.Run("training from "+want.Cut, func(t *testing.T) { p.train(t, want) })
			}
		})
	}
}

// pair is a network of ours and what its library computes.
type pair struct {
	*golden
	weights *pretrained.Weights
	net     *models.Network
}

// recognise finds out from tensors alone which network it is.
func (p *pair) recognise(t *testing.T) {
	var err error
	if p.weights, err = pretrained.Recognise(p.weightFile(t)); err != nil {
		t.Fatal(err)
	}
	if p.weights.Model != p.Model || p.weights.Convention.Source != p.Source || len(p.weights.Unmatched) > 0 {
		t.Fatalf("recognised as %s of %s, unmatched tensors %v", p.weights.Model, p.weights.Convention.Source, p.weights.Unmatched)
	}
	if p.weights.Head == nil {
		t.Fatal("the head was not recognised")
	}
	head := *p.weights.Head
	head.Dropout = 0
	if p.net, err = models.NewAs(p.weights.Model, p.weights.Convention, head); err != nil {
		t.Fatal(err)
	}
}

// store holds the file's parameters.
func (p *pair) store(t *testing.T, size int) *model.Store {
	store := model.NewStore()
	if loaded, err := p.weights.Load(store, p.net, size, 1); err != nil || loaded.NewHead {
		t.Fatalf("new head %v, %v", loaded.NewHead, err)
	}
	return store
}

func (p *pair) infer(t *testing.T, size int, wantLogits, wantFeatures [][]float64) {
	store := p.store(t, size)
	batch := len(wantLogits)
	outputs := run(t, store, func(inputs []*Node) []*Node {
		b := nn.NewBuilder(store, nn.Options{})
		return []*Node{p.net.Forward(b, inputs[0], models.HeadStage), p.net.Features(b, inputs[0])}
	}, tensors.FromFlatDataAndDimensions(pictures(batch, size), batch, size, size, 3))

	var logits, features []float64
	for _, v := range tensors.MustCopyFlatData[float32](outputs[0]) {
		logits = append(logits, float64(v))
	}
	for picture := range slices.Chunk(tensors.MustCopyFlatData[float32](outputs[1]), outputs[1].Shape().Dim(1)) {
		features = append(features, digest(picture)...)
	}
	check(t, "logits", outputTolerance, func() (float64, error) { return difference(logits, slices.Concat(wantLogits...)) })
	check(t, "features", outputTolerance, func() (float64, error) { return difference(features, slices.Concat(wantFeatures...)) })
}

func (p *pair) train(t *testing.T, want step) {
	size, batch := p.Training.Size, p.Training.Batch
	store := p.store(t, size)
	before := statistics(t, store)
	var stages []string
	outputs := run(t, store, func(inputs []*Node) []*Node {
		b := nn.NewBuilder(store, nn.Options{Training: true, BN: nn.BNTrain})
		loss := crossEntropy(p.net.Forward(b, inputs[0], want.Cut), inputs[1])
		var squares []*Node
		stages, squares = gradientSquares(store, loss)
		return append([]*Node{loss}, squares...)
	}, tensors.FromFlatDataAndDimensions(pictures(batch, size), batch, size, size, 3), tensors.FromValue(labels(batch, p.net.Head.Classes)))

	loss := float64(tensors.ToScalar[float32](outputs[0]))
	check(t, "loss", lossTolerance, func() (float64, error) { return difference([]float64{loss}, []float64{want.Loss}) })

	gradients := make(map[string]float64)
	for i, stage := range stages {
		gradients[stage] = math.Sqrt(tensors.ToScalar[float64](outputs[1+i]))
	}
	means, variances := make(map[string]float64), make(map[string]float64)
	for path, after := range statistics(t, store) {
		stage := stageOf(path)
		if _, trained := gradients[stage]; !trained {
			if !slices.Equal(after, before[path]) {
				t.Errorf("statistic %s of a frozen stage changed", path)
			}
			continue
		}
		change := means
		if strings.HasSuffix(path, "/variance") {
			change = variances
		}
		for i := range after {
			d := float64(after[i]) - float64(before[path][i])
			change[stage] += d * d
		}
	}
	for _, change := range []map[string]float64{means, variances} {
		for stage := range change {
			change[stage] = math.Sqrt(change[stage])
		}
	}
	checkStages(t, "gradients", gradientTolerance, gradients, want.Gradients)
	checkStages(t, "means", statisticTolerance, means, want.Means)
	checkStages(t, "variances", statisticTolerance, variances, want.Variances)
}

// run compiles and runs a graph once.
func run(t *testing.T, store *model.Store, build func(inputs []*Node) []*Node, inputs ...any) []*tensors.Tensor {
	exec, err := model.NewExec(xlatest.Open(t), store, func(_ *model.Scope, inputs []*Node) []*Node { return build(inputs) })
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return outputs
}

// crossEntropy is the mean of −log softmax(logits)[label]: logits [batch, classes], labels [batch] int32 → scalar.
func crossEntropy(logits, labels *Node) *Node {
	oneHot := OneHot(labels, logits.Shape().Dim(1), logits.DType())
	return Neg(ReduceAllMean(ReduceSum(Mul(oneHot, LogSoftmax(logits)), 1)))
}

// gradientSquares returns the names of the stages that have trainable parameters, and the sum of their gradient's squares
// as float64 scalars.
func gradientSquares(store *model.Store, loss *Node) ([]string, []*Node) {
	var variables []*model.Variable
	var values []*Node
	for v := range store.IterVariables() {
		if v.Trainable && v.InUseByGraph(loss.Graph()) {
			variables = append(variables, v)
			values = append(values, v.NodeValue(loss.Graph()))
		}
	}
	squares := make(map[string]*Node)
	for i, gradient := range Gradient(loss, values...) {
		stage := stageOf(variables[i].Path())
		sum := ReduceAllSum(ConvertDType(Square(gradient), dtypes.Float64))
		if squares[stage] != nil {
			sum = Add(squares[stage], sum)
		}
		squares[stage] = sum
	}
	stages := sortedKeys(squares)
	sums := make([]*Node, len(stages))
	for i, stage := range stages {
		sums[i] = squares[stage]
	}
	return stages, sums
}

// statistics are the running statistics in a store, by path.
func statistics(t *testing.T, store *model.Store) map[string][]float32 {
	all := values(t, store)
	maps.DeleteFunc(all, func(path string, _ []float32) bool { return !models.IsStatistic(path) })
	return all
}

// stageOf is the first element of a path such as /block1/layer01/bn1/mean.
func stageOf(path string) string { return strings.Split(path, "/")[1] }

// lastOf is the last element of a path.
func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func check(t *testing.T, what string, tolerance float64, measure func() (float64, error)) {
	t.Helper()
	d, err := measure()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	t.Logf("%s differ by %.1e", what, d)
	if !(d <= tolerance) {
		t.Errorf("%s differ by %.1e of their size, allowed are %.0e", what, d, tolerance)
	}
}

func checkStages(t *testing.T, what string, tolerance float64, got, want map[string]float64) {
	t.Helper()
	d, at, err := worst(got, want)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	t.Logf("%s differ by %.1e at most, in %s", what, d, at)
	if !(d <= tolerance) {
		t.Errorf("%s of %s differ by %.1e, allowed are %.0e", what, at, d, tolerance)
	}
}
